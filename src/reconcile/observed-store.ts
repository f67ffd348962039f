import type {
  ObservedMiniProgram,
  ObservedProgram,
  ObservedRelease,
} from '../core/model/observed.ts';
import type { Written } from '../core/model/write.ts';
import {
  pathsOf,
  type FieldPath,
  type ObservedConfig,
  type ObservedValue,
} from '../core/words/fields.ts';
import { programId, releaseId, type ProgramId, type ReleaseId } from '../core/words/keys.ts';
import type { EpochMs } from '../core/words/time.ts';

/*
 * What the platform was last seen to hold, small: a record is one text and its sealed values. Ten thousand records as
 * objects would take four times as much.
 */

/** What is known of a program besides its records. */
export type KeptFrame = Pick<
  ObservedProgram,
  'existence' | 'refused' | 'complete' | 'miniProgram'
> & {
  readonly observedAt: EpochMs;
};

export interface KeptProgram extends KeptFrame {
  readonly releases: Readonly<Record<ReleaseId, ObservedRelease>>;
}

/** What a reading brought that was not known. */
export interface Differences {
  /** Records that are new, differ, or are not there any more. */
  readonly releases: readonly ReleaseId[];
  /**
   * Known records that a list did not show. No platform removes records, but one may move between two pages while they
   * are read: such a record stays known until it was asked for by its key, or until three lists in a row lack it.
   */
  readonly doubtful: readonly ReleaseId[];
  readonly global: boolean;
}

/** One reading of one program. */
export interface Reading {
  readonly program: ObservedProgram;
  /** The keys that were asked for; absent: all of the program. */
  readonly touched?: ReadonlySet<ReleaseId>;
  /** `moment()` from before its first request was sent: what we wrote since is newer than it. */
  readonly since: number;
}

export interface ObservedStore {
  /** To be taken before a reading begins. */
  moment(): number;
  put(reading: Reading): Differences;
  /** The answer to our own write. */
  wrote(written: Written, program: ProgramId): void;
  get(program: ProgramId): KeptProgram | undefined;
  /** Whether the key was read or is known to be missing. */
  knows(program: ProgramId, release: ReleaseId): boolean;
  drop(program: ProgramId): void;
  /** Records under watch. */
  size(): number;
}

interface Packed {
  readonly text: string;
  readonly sealed: readonly Sealed[];
  /** When we wrote it ourselves; 0: never. */
  readonly writtenAt: number;
}

type Sealed = readonly ['config' | 'frozen', FieldPath, ObservedValue];

interface Entry {
  frame: KeptFrame;
  globalWrittenAt: number;
  readonly releases: Map<ReleaseId, Packed>;
  /** Keys that were asked for singly and are not there; most programs have none, and none weighs nothing. */
  missing: Set<ReleaseId> | undefined;
  /** Lists in a row that did not show a known record. */
  lacking: ReadonlyMap<ReleaseId, number>;
}

/** Most programs lack nothing, and all of them share it. */
const noneLacking: ReadonlyMap<ReleaseId, number> = new Map();

/** An empty store for one connection. */
export function createObservedStore(): ObservedStore {
  const entries = new Map<ProgramId, Entry>();
  let last = 0;

  return {
    moment: () => last,
    put(reading) {
      const id = programId(reading.program.key);
      const before = entries.get(id);
      const entry = before ?? newEntry(reading.program);
      entries.set(id, entry);
      return merge(entry, reading, before === undefined);
    },
    wrote(written, program) {
      last += 1;
      const entry = entries.get(program);
      if (!entry) return;
      if (written.kind === 'release') {
        const key = releaseId(written.release.key);
        entry.releases.set(key, pack(written.release, last));
        entry.missing?.delete(key);
        entry.frame = { ...entry.frame, existence: 'exists' };
      } else if (entry.frame.miniProgram) {
        const miniProgram = { ...entry.frame.miniProgram, global: written.global };
        entry.frame = { ...entry.frame, miniProgram };
        entry.globalWrittenAt = last;
      }
    },
    get(program) {
      const entry = entries.get(program);
      if (!entry) return undefined;
      const releases = Object.fromEntries(
        [...entry.releases].map(([id, packed]) => [id, unpack(packed)]),
      );
      return { ...entry.frame, releases };
    },
    knows(program, release) {
      const entry = entries.get(program);
      if (!entry) return false;
      return (
        entry.frame.complete || entry.releases.has(release) || entry.missing?.has(release) === true
      );
    },
    drop: (program) => void entries.delete(program),
    size: () => [...entries.values()].reduce((sum, { releases }) => sum + releases.size, 0),
  };
}

function newEntry(program: ObservedProgram): Entry {
  return {
    frame: { ...frameOf(program), complete: false },
    globalWrittenAt: 0,
    releases: new Map(),
    missing: undefined,
    lacking: noneLacking,
  };
}

function frameOf({
  existence,
  refused,
  complete,
  miniProgram,
  observedAt,
}: ObservedProgram): KeptFrame {
  return {
    ...{ existence, complete, observedAt },
    ...(refused ? { refused } : {}),
    ...(miniProgram ? { miniProgram } : {}),
  };
}

function merge(entry: Entry, { program, touched, since }: Reading, isNew: boolean): Differences {
  // A refusal says nothing of the records: what was read before it stays known.
  if (program.refused) {
    entry.frame = { ...entry.frame, refused: program.refused, observedAt: program.observedAt };
    return { releases: [], doubtful: [], global: false };
  }
  const asked = program.complete ? undefined : touched;
  if (!asked) entry.lacking = lackingNow(entry, program, since);
  const doubtful = asked ? [] : doubtfulIn(entry);
  const releases = mergeReleases(entry, program, { asked, since });
  const global = mergeFrame(entry, program, since);
  if (program.complete) entry.missing = undefined;
  return { releases, doubtful, global: isNew || global };
}

interface Extent {
  /** Absent: everything. */
  readonly asked: ReadonlySet<ReleaseId> | undefined;
  readonly since: number;
}

function mergeReleases(
  entry: Entry,
  program: ObservedProgram,
  extent: Extent,
): readonly ReleaseId[] {
  const found = Object.values(program.releases).filter((record) => take(entry, record, extent));
  const asked = extent.asked ?? believedGone(entry);
  const gone = [...asked].filter((id) => !(id in program.releases) && lose(entry, id, extent));
  return [...found.map(({ key }) => releaseId(key)), ...gone];
}

/** A list must lack a record so often, one after the other, to be believed. */
const listsAtLeast = 3;

function lackingNow(
  { releases, lacking }: Entry,
  program: ObservedProgram,
  since: number,
): Entry['lacking'] {
  const lacked = [...releases].filter(
    ([id, { writtenAt }]) => !(id in program.releases) && writtenAt <= since,
  );
  if (lacked.length === 0) return noneLacking;
  return new Map(lacked.map(([id]) => [id, (lacking.get(id) ?? 0) + 1]));
}

function doubtfulIn({ lacking }: Entry): readonly ReleaseId[] {
  return [...lacking].flatMap(([id, count]) => (count < listsAtLeast ? [id] : []));
}

function believedGone({ lacking }: Entry): ReadonlySet<ReleaseId> {
  return new Set([...lacking].flatMap(([id, count]) => (count < listsAtLeast ? [] : [id])));
}

/** @returns whether the record is new or another one; what we wrote since the reading began is newer than it */
function take(entry: Entry, record: ObservedRelease, { since }: Extent): boolean {
  const id = releaseId(record.key);
  const known = entry.releases.get(id);
  if (known && known.writtenAt > since) return false;
  const packed = pack(record, 0);
  if (known?.text === packed.text) return false;
  entry.releases.set(id, packed);
  entry.missing?.delete(id);
  return true;
}

/** @returns whether a record that was known is not there any more */
function lose(entry: Entry, id: ReleaseId, { asked, since }: Extent): boolean {
  const known = entry.releases.get(id);
  if (known && known.writtenAt > since) return false;
  if (asked) (entry.missing ??= new Set()).add(id);
  return entry.releases.delete(id);
}

/** @returns whether the program itself or its global configuration is another one */
function mergeFrame(entry: Entry, program: ObservedProgram, since: number): boolean {
  const { frame } = entry;
  const fresh = frameOf(program);
  const kept = frame.miniProgram;
  const miniProgram: ObservedMiniProgram | undefined =
    entry.globalWrittenAt > since || !fresh.miniProgram ? kept : fresh.miniProgram;
  entry.frame = {
    existence:
      fresh.existence === 'unknown' && frame.existence === 'exists' ? 'exists' : fresh.existence,
    complete: fresh.complete || frame.complete,
    observedAt: fresh.observedAt,
    ...(miniProgram ? { miniProgram } : {}),
  };
  return (
    JSON.stringify(miniProgram) !== JSON.stringify(kept) ||
    (frame.refused !== undefined) !== (fresh.refused !== undefined)
  );
}

/** A sealed value turns into a word of itself in JSON, and is kept beside it. */
function pack(record: ObservedRelease, writtenAt: number): Packed {
  return {
    text: JSON.stringify(record),
    sealed: [...sealedOf('config', record.config), ...sealedOf('frozen', record.frozen)],
    writtenAt,
  };
}

function sealedOf(level: Sealed[0], config: ObservedConfig | undefined): readonly Sealed[] {
  return pathsOf(config).flatMap((path) => {
    const value = config?.[path];
    return value?.kind === 'sealed' ? [[level, path, value] as const] : [];
  });
}

function unpack({ text, sealed }: Packed): ObservedRelease {
  const record: unknown = JSON.parse(text);
  if (!isOwn(record)) throw new TypeError('a kept record is none');
  const restore = (level: Sealed[0]): ObservedConfig => ({
    ...record[level],
    ...Object.fromEntries(
      sealed.filter(([at]) => at === level).map(([, path, value]) => [path, value]),
    ),
  });
  return {
    ...record,
    config: restore('config'),
    ...(record.frozen ? { frozen: restore('frozen') } : {}),
  };
}

/** `pack` wrote it: nothing else reaches the store. */
function isOwn(value: unknown): value is ObservedRelease {
  return typeof value === 'object' && value !== null && 'config' in value;
}
