import type { DesiredProgram, DesiredRelease, ResolvedField } from '../model/desired.ts';
import { list } from '../validate/read.ts';
import { type FieldPath, fields, isField, isVariable, pathsOf } from '../words/fields.ts';
import { type Place, pointer } from '../words/places.ts';
import { domainParts, looksLikeTestHost } from './domains.ts';
import { type LintFinding, placeKey } from './finding.ts';

/** The value at a place, as it was written. */
export type ValueAt = (place: Place) => unknown;

/** What is unusual about what a program's releases come to, all layers merged. */
export function effectiveFindings(program: DesiredProgram, valueAt: ValueAt): LintFinding[] {
  return [
    ...tooMany(program),
    ...testHosts(program, valueAt),
    ...merchantsInBoth(program),
    ...equalToGlobal(program),
  ];
}

/** The release's own value, else the declared global one. */
function effective(
  program: DesiredProgram,
  release: DesiredRelease,
  path: FieldPath,
): ResolvedField | undefined {
  return release.config[path] ?? (isField(path) ? program.global?.config[path] : undefined);
}

function lastOrigin({ origins }: ResolvedField): Place {
  return origins.at(-1) ?? origins[0];
}

const limits = [
  { field: 'serverDomains', most: 30, rule: 'too-many-domains', unit: 'server domains' },
  { field: 'wapUrls', most: 30, rule: 'too-many-domains', unit: 'WAP URLs' },
  { field: 'testers', most: 100, rule: 'too-many-testers', unit: 'testers' },
] as const;

function tooMany(program: DesiredProgram): LintFinding[] {
  const configs = [program.global?.config ?? {}, ...program.releases.map(({ config }) => config)];
  return configs.flatMap((config) =>
    limits.flatMap(({ field, most, rule, unit }) => {
      const found = config[field];
      if (found?.value.kind !== 'list' || found.value.items.length <= most) return [];
      const count = found.value.items.length;
      return [
        {
          rule,
          place: lastOrigin(found),
          message: `${count} ${unit} come together here; more than ${most} may be refused.`,
          nextStep: 'Remove those that are no longer needed.',
          value: String(count),
        },
      ];
    }),
  );
}

function testHosts(program: DesiredProgram, valueAt: ValueAt): LintFinding[] {
  return program.releases
    .filter(({ key }) => key.environment === 'Production')
    .flatMap((release) =>
      pathsOf(release.config, program.global?.config).flatMap((path) => {
        const found = effective(program, release, path);
        return found === undefined ? [] : testHostsOf(path, found, valueAt);
      }),
    );
}

function testHostsOf(path: FieldPath, field: ResolvedField, valueAt: ValueAt): LintFinding[] {
  return urlsOf(path, field).flatMap((url) => {
    const host = domainParts(url)?.host;
    if (host === undefined || !looksLikeTestHost(host)) return [];
    return [
      {
        rule: 'sandbox-host-in-production',
        place: placeOf(url, field, valueAt),
        message: `${url} looks like a host for tests, and users of Production would depend on it.`,
        nextStep:
          'Write the host for Production, or move this one to the targets that are for tests.',
        value: url,
      },
    ];
  });
}

/** The hosts a field names; of a variable only if its literal is a URL. */
function urlsOf(path: FieldPath, { value }: ResolvedField): readonly string[] {
  if (value.kind === 'list') return path === 'testers' ? [] : value.items;
  if (value.kind === 'text' && isVariable(path) && /^(?:https?|wss?):\/\//i.test(value.text))
    return [value.text];
  return [];
}

/** The entry itself, in the highest layer that holds it. */
function placeOf(entry: string, field: ResolvedField, valueAt: ValueAt): Place {
  for (const origin of field.origins.toReversed()) {
    const index = list(valueAt(origin)).indexOf(entry);
    if (index !== -1) return { ...origin, pointer: origin.pointer + pointer(index) };
  }
  return lastOrigin(field);
}

function merchantsInBoth(program: DesiredProgram): LintFinding[] {
  const apps = new Set(program.releases.map(({ key }) => key.app));
  return [...apps].flatMap((app) => {
    const inSandbox = merchants(program, app, 'Sandbox');
    const inProduction = merchants(program, app, 'Production');
    return [...inProduction].flatMap(([id, place]) => {
      const other = inSandbox.get(id);
      if (other === undefined) return [];
      return [
        {
          rule: 'merchant-in-both' as const,
          place,
          ...(placeKey(other) === placeKey(place) ? {} : { related: [other] }),
          message: `Merchant ${id} is paid in both Sandbox and Production of ${app}.`,
          nextStep: 'Give Sandbox the merchant id for tests.',
          value: id,
        },
      ];
    });
  });
}

function merchants(
  program: DesiredProgram,
  app: string,
  environment: string,
): ReadonlyMap<string, Place> {
  const found = new Map<string, Place>();
  for (const release of program.releases) {
    const field = effective(program, release, 'merchantId');
    const isHere = release.key.app === app && release.key.environment === environment;
    if (isHere && field?.value.kind === 'text') found.set(field.value.text, lastOrigin(field));
  }
  return found;
}

/**
 * Values that change nothing. A place counts only if it changes nothing in any release: a profile may be equal for one
 * program and needed for another target.
 */
function equalToGlobal(program: DesiredProgram): LintFinding[] {
  const verdicts = new Map<
    string,
    { readonly place: Place; readonly path: FieldPath; readonly equal: boolean }
  >();
  for (const { config } of program.releases) {
    for (const path of fields) {
      const [own, global] = [config[path], program.global?.config[path]];
      if (own === undefined) continue;
      const place = lastOrigin(own);
      const before = verdicts.get(placeKey(place))?.equal ?? true;
      verdicts.set(placeKey(place), { place, path, equal: before && isSame(own, global) });
    }
  }
  return [...verdicts.values()]
    .filter(({ equal }) => equal)
    .map(({ place, path }) => ({
      rule: 'equal-to-global' as const,
      place,
      ...globalPlace(program, path),
      message: `${path} is what the global configuration gives anyway.`,
      nextStep: 'Remove the line; to drop what a lower layer gives, name the field in unset.',
    }));
}

function globalPlace(
  program: DesiredProgram,
  path: FieldPath,
): { readonly related?: readonly Place[] } {
  const global = isField(path) ? program.global?.config[path] : undefined;
  return global === undefined ? {} : { related: [lastOrigin(global)] };
}

function isSame(own: ResolvedField, global: ResolvedField | undefined): boolean {
  if (global === undefined || own.value.kind !== global.value.kind) return false;
  if (own.value.kind === 'text' && global.value.kind === 'text')
    return own.value.text === global.value.text;
  if (own.value.kind !== 'list' || global.value.kind !== 'list') return false;
  const [a, b] = [own.value.items, global.value.items];
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
