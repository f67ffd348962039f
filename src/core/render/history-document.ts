import type { Explained, HistoryEntry } from '../model/history.ts';
import type { CommitInfo } from '../model/controller.ts';
import type { Order } from '../model/orders.ts';
import { isoTime } from '../words/time.ts';

/** What a history was asked for and what it answered. */
export interface HistorySet {
  /** Newest first. */
  readonly entries: readonly HistoryEntry[];
  readonly hasMore: boolean;
}

/** The JSON document of `history -o json`. */
export function historyDocument({ entries, hasMore }: HistorySet): object {
  return { formatVersion: 1, kind: 'History', hasMore, entries: entries.map(entryDocument) };
}

function entryDocument(entry: HistoryEntry): object {
  const at = isoTime(entry.at);
  switch (entry.kind) {
    case 'attempt':
      return attemptDocument(entry);
    case 'observed':
      return observedDocument(entry);
    case 'decision': {
      const { kind, program, changeId, held } = entry;
      return { kind, at, key: program, changeId, held };
    }
    case 'order':
      return {
        kind: entry.kind,
        at,
        key: entry.program ?? null,
        order: orderDocument(entry.order),
      };
    case 'commit': {
      const { kind, source, commit, before, undeclared } = entry;
      return {
        ...{ kind, at, source, commit: commitDocument(commit), before: before ?? null },
        ...(undeclared ? { undeclared } : {}),
      };
    }
  }
}

type Of<K extends HistoryEntry['kind']> = Extract<HistoryEntry, { readonly kind: K }>;

function attemptDocument(entry: Of<'attempt'>): object {
  const { kind, at, key, action, result, code, source, changeId, requestId, approvedBy } = entry;
  return {
    ...{ kind, at: isoTime(at), key, action, result, code: code ?? null, source },
    ...explainedDocument(entry.explained),
    approvedBy: approvedBy ?? null,
    ...{ changeId, requestId },
    fields: entry.fields.map(({ explained, ...field }) => ({
      ...field,
      ...explainedDocument(explained),
    })),
  };
}

function observedDocument({ kind, at, lastSeen, ...entry }: Of<'observed'>): object {
  const { key, marked, status, fields } = entry;
  const lastSeenAt = lastSeen === undefined ? null : isoTime(lastSeen);
  return { kind, at: isoTime(at), lastSeenAt, key, marked, status: status ?? null, fields };
}

function explainedDocument({ commit, file, line }: Explained) {
  return {
    commit: commit ? commitDocument(commit) : null,
    origin: file === undefined ? null : { file, line: line ?? 1 },
  };
}

/** A commit with its time as text. */
function commitDocument({ id, author, subject, at }: CommitInfo) {
  return {
    id,
    author: author ?? null,
    subject: subject ?? null,
    at: at === undefined ? null : isoTime(at),
  };
}

function orderDocument(order: Order): object {
  const { at, ...rest } = order;
  const until = 'until' in rest && rest.until !== undefined ? isoTime(rest.until) : undefined;
  return { ...rest, at: isoTime(at), ...(until === undefined ? {} : { until }) };
}
