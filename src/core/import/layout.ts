import { environments } from '../words/environments.ts';
import { type FieldPath, pathsOf } from '../words/fields.ts';
import { compareText, type Target, type TargetId, targetId } from '../words/keys.ts';
import { compareVersions, isNewer } from '../words/versions.ts';
import { canonicalJson } from '../words/digests.ts';
import type { Values, Wanted } from './wanted.ts';

/** What one layer says. */
export interface LayerPlan {
  readonly profiles: readonly string[];
  readonly values: Values;
  readonly unset: readonly FieldPath[];
}

export interface StandingPlan extends LayerPlan {
  readonly target: Target;
}

export interface TargetPlan extends LayerPlan {
  readonly wanted: Wanted;
}

export interface ReleasePlan {
  readonly version: string;
  /** Selected whole: the version goes to every standing target there. */
  readonly environments: readonly (typeof environments)[number][];
  readonly layer: LayerPlan;
  /** Targets to list: what is not selected, and what differs from its standing target. */
  readonly targets: readonly TargetPlan[];
  /** Targets that are selected and not listed, for what there is to say about them. */
  readonly selected: readonly Wanted[];
}

/** How the declarations of a program are laid out. */
export interface Layout {
  /** Tester lists that repeat, by the name of their profile. */
  readonly profiles: ReadonlyMap<string, Values>;
  readonly standing: readonly StandingPlan[];
  /** Newest first. */
  readonly releases: readonly ReleasePlan[];
}

const maxTargets = 256;
const nothing: LayerPlan = { profiles: [], values: {}, unset: [] };

/** Everything said where it applies, nothing shared: what is left when sharing would change something, or be too large. */
export function explicitLayout(wanted: readonly Wanted[]): Layout {
  const releases = versionsOf(wanted).flatMap(([version, own]) =>
    chunked(own).map((part): ReleasePlan => ({
      version,
      environments: [],
      layer: nothing,
      targets: part.map((each) => ({ ...nothing, wanted: each, values: each.values })),
      selected: [],
    })),
  );
  return { profiles: new Map(), standing: [], releases };
}

/**
 * A standing target for every target any release went to, with the values of its newest version; releases say only
 * what differs from it.
 */
export function sharedLayout(
  wanted: readonly Wanted[],
  profileName: (base: string) => string,
): Layout {
  const newest = newestByTarget(wanted);
  const usable =
    newest.size <= maxTargets && versionsOf(wanted).every(([, own]) => own.length <= maxTargets);
  if (!usable) return explicitLayout(wanted);
  const profiles = testerProfiles([...newest.values()], profileName);
  const standing = [...newest.values()].map((each): StandingPlan => ({
    ...withProfile({ ...nothing, values: each.values }, profiles),
    target: { app: each.key.app, environment: each.key.environment },
  }));
  const standingIds = new Map([...newest].map(([id, each]) => [id, each]));
  const releases = versionsOf(wanted).map(([version, own]) =>
    releasePlan(version, own, standingIds),
  );
  return { profiles: named(profiles), standing, releases };
}

/** Profiles by the canonical text of their tester list. */
type Profiles = ReadonlyMap<string, { readonly name: string; readonly values: Values }>;

function named(profiles: Profiles): ReadonlyMap<string, Values> {
  return new Map([...profiles.values()].map(({ name, values }) => [name, values]));
}

function testerProfiles(
  standing: readonly Wanted[],
  profileName: (base: string) => string,
): Profiles {
  const uses = new Map<string, Wanted[]>();
  for (const each of standing) {
    const { testers } = each.values;
    if (testers === undefined) continue;
    const text = canonicalJson(testers);
    uses.set(text, [...(uses.get(text) ?? []), each]);
  }
  const repeated = [...uses].filter(([, all]) => all.length > 1);
  return new Map(
    repeated.map(([text, all]) => {
      const { testers } = all[0]?.values ?? {};
      const where = new Set(all.map(({ key }) => key.environment.toLowerCase()));
      const base = where.size === 1 ? `testers-${[...where].join('')}` : 'testers';
      return [text, { name: profileName(base), values: testers === undefined ? {} : { testers } }];
    }),
  );
}

function withProfile(layer: LayerPlan, profiles: Profiles): LayerPlan {
  const { testers, ...values } = layer.values;
  const profile = testers === undefined ? undefined : profiles.get(canonicalJson(testers));
  return profile === undefined ? layer : { ...layer, profiles: [profile.name], values };
}

function newestByTarget(wanted: readonly Wanted[]): ReadonlyMap<TargetId, Wanted> {
  const newest = new Map<TargetId, Wanted>();
  for (const each of wanted) {
    const id = targetId(each.key);
    const known = newest.get(id);
    if (known === undefined || isAhead(each.key.version, known.key.version)) newest.set(id, each);
  }
  return new Map([...newest].sort(([, a], [, b]) => byTarget(a, b)));
}

/** Whether a version is the newer one; a version without an order is older than all that have one. */
function isAhead(version: string, other: string): boolean {
  if (hasOrder(version) !== hasOrder(other)) return hasOrder(version);
  return compareVersions(version, other) > 0;
}

function hasOrder(version: string): boolean {
  return isNewer(version, '0') || isNewer('1', version);
}

function byTarget({ key: a }: Wanted, { key: b }: Wanted): number {
  return (
    compareText(a.app, b.app) ||
    environments.indexOf(a.environment) - environments.indexOf(b.environment)
  );
}

function versionsOf(wanted: readonly Wanted[]): [string, Wanted[]][] {
  const versions = new Map<string, Wanted[]>();
  for (const each of wanted.toSorted(byTarget))
    versions.set(each.key.version, [...(versions.get(each.key.version) ?? []), each]);
  return [...versions].sort(([a], [b]) => compareVersions(b, a));
}

function releasePlan(
  version: string,
  own: readonly Wanted[],
  standing: ReadonlyMap<TargetId, Wanted>,
): ReleasePlan {
  const ids = new Set(own.map(({ key }) => targetId(key)));
  const whole = environments.filter((environment) => {
    const there = [...standing].filter(([, { key }]) => key.environment === environment);
    return there.length > 0 && there.every(([id]) => ids.has(id));
  });
  const plans = own.map((each) => ({
    ...difference(each, standing.get(targetId(each.key))),
    wanted: each,
  }));
  const layer = commonLayer(plans);
  const targets = plans.map((plan): TargetPlan =>
    layer === nothing ? plan : { ...nothing, wanted: plan.wanted },
  );
  const isSelected = (plan: TargetPlan): boolean => whole.includes(plan.wanted.key.environment);
  return {
    ...{ version, environments: whole, layer },
    targets: targets.filter((plan) => !isSelected(plan) || !isEmpty(plan)),
    selected: targets
      .filter((plan) => isSelected(plan) && isEmpty(plan))
      .map(({ wanted }) => wanted),
  };
}

function difference({ values }: Wanted, below: Wanted | undefined): LayerPlan {
  const base = below?.values ?? {};
  const differs = pathsOf(values).filter(
    (path) => base[path] === undefined || canonicalJson(values[path]) !== canonicalJson(base[path]),
  );
  return {
    profiles: [],
    values: Object.fromEntries(differs.map((path) => [path, values[path]])),
    unset: pathsOf(base).filter((path) => values[path] === undefined),
  };
}

/** What every one of several targets says alike is said once, by the release. */
function commonLayer(plans: readonly TargetPlan[]): LayerPlan {
  const [first, ...others] = plans;
  if (first === undefined || others.length === 0 || isEmpty(first)) return nothing;
  const said = ({ values, unset }: LayerPlan): string => canonicalJson({ values, unset });
  if (others.some((other) => said(other) !== said(first))) return nothing;
  return { profiles: [], values: first.values, unset: first.unset };
}

function isEmpty({ profiles, values, unset }: LayerPlan): boolean {
  return profiles.length === 0 && unset.length === 0 && Object.keys(values).length === 0;
}

/** What one document may hold of targets and their values: far within the limits of a file that is read. */
const roomy = { targets: 200, entries: 2000, characters: 100_000 };

/** Cuts targets into documents; one target is never cut. */
function chunked(all: readonly Wanted[]): Wanted[][] {
  const chunks: Wanted[][] = [];
  let room = 0;
  for (const each of all) {
    const share = shareOf(each);
    const last = chunks.at(-1);
    if (last !== undefined && share <= room) last.push(each);
    else {
      chunks.push([each]);
      room = 1;
    }
    room -= share;
  }
  return chunks;
}

/** Which part of a document a target takes, about. */
function shareOf({ values }: Wanted): number {
  const entries = pathsOf(values).flatMap((path) => {
    const value = values[path];
    if (value?.kind === 'list') return value.items;
    return value?.kind === 'text' ? [value.text] : [];
  });
  const characters = entries.reduce((sum, { length }) => sum + length + 12, 0);
  return Math.max(1 / roomy.targets, entries.length / roomy.entries, characters / roomy.characters);
}
