import {
  type ObservedMiniProgram,
  type ObservedRelease,
  type ObservedTargetApp,
  revision,
} from '../model/observed.ts';
import { parseMoment } from '../resolve/moment.ts';
import {
  listFields,
  listOf,
  type ObservedConfig,
  type ObservedValue,
  stringFields,
  variablePath,
} from '../words/fields.ts';
import {
  type ProgramId,
  programId,
  type ProgramKey,
  type ReleaseId,
  releaseId,
} from '../words/keys.ts';
import type { Problem } from '../words/problems.ts';
import { SecretText } from '../words/secret-text.ts';
import { type EpochMs, epochMs } from '../words/time.ts';
import type { Chunk } from './chunks.ts';
import type { SnapshotProgram, SnapshotRelease, SnapshotSource, SnapshotValues } from './schema.ts';

/** What a snapshot knows of one program, in the words of an observation. */
export interface KnownProgram {
  readonly key: ProgramKey;
  readonly exists: boolean;
  /** Every release of the program is known. */
  readonly complete: boolean;
  /** Absent where the snapshot does not tell, or the program does not exist. */
  readonly miniProgram?: ObservedMiniProgram;
  readonly releases: readonly ObservedRelease[];
  /** Absent: nobody looked. */
  readonly versions?: readonly string[];
  readonly targets?: readonly ObservedTargetApp[];
  readonly attestedAt?: EpochMs;
  /** Some of it was seen or exported by a person: nothing says that a machine can reach the platform. */
  readonly byHand: boolean;
}

/** Nothing that comes from a file has a revision: no write may be built on it. */
const noRevision = revision('snapshot');

interface Part {
  readonly value: SnapshotProgram;
  readonly chunk: Chunk;
}

/** Joins the documents of each program: a large one stands in several. */
export function joinPrograms(parts: readonly Part[]): {
  readonly programs: readonly KnownProgram[];
  readonly problems: readonly Problem[];
} {
  const byId = new Map<ProgramId, Part[]>();
  for (const part of parts) {
    const { platform, workspace, miniProgram } = part.value;
    const id = programId({ platform, workspace, miniProgram });
    byId.set(id, [...(byId.get(id) ?? []), part]);
  }
  const groups = [...byId.values()];
  return {
    programs: groups.flatMap((group) => knownProgram(group.map(({ value }) => value))),
    problems: groups.flatMap(doubles),
  };
}

function doubles(parts: readonly Part[]): Problem[] {
  const seen = new Set<ReleaseId>();
  return parts.flatMap(({ value, chunk }) =>
    (value.releases ?? []).flatMap((release, index) => {
      const id = releaseId(keyOf(value, release));
      if (!seen.has(id)) {
        seen.add(id);
        return [];
      }
      return [
        chunk.problem(`/releases/${index}`, {
          rule: 'snapshot-release',
          message: `Release ${release.version} ${release.app}/${release.environment} stands twice in this snapshot.`,
          nextStep: 'Keep the one that is true.',
        }),
      ];
    }),
  );
}

function keyOf(
  { platform, workspace, miniProgram }: SnapshotProgram,
  { version, app, environment }: SnapshotRelease,
): ObservedRelease['key'] {
  return { platform, workspace, miniProgram, version, app, environment };
}

function knownProgram(parts: readonly SnapshotProgram[]): KnownProgram[] {
  const [first] = parts;
  if (first === undefined) return [];
  const { platform, workspace, miniProgram, versions, targets } = first;
  const key = { platform, workspace, miniProgram };
  const exists = first.exists !== false;
  const described = exists ? miniProgramOf(key, first) : undefined;
  const sources = parts.flatMap(sourcesOf);
  const attested = sources.flatMap(attestedAt);
  return [
    {
      ...{ key, exists },
      complete: parts.every((part) => part.complete),
      byHand: sources.some((source) => source !== 'exported'),
      releases: parts.flatMap((part) =>
        (part.releases ?? []).map((release) => releaseOf(part, release)),
      ),
      ...(described && { miniProgram: described }),
      ...(versions && { versions }),
      ...(targets && { targets }),
      ...(attested.length > 0 && { attestedAt: epochMs(Math.max(...attested)) }),
    },
  ];
}

function miniProgramOf(
  key: ProgramKey,
  { name, type, domainsGranted, global }: SnapshotProgram,
): ObservedMiniProgram | undefined {
  if (global === undefined) return undefined;
  return {
    key,
    ...(name !== undefined && { name }),
    ...(type !== undefined && { type }),
    ...(domainsGranted !== undefined && { domainsGranted }),
    global: {
      revision: noRevision,
      ...(global.mark !== undefined && { mark: global.mark }),
      config: configOf(global.config, global.unknown),
    },
  };
}

function releaseOf(program: SnapshotProgram, release: SnapshotRelease): ObservedRelease {
  const { id = '', status, mark, config, frozen, unknown } = release;
  return {
    ...{ key: keyOf(program, release), id, status, revision: noRevision },
    ...(mark !== undefined && { mark }),
    config: configOf(config, unknown),
    ...(frozen !== undefined && { frozen: configOf(frozen, undefined) }),
  };
}

/** A field that nobody has seen stands as one whose value is hidden: it may be anything, and is never called equal. */
function configOf(values: SnapshotValues, unknown: readonly string[] = []): ObservedConfig {
  return Object.fromEntries([
    ...stringFields.flatMap((path) =>
      entry(path, values[path], (text) => ({ kind: 'text', text })),
    ),
    ...listFields.flatMap((path) => entry(path, values[path], listOf)),
    ...(values.environmentVariables ?? []).map(variableEntry),
    ...unknown.map((path): Entry => [path, { kind: 'hidden' }]),
  ]);
}

type Entry = readonly [path: string, value: ObservedValue];
type Variable = NonNullable<SnapshotValues['environmentVariables']>[number];

function entry<T>(path: string, given: T | undefined, make: (given: T) => ObservedValue): Entry[] {
  return given === undefined ? [] : [[path, make(given)]];
}

function variableEntry(variable: Variable): Entry {
  const path = variablePath(variable.name);
  if (!('value' in variable)) return [path, { kind: 'hidden' }];
  return [path, { kind: 'sealed', secret: new SecretText(variable.value) }];
}

function sourcesOf({ global, releases = [] }: SnapshotProgram): SnapshotSource[] {
  return [...(global === undefined ? [] : [global]), ...releases].flatMap(
    ({ source, sources = {} }) => [
      ...(source === undefined ? [] : [source]),
      ...Object.values(sources),
    ],
  );
}

function attestedAt(source: SnapshotSource): EpochMs[] {
  if (typeof source === 'string') return [];
  const time = parseMoment(source.attested.time);
  return time === undefined ? [] : [time];
}
