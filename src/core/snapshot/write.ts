import { apiVersion } from '../kinds/common.ts';
import type { DesiredProgram } from '../model/desired.ts';
import type {
  Capabilities,
  ObservedProgram,
  ObservedRelease,
  ObservedTargetApp,
} from '../model/observed.ts';
import { environments } from '../words/environments.ts';
import { type ObservedConfig, type ObservedValue, pathsOf, variableName } from '../words/fields.ts';
import { compareText, type ProgramId, programId } from '../words/keys.ts';
import { type EpochMs, isoTime } from '../words/time.ts';
import { compareVersions } from '../words/versions.ts';
import { newDocument, writeDocument } from '../yaml/write.ts';
import type { Snapshot, SnapshotProgram, SnapshotRelease, SnapshotValues } from './schema.ts';

/** Releases of one document: so many are read in a moment and stay far within the limits of a file. */
const releasesPerDocument = 100;

export interface SnapshotInput {
  readonly platform: string;
  readonly emulator: boolean;
  readonly capabilities: Capabilities;
  readonly observedAt: EpochMs;
  readonly programs: readonly ObservedProgram[];
  /** What is declared: a variable stands in clear only if its program declares this very literal for it. */
  readonly declared: readonly DesiredProgram[];
}

/**
 * The text of a snapshot file: what a plan must know of a platform, without any secret.
 *
 * Made for Git: in a stable order, one change one line, and nothing in it that changes by itself but `observedAt`. No
 * revisions and no test QR codes: a plan made from a file has nothing to do with them.
 *
 * @see docs: Snapshots
 */
export function writeSnapshot(input: SnapshotInput): string {
  const { platform, emulator, capabilities, observedAt, programs } = input;
  const head: Snapshot = {
    ...{ apiVersion, kind: 'Snapshot', platform, emulator },
    observedAt: isoTime(observedAt),
    capabilities,
  };
  const literals = publicLiterals(input.declared);
  const documents = programs
    .toSorted((a, b) => compareText(programId(a.key), programId(b.key)))
    .flatMap((program) => programDocuments(program, literals.get(programId(program.key))));
  const comment =
    ' What a platform held when it was read. No secret stands here.\n A variable is only named unless the declarations give the same literal.';
  const [first, ...others] = [head, ...documents].map(newDocument);
  if (first === undefined) return '';
  first.commentBefore = comment;
  return [first, ...others].map(writeDocument).join('---\n');
}

type SnapshotTarget = NonNullable<SnapshotProgram['targets']>[number];

/** Literals that the declarations of a program give a variable, by `name` and value: public by definition. */
type Literals = ReadonlyMap<string, ReadonlySet<string>>;

function publicLiterals(declared: readonly DesiredProgram[]): ReadonlyMap<ProgramId, Literals> {
  return new Map(declared.map((program) => [programId(program.key), literalsOf(program)]));
}

function literalsOf({ releases }: DesiredProgram): Literals {
  const literals = new Map<string, Set<string>>();
  for (const { config } of releases.flatMap((release) => [release, ...(release.rivals ?? [])])) {
    for (const path of pathsOf(config)) {
      const name = variableName(path);
      const value = config[path]?.value;
      if (name === undefined || value?.kind !== 'text') continue;
      literals.set(name, (literals.get(name) ?? new Set()).add(value.text));
    }
  }
  return literals;
}

function programDocuments(
  program: ObservedProgram,
  literals: Literals | undefined,
): SnapshotProgram[] {
  const { workspace, miniProgram, platform } = program.key;
  const frame = { apiVersion, kind: 'SnapshotProgram', platform, workspace, miniProgram } as const;
  const { complete } = program;
  const releases = Object.values(program.releases)
    .toSorted(byVersion)
    .map((release) => releaseOf(release, literals));
  const first: SnapshotProgram = {
    ...{ ...frame, complete },
    ...(program.existence === 'missing' && { exists: false }),
    ...factsOf(program),
    ...(releases.length > 0 && { releases: releases.slice(0, releasesPerDocument) }),
  };
  const documents = [first];
  for (let from = releasesPerDocument; from < releases.length; from += releasesPerDocument)
    documents.push({
      ...frame,
      complete,
      releases: releases.slice(from, from + releasesPerDocument),
    });
  return documents;
}

function factsOf({ miniProgram, versions, targets }: ObservedProgram): Partial<SnapshotProgram> {
  const { name, type, domainsGranted, global } = miniProgram ?? {};
  return {
    ...(name !== undefined && { name }),
    ...(type !== undefined && { type }),
    ...(domainsGranted !== undefined && { domainsGranted }),
    ...(global !== undefined && {
      global: {
        ...(global.mark !== undefined && { mark: global.mark }),
        ...valuesOf(global.config, undefined),
        source: 'exported',
      },
    }),
    ...(versions !== undefined && { versions: versions.toSorted(compareVersions) }),
    ...(targets !== undefined && {
      targets: targets.toSorted((a, b) => compareText(a.app, b.app)).map(targetOf),
    }),
  };
}

function targetOf({
  app,
  name,
  environments: offered,
  ...more
}: ObservedTargetApp): SnapshotTarget {
  return { app, ...(name !== undefined && { name }), environments: inOrder(offered), ...more };
}

function inOrder<T extends (typeof environments)[number]>(some: readonly T[]): T[] {
  return some.toSorted((a, b) => environments.indexOf(a) - environments.indexOf(b));
}

function byVersion({ key: a }: ObservedRelease, { key: b }: ObservedRelease): number {
  return (
    compareVersions(a.version, b.version) ||
    compareText(a.app, b.app) ||
    environments.indexOf(a.environment) - environments.indexOf(b.environment)
  );
}

function releaseOf(release: ObservedRelease, literals: Literals | undefined): SnapshotRelease {
  const { key, status, id, mark, config, frozen } = release;
  const { version, app, environment } = key;
  return {
    ...{ version, app, environment, status },
    ...(id !== '' && { id }),
    ...(mark !== undefined && { mark }),
    ...valuesOf(config, literals),
    ...(frozen !== undefined && { frozen: valuesOf(frozen, literals).config }),
    source: 'exported',
  };
}

/** Fields whose value is set and cannot be seen are told from those that inherit. */
function valuesOf(
  config: ObservedConfig,
  literals: Literals | undefined,
): { readonly config: SnapshotValues; readonly unknown?: string[] } {
  const variables: NonNullable<SnapshotValues['environmentVariables']> = [];
  const values: Record<string, string | string[]> = {};
  const unknown: string[] = [];
  for (const path of pathsOf(config)) {
    const value = config[path];
    const name = variableName(path);
    if (value === undefined) continue;
    if (name !== undefined) variables.push(variableOf(name, value, literals?.get(name)));
    else if (value.kind === 'text') values[path] = value.text;
    else if (value.kind === 'list') values[path] = [...value.items];
    else unknown.push(path);
  }
  return {
    config: { ...values, ...(variables.length > 0 && { environmentVariables: variables }) },
    ...(unknown.length > 0 && { unknown }),
  };
}

type Variable = NonNullable<SnapshotValues['environmentVariables']>[number];

/** A value is written only as the declared literal it equals, never as what was observed. */
function variableOf(
  name: string,
  value: ObservedValue,
  literals: ReadonlySet<string> = new Set(),
): Variable {
  if (value.kind !== 'sealed') return { name, set: true };
  const literal = [...literals].find((text) => value.secret.equals(text));
  return literal === undefined ? { name, set: true } : { name, value: literal };
}
