import type { DatabaseSync } from 'node:sqlite';
import type { HistoryEntry, Seen } from '../core/model/history.ts';
import type { ChangeId } from '../core/model/plan.ts';
import { programId } from '../core/words/keys.ts';
import type { EpochMs } from '../core/words/time.ts';
import type { LedgerEntry } from '../ports/index.ts';
import { recordId } from './keys.ts';
import { createPruning, type Retention } from './retention.ts';
import { openSeenTable } from './seen.ts';

/** One thing to be written down. */
export type Work =
  | { readonly kind: 'append'; readonly entry: LedgerEntry }
  | { readonly kind: 'keep'; readonly program: string; readonly bases: Marks }
  | { readonly kind: 'seen'; readonly observation: Seen };

type Marks = Readonly<Record<string, string>>;

/** The prepared statements of one open file. Methods throw what SQLite throws. */
export interface Store {
  bases(program: string): Marks;
  /** All of it, or nothing. */
  write(works: readonly Work[]): void;
  close(): void;
}

/** @param database  with its tables; closed by `close` */
export function openStore(database: DatabaseSync, retention: Retention): Store {
  const select = database.prepare('SELECT key, mark FROM bases WHERE program = ?');
  const seen = openSeenTable(database);
  const write = createWriting(database, createPruning(database, retention));

  function carryOut(work: Work): void {
    switch (work.kind) {
      case 'append':
        write.entry(work.entry);
        return;
      case 'keep':
        write.marks(work.program, work.bases);
        return;
      case 'seen': {
        const { observation } = work;
        for (const entry of seen.keep(observation)) write.history(entry, programId(entry.program));
        if (observation.names) write.names(programId(observation.program), observation.names);
      }
    }
  }

  return {
    bases: (program) =>
      Object.fromEntries(select.all(program).map(({ key, mark }) => [String(key), String(mark)])),
    write(works) {
      database.exec('BEGIN IMMEDIATE');
      try {
        works.forEach(carryOut);
        database.exec('COMMIT');
      } catch (error) {
        // Some failures, a full disk among them, have rolled back already.
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
    close: () => database.close(),
  };
}

interface Writing {
  entry(entry: LedgerEntry): void;
  history(entry: HistoryEntry, program: string | null): void;
  marks(program: string, bases: Marks): void;
  names(program: string, names: readonly string[]): void;
}

function createWriting(database: DatabaseSync, prune: (now: EpochMs) => void): Writing {
  const base = database.prepare(
    'INSERT INTO bases (program, key, mark) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET mark = excluded.mark',
  );
  const row = database.prepare(
    'INSERT INTO history (at, kind, program, key, body) VALUES (?, ?, ?, ?, ?)',
  );
  const name = database.prepare(`
    INSERT INTO programs (program, names) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET names = excluded.names WHERE names <> excluded.names`);
  const decisions = createDecisions(database);
  const told = createTold(database);

  const writing: Writing = {
    history(entry, program) {
      const { at, kind, ...rest } = entry;
      // Before, so that what goes makes room in a file that may not grow.
      prune(at);
      const { program: _program, key, ...body } = { program: undefined, key: undefined, ...rest };
      row.run(at, kind, program, key ? recordId(key) : null, JSON.stringify(body));
    },
    marks(program, bases) {
      for (const [key, mark] of Object.entries(bases)) base.run(program, key, mark);
    },
    names: (program, names) => void name.run(program, JSON.stringify(names)),
    entry(entry) {
      switch (entry.kind) {
        case 'attempt': {
          const { mark, names, ...attempt } = entry;
          const program = programId(entry.program);
          // History never tells of a write whose base was lost, nor the other way round.
          writing.history(attempt, program);
          if (attempt.result === 'applied' && mark !== undefined)
            writing.marks(program, { [recordId(entry.key)]: mark });
          if (names) writing.names(program, names);
          return;
        }
        case 'decision':
          if (decisions.isNews(entry)) writing.history(entry, programId(entry.program));
          return;
        case 'order':
        case 'commit':
          again(entry);
      }
    },
  };
  /** What a controller reads anew at each start becomes history once. */
  function again(entry: Extract<LedgerEntry, { readonly kind: 'order' | 'commit' }>): void {
    if (entry.kind === 'commit') {
      if (!told.commit(entry)) writing.history(entry, null);
    } else if (!told.order(entry)) {
      writing.history(entry, decisions.programOf(entry.order));
    }
  }

  return writing;
}

interface Told {
  /** A controller reads what stands anew at each start; no two orders of a directory have one time. */
  order(entry: Extract<LedgerEntry, { readonly kind: 'order' }>): boolean;
  /** The source's last commit was this one: it is in force again, after a restart. */
  commit(entry: Extract<LedgerEntry, { readonly kind: 'commit' }>): boolean;
}

function createTold(database: DatabaseSync): Told {
  const orders = database.prepare("SELECT body FROM history WHERE kind = 'order' AND at = ?");
  const commits = database.prepare(
    `SELECT body FROM history WHERE kind = 'commit' ORDER BY seq DESC LIMIT ${String(recent)}`,
  );
  return {
    order: ({ at, order }) =>
      orders.all(at).some(({ body }) => String(body).includes(JSON.stringify(order.id))),
    commit({ source, commit }) {
      const bodies = commits.all().map(({ body }): unknown => JSON.parse(String(body)));
      const last = bodies.filter(isCommitBody).find((body) => body.source === source);
      return last?.commit.id === commit.id;
    },
  };
}

function isCommitBody(
  body: unknown,
): body is { readonly source: string; readonly commit: { readonly id: string } } {
  return typeof body === 'object' && body !== null && 'source' in body && 'commit' in body;
}

/** Entries among which the order is looked for that an approval was. */
const recent = 1_000;

interface Decisions {
  /** Something else is left undone than was told last, over restarts too. */
  isNews(entry: Extract<LedgerEntry, { readonly kind: 'decision' }>): boolean;
  /** Whom an order is about: for an approval, the program that was held for one of its ids. */
  programOf(order: Extract<LedgerEntry, { readonly kind: 'order' }>['order']): string | null;
}

function createDecisions(database: DatabaseSync): Decisions {
  const told = database.prepare('SELECT held FROM programs WHERE program = ?');
  const tell = database.prepare(
    'INSERT INTO programs (program, held) VALUES (?, ?) ON CONFLICT DO UPDATE SET held = excluded.held',
  );
  const approvals = database.prepare(
    `SELECT program, body FROM (SELECT seq, kind, program, body FROM history ORDER BY seq DESC LIMIT ${String(recent)}) WHERE kind = 'order' ORDER BY seq DESC`,
  );
  const holding = database.prepare("SELECT program, held FROM programs WHERE held <> '[]'");

  function programHolding(ids: readonly ChangeId[]): string | null {
    const found = holding.all().find(({ held }) => ids.some((id) => String(held).includes(id)));
    return found ? String(found['program']) : null;
  }

  /** What was approved is held no more when the approval is used up. */
  function programApproved(ids: readonly ChangeId[]): string | null {
    const found = approvals.all().find(({ body }) => ids.some((id) => String(body).includes(id)));
    return typeof found?.['program'] === 'string' ? found['program'] : null;
  }

  return {
    isNews({ program, held }) {
      const id = programId(program);
      const now = JSON.stringify(
        held.map(({ changeId, reason, message }) => [changeId, reason, message]).sort(),
      );
      if (now === (told.get(id)?.['held'] ?? '[]')) return false;
      tell.run(id, now);
      return true;
    },
    programOf(order) {
      switch (order.kind) {
        case 'suspend':
        case 'resume':
          return order.program ?? null;
        case 'approve':
          return programHolding(order.ids);
        case 'used':
          return programApproved(order.ids);
      }
    },
  };
}
