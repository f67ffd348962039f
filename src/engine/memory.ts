import type { ObservedGlobal, ObservedRelease } from '../core/model/observed.ts';
import type { Written } from '../core/model/write.ts';
import { releaseId, type ProgramId, type ReleaseId } from '../core/words/keys.ts';
import { createPutBacks, type PutBacks } from './put-backs.ts';

/** What is known of the size of a workspace's lists, from earlier readings. */
export interface ListSizes {
  /** Records of the whole workspace; absent until a whole list was read. */
  readonly total?: number;
  readonly perProgram: Readonly<Partial<Record<ProgramId, number>>>;
}

/** One observation under way: everything it brings was asked for after `sequence` was taken. */
export interface Observation {
  readonly sequence: number;
  /** To be called when its results are merged: what was written before it need not be remembered for it any more. */
  close(): void;
}

/** What one process remembers of a connection. Lost at its end without harm: the platform is the truth. */
export interface Memory extends PutBacks {
  observe(): Observation;
  /** Raises the floor of the record's key: older observations of it are refused from now on. */
  wrote(written: Written, program: ProgramId): void;
  /** Our own writes in a program that are newer than the observation. */
  newer(program: ProgramId, sequence: number): readonly Written[];
  sizes(list: string): ListSizes | undefined;
  learn(list: string, sizes: ListSizes): void;
  /** The platform answered without the mark that was just sent: it stores none. True the first time. */
  markLost(): boolean;
  readonly storesMarks: boolean;
  /** The platform said yes to a write of the key and kept something else. @returns how often so far, in a row */
  mismatched(key: ReleaseId | ProgramId): number;
  /** The platform kept what was written. */
  matched(key: ReleaseId | ProgramId): void;
}

interface Floor {
  readonly sequence: number;
  readonly written: Written;
}

interface Floors {
  observe(): Observation;
  wrote(written: Written, program: ProgramId): void;
  newer(program: ProgramId, sequence: number): readonly Written[];
}

function createFloors(): Floors {
  let last = 0;
  const open = new Set<number>();
  const floors = new Map<ProgramId, Map<string, Floor>>();

  function forget(): void {
    const oldest = Math.min(last + 1, ...open);
    for (const [program, entries] of floors) {
      for (const [key, floor] of entries) if (floor.sequence < oldest) entries.delete(key);
      if (entries.size === 0) floors.delete(program);
    }
  }

  return {
    observe() {
      last += 1;
      const sequence = last;
      open.add(sequence);
      return {
        sequence,
        close() {
          open.delete(sequence);
          forget();
        },
      };
    },
    wrote(written, program) {
      last += 1;
      const entries = floors.get(program) ?? new Map<string, Floor>();
      const key = written.kind === 'release' ? releaseId(written.release.key) : program;
      entries.set(key, { sequence: last, written });
      floors.set(program, entries);
    },
    newer(program, sequence) {
      const entries = floors.get(program)?.values() ?? [];
      return [...entries]
        .filter((floor) => floor.sequence > sequence)
        .map(({ written }) => written);
    },
  };
}

/** A memory for one connection and process. */
export function createMemory(): Memory {
  const lists = new Map<string, ListSizes>();
  const mismatches = new Map<string, number>();
  let marks = true;

  return {
    ...createFloors(),
    ...createPutBacks(),
    sizes: (list) => lists.get(list),
    learn(list, sizes) {
      const total = sizes.total ?? lists.get(list)?.total;
      lists.set(list, { ...sizes, ...(total === undefined ? {} : { total }) });
    },
    markLost() {
      const first = marks;
      marks = false;
      return first;
    },
    mismatched(key) {
      const times = (mismatches.get(key) ?? 0) + 1;
      mismatches.set(key, times);
      return times;
    },
    matched: (key) => void mismatches.delete(key),
    get storesMarks() {
      return marks;
    },
  };
}

/** The releases of a program as observed, with our own newer writes in place of what an older reading shows. */
export function withOwnReleases(
  observed: Readonly<Record<ReleaseId, ObservedRelease>>,
  own: readonly Written[],
): Readonly<Record<ReleaseId, ObservedRelease>> {
  const releases = own.flatMap((written) => (written.kind === 'release' ? [written.release] : []));
  return {
    ...observed,
    ...Object.fromEntries(releases.map((record) => [releaseId(record.key), record])),
  };
}

/** The same for the global configuration. */
export function withOwnGlobal(observed: ObservedGlobal, own: readonly Written[]): ObservedGlobal {
  const written = own.find((each) => each.kind === 'global');
  return written?.kind === 'global' ? written.global : observed;
}
