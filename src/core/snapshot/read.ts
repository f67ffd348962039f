import { Snapshot as isSnapshot, SnapshotProgram as isProgram } from '../generated/snapshot.js';
import type { Capabilities } from '../model/observed.ts';
import { parseMoment } from '../resolve/moment.ts';
import { record } from '../validate/read.ts';
import { schemaFindings } from '../validate/schema-findings.ts';
import type { Problem } from '../words/problems.ts';
import { type EpochMs, epochMs } from '../words/time.ts';
import { type Chunk, chunksOf } from './chunks.ts';
import { joinPrograms, type KnownProgram } from './known.ts';
import type { Snapshot, SnapshotProgram } from './schema.ts';

/** Everything a snapshot file knows of one platform. */
export interface KnownPlatform {
  readonly platform: string;
  readonly emulator: boolean;
  readonly capabilities: Capabilities;
  readonly observedAt: EpochMs;
  /** The newest moment at which a person vouched for a value; absent: nobody did. */
  readonly attestedAt?: EpochMs;
  /** In the order of the file. */
  readonly programs: readonly KnownProgram[];
}

export interface SnapshotRead {
  readonly platforms: readonly KnownPlatform[];
  /** Not empty: the file must not be planned against. */
  readonly problems: readonly Problem[];
}

interface Of<T> {
  readonly value: T;
  readonly chunk: Chunk;
}

interface Sorted {
  readonly heads: readonly Of<Snapshot>[];
  readonly programs: readonly Of<SnapshotProgram>[];
  readonly problems: readonly Problem[];
}

/**
 * What a snapshot file says. Never throws, whatever the bytes are.
 *
 * @param file  its path, as people know it
 */
export function readSnapshot(file: string, bytes: Uint8Array): SnapshotRead {
  const { chunks, problems } = chunksOf(file, bytes);
  const sorted = chunks.map(sort);
  const heads = sorted.flatMap((each) => each.heads);
  const documents = sorted.flatMap((each) => each.programs);
  const programs = joinPrograms(documents);
  return {
    platforms: heads.map(({ value }) => platformOf(value, programs.programs)),
    problems: [
      ...problems,
      ...sorted.flatMap((each) => each.problems),
      ...twice(heads),
      ...strays(heads, documents),
      ...programs.problems,
    ],
  };
}

function sort(chunk: Chunk): Sorted {
  const { value } = chunk;
  if (isSnapshot(value)) return { heads: [{ value, chunk }], programs: [], problems: [] };
  if (isProgram(value)) return { heads: [], programs: [{ value, chunk }], problems: [] };
  return { heads: [], programs: [], problems: mistakes(record(value)['kind'], chunk) };
}

function mistakes(kind: unknown, chunk: Chunk): Problem[] {
  if (kind !== 'Snapshot' && kind !== 'SnapshotProgram')
    return [
      chunk.problem('/kind', {
        rule: 'snapshot-kind',
        message: 'This is no document of a snapshot.',
        nextStep: 'A snapshot file holds only what `fairlead snapshot` writes.',
      }),
    ];
  const validator = kind === 'Snapshot' ? isSnapshot : isProgram;
  validator(chunk.value);
  return schemaFindings(kind, chunk.value, validator.errors ?? []).map(
    ({ pointer, rule, message, nextStep }) => chunk.problem(pointer, { rule, message, nextStep }),
  );
}

function platformOf(head: Snapshot, programs: readonly KnownProgram[]): KnownPlatform {
  const { platform, emulator, capabilities, observedAt } = head;
  const own = programs.filter(({ key }) => key.platform === platform);
  const attested = own.flatMap(({ attestedAt }) => attestedAt ?? []);
  return {
    ...{ platform, emulator, capabilities, programs: own },
    observedAt: parseMoment(observedAt) ?? epochMs(0),
    ...(attested.length > 0 && { attestedAt: epochMs(Math.max(...attested)) }),
  };
}

function twice(heads: readonly Of<Snapshot>[]): Problem[] {
  const first = new Set<string>();
  return heads.flatMap(({ value: { platform }, chunk }) => {
    if (!first.has(platform)) {
      first.add(platform);
      return [];
    }
    return [
      chunk.problem('/platform', {
        rule: 'snapshot-platform',
        message: `Platform ${platform} has two Snapshot documents.`,
        nextStep: 'Keep one of the two.',
      }),
    ];
  });
}

function strays(
  heads: readonly Of<Snapshot>[],
  programs: readonly Of<SnapshotProgram>[],
): Problem[] {
  const known = new Set(heads.map(({ value }) => value.platform));
  return programs
    .filter(({ value }) => !known.has(value.platform))
    .map(({ value, chunk }) =>
      chunk.problem('/platform', {
        rule: 'snapshot-platform',
        message: `The file has no Snapshot document of platform ${value.platform}.`,
        nextStep: 'Write the snapshot again, or put its first document back.',
      }),
    );
}
