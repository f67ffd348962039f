import type { DatabaseSync } from 'node:sqlite';
import type { ObservedEntry, Seen, SeenRecord } from '../core/model/history.ts';
import { isReleaseKey, programId, type ProgramId } from '../core/words/keys.ts';
import { epochMs } from '../core/words/time.ts';
import { differenceOf, type Kept } from './compare.ts';
import { recordId } from './keys.ts';

/** A row of `records`. */
interface Row {
  readonly state: string;
  readonly seenAt: number;
}

interface Known {
  readonly seenAt: number;
  readonly whole: boolean;
  readonly records: ReadonlyMap<string, Row>;
}

/** Keeps what observations showed. Runs inside the caller's transaction. */
export interface SeenTable {
  /** @returns what became history by it */
  keep(observation: Seen): readonly ObservedEntry[];
}

/**
 * The table of what was last seen.
 *
 * An observation that shows nothing new costs one select and one row: that all of the program's records were seen as
 * they are. Only an observation of some of them notes the moment with each.
 */
export function openSeenTable(database: DatabaseSync): SeenTable {
  const program = database.prepare('SELECT seen_at, whole FROM programs WHERE program = ?');
  const records = database.prepare('SELECT key, state, seen_at FROM records WHERE program = ?');
  const touch = database.prepare('UPDATE records SET seen_at = ? WHERE program = ? AND key = ?');
  const put = database.prepare(`
    INSERT INTO records (program, key, state, since, seen_at) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET state = excluded.state, since = excluded.since, seen_at = excluded.seen_at`);
  const noteProgram = database.prepare(`
    INSERT INTO programs (program, seen_at, whole) VALUES (?, ?, ?)
    ON CONFLICT DO UPDATE SET seen_at = coalesce(excluded.seen_at, seen_at), whole = max(whole, excluded.whole)`);

  function known(id: ProgramId): Known {
    const row = program.get(id);
    return {
      seenAt: Number(row?.['seen_at'] ?? 0),
      whole: row?.['whole'] === 1,
      records: new Map(
        records
          .all(id)
          .map(({ key, state, seen_at }) => [
            String(key),
            { state: String(state), seenAt: Number(seen_at) },
          ]),
      ),
    };
  }

  function note(id: ProgramId, { at, whole }: Seen, isAll: boolean): void {
    noteProgram.run(id, isAll ? at : null, whole === true ? 1 : 0);
  }

  return {
    keep(observation) {
      const id = programId(observation.program);
      const isRestSeen = observation.rest === 'unchanged';
      if (isRestSeen && observation.records.length === 0) {
        note(id, observation, true);
        return [];
      }
      const before = known(id);
      const judged = observation.records.map((record) => judge(record, observation, before));
      for (const { key, state } of judged.filter(({ isNew }) => isNew))
        put.run(id, key, state, observation.at, observation.at);
      const isAll = isRestSeen || coversAll(before, judged);
      if (!isAll)
        for (const { key } of judged.filter(({ isNew }) => !isNew))
          touch.run(observation.at, id, key);
      note(id, observation, isAll);
      return judged.flatMap(({ entry }) => entry ?? []);
    },
  };
}

interface Judged {
  readonly key: string;
  readonly state: string;
  /** Its row must be written: it is another state than the kept one, or the first. */
  readonly isNew: boolean;
  readonly entry: ObservedEntry | undefined;
}

function judge(record: SeenRecord, observation: Seen, before: Known): Judged {
  const key = recordId(record.key);
  const { key: _key, written: _written, ...seen } = record;
  const state = JSON.stringify(seen);
  const row = before.records.get(key);
  const isNew = row?.state !== state;
  const isSilent = !isNew || (observation.own && record.written === undefined);
  const entry = isSilent ? undefined : entryOf(record, observation, before, row);
  return { key, state, isNew, entry };
}

function entryOf(
  record: SeenRecord,
  { at, program, own }: Seen,
  before: Known,
  row: Row | undefined,
): ObservedEntry | undefined {
  const base = { kind: 'observed', at, program, key: record.key } as const;
  if (!row) {
    // The first sight of a program tells nothing of when its records were made.
    const isNews = before.whole && !own && isReleaseKey(record.key);
    if (!isNews) return undefined;
    return { ...base, marked: record.mark !== undefined, ...appeared(record) };
  }
  const difference = differenceOf(JSON.parse(row.state) as Kept, record);
  // A clock that was set back must not make an interval that ends before it begins.
  const lastSeen = epochMs(Math.min(at, Math.max(row.seenAt, before.seenAt)));
  return difference && { ...base, lastSeen, ...difference };
}

function appeared(record: SeenRecord): Pick<ObservedEntry, 'status' | 'fields'> {
  const nothing: Kept = { status: null, fields: {} };
  const difference = differenceOf(nothing, { ...record, written: [] });
  return {
    status: { before: null, after: record.status },
    fields: difference?.fields ?? [],
  };
}

/** Whether every record that is kept of the program was seen, so that one moment stands for all of them. */
function coversAll({ records }: Known, judged: readonly Judged[]): boolean {
  if (judged.length < records.size) return false;
  const seen = new Set(judged.map(({ key }) => key));
  return [...records.keys()].every((key) => seen.has(key));
}
