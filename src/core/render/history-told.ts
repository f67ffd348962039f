import type { CommitInfo } from '../model/controller.ts';
import type { Explained, HistoryEntry, LedgerField } from '../model/history.ts';
import type { Order } from '../model/orders.ts';
import { isReleaseKey, type ProgramKey, type ReleaseKey } from '../words/keys.ts';
import type { Cause } from '../words/reasons.ts';
import type { EpochMs } from '../words/time.ts';
import { targetText } from './facts.ts';
import { parted } from './held.ts';
import { plural } from './sentence.ts';
import { momentText } from './span.ts';
import type { Tone } from './style.ts';
import type { Piece, Row } from './table.ts';
import { fieldName, transition } from './values.ts';
import { undeclaredText } from './undeclared.ts';
import { visible } from './visible.ts';

/** What people call a program. */
export type NameOf = (program: ProgramKey) => string;

/** One entry, ready to be drawn. */
export interface Told {
  readonly at: EpochMs;
  /** What it is about; the environment apart, since Production is loud. */
  readonly about: readonly Piece[];
  readonly verdict: Piece;
  readonly rows: readonly Row[];
  /** What stands below: who, why, when. */
  readonly notes: readonly string[];
}

type Of<K extends HistoryEntry['kind']> = Extract<HistoryEntry, { readonly kind: K }>;

/** An entry in words. */
export function toldOf(entry: HistoryEntry, nameOf: NameOf): Told {
  switch (entry.kind) {
    case 'attempt':
      return attemptTold(entry, nameOf);
    case 'observed':
      return observedTold(entry, nameOf);
    case 'decision':
      return decisionTold(entry, nameOf);
    case 'order':
      return orderTold(entry, nameOf);
    case 'commit':
      return commitTold(entry);
  }
}

function aboutOf(key: ProgramKey | ReleaseKey, nameOf: NameOf): readonly Piece[] {
  const name: Piece = { text: visible(nameOf(key)), tone: 'bold' };
  if (!isReleaseKey(key)) return [name, { text: 'global configuration' }];
  return [name, { text: visible(key.version) }, target(key)];
}

function target(key: ReleaseKey): Piece {
  const text = visible(targetText(key));
  return key.environment === 'Production' ? { text, tone: 'loud' } : { text };
}

function attemptTold(entry: Of<'attempt'>, nameOf: NameOf): Told {
  const { at, key, action, fields, explained, approvedBy } = entry;
  const created = action === 'create';
  const commits = distinctCommits([...fields.map((field) => field.explained), explained]);
  return {
    at,
    about: aboutOf(key, nameOf),
    verdict: verdictOf(entry),
    rows: fields.map(({ path, before, after, cause, explained: own }) => ({
      kind: 'field',
      name: fieldName(path),
      value: transition({ path, before, after }, created),
      origin: placeOf(own.file === undefined ? explained : own),
      remarks: remarksOf(cause, created, commits.length > 1 ? own.commit : undefined),
    })),
    notes: [
      ...(fields.length === 0 && explained.file !== undefined ? [placeOf(explained)] : []),
      ...commits.map(commitText),
      ...(fields.some(isRotated) ? ['a secret was rotated where it is kept'] : []),
      ...(approvedBy === undefined ? [] : [`approved by ${visible(approvedBy)}`]),
    ],
  };
}

/** Another value behind the same reference: it stands in a file, and no commit changed that. */
function isRotated({ before, after, cause, explained }: LedgerField): boolean {
  const isSecret = before.state === 'secret' && after.state === 'secret';
  const isOld = explained.file !== undefined && explained.commit === undefined;
  return isSecret && cause === 'declaration' && isOld;
}

const done: Readonly<Record<string, string>> = {
  create: 'created',
  update: 'written',
  adopt: 'marked as ours',
};

function verdictOf({ action, result, code }: Of<'attempt'>): Piece {
  const what = done[action] ?? visible(action);
  if (result === 'applied') return { text: `${what} by fairlead`, tone: 'green' };
  return { text: `not ${what}: ${visible(code ?? 'failed')}`, tone: 'red' };
}

/** What needs no word: somebody declared something else. */
const causeWords: Readonly<Record<Cause, string>> = {
  declaration: '',
  drift: 'put back as declared',
  conflict: 'both sides had changed it',
  adoption: 'taken over',
  undeclared: 'nobody declares it',
};

function remarksOf(cause: Cause, created: boolean, commit: CommitInfo | undefined) {
  const word = created ? '' : causeWords[cause];
  return [word, commit ? shortId(commit) : '']
    .filter((text) => text !== '')
    .map((text) => ({ text }));
}

function placeOf({ file, line }: Explained): string {
  if (file === undefined) return '';
  return visible(line === undefined ? file : `${file}:${String(line)}`);
}

function distinctCommits(all: readonly Explained[]): readonly CommitInfo[] {
  return [...new Map(all.flatMap(({ commit }) => (commit ? [[commit.id, commit]] : []))).values()];
}

const shownDigits = 12;

function shortId({ id }: CommitInfo): string {
  return visible(id.slice(0, shownDigits));
}

function commitText(commit: CommitInfo): string {
  const { author, subject } = commit;
  const who = author === undefined ? '' : ` by ${visible(author)}`;
  return `commit ${shortId(commit)}${who}${subject === undefined ? '' : `: ${visible(subject)}`}`;
}

function observedTold(entry: Of<'observed'>, nameOf: NameOf): Told {
  const { at, lastSeen, key, fields, status, marked } = entry;
  const isNew = lastSeen === undefined;
  const statusRow: Row = {
    kind: 'field',
    name: 'status',
    value: [
      { text: `${status?.before ?? '(none)'} ->`, tone: 'dim' },
      { text: status?.after ?? '(none)', tone: 'bold' },
    ],
    origin: '',
    remarks: [],
  };
  return {
    at,
    about: aboutOf(key, nameOf),
    verdict: { text: observedVerdict(isNew, marked), tone: marked ? 'yellow' : 'magenta' },
    rows: [
      ...(status ? [statusRow] : []),
      ...fields.map(({ path, before, after }): Row => ({
        kind: 'field',
        name: fieldName(path),
        value: transition({ path, before, after }, isNew),
        origin: '',
        remarks: [],
      })),
    ],
    notes: [
      isNew
        ? 'not there when all records were last read'
        : `seen as before until ${momentText(lastSeen)}, and so since ${momentText(at)}`,
    ],
  };
}

function observedVerdict(isNew: boolean, marked: boolean): string {
  const what = isNew ? 'appeared' : 'changed';
  return marked ? `${what} by another run of fairlead` : `${what} on the platform, not by fairlead`;
}

function decisionTold({ at, program, held }: Of<'decision'>, nameOf: NameOf): Told {
  const verdict: Piece =
    held.length === 0
      ? { text: 'nothing is held any more', tone: 'dim' }
      : { text: `${plural(held.length, 'change is', 'changes are')} held`, tone: 'yellow' };
  return {
    at,
    about: [{ text: visible(nameOf(program)), tone: 'bold' }],
    verdict,
    rows: [],
    notes: held.map(({ key, path, reason, message, changeId }) => {
      const where = isReleaseKey(key) ? `${key.version} ${targetText(key)}` : 'global';
      return `${visible(where)} ${fieldName(path)}: ${reason}, ${visible(parted(message, path).why)} (${changeId})`;
    }),
  };
}

function orderTold({ at, order, program }: Of<'order'>, nameOf: NameOf): Told {
  return {
    at,
    about: [{ text: program ? visible(nameOf(program)) : whomOf(order), tone: 'bold' }],
    verdict: { text: orderText(order), tone: 'cyan' },
    rows: [],
    notes: orderNotes(order),
  };
}

function whomOf(order: Order): string {
  if (order.kind !== 'suspend' && order.kind !== 'resume') return '';
  return order.program === undefined ? 'every program' : visible(order.program);
}

function orderText(order: Order): string {
  const by = visible(order.by);
  switch (order.kind) {
    case 'approve':
      return `approved by ${by}`;
    case 'suspend':
      return `suspended by ${by}`;
    case 'resume':
      return `resumed by ${by}`;
    case 'used':
      return 'an approval is used up';
  }
}

function orderNotes(order: Order): readonly string[] {
  const reason = 'reason' in order && order.reason !== undefined ? [visible(order.reason)] : [];
  const ids = 'ids' in order ? [order.ids.join(', ')] : [];
  const until =
    'until' in order && order.until !== undefined ? [`until ${momentText(order.until)}`] : [];
  return [...reason, ...ids, ...until];
}

function commitTold({ at, source, commit, before, undeclared }: Of<'commit'>): Told {
  const tone: Tone = 'bold';
  return {
    at,
    about: [{ text: `source ${visible(source)}`, tone }],
    verdict: { text: 'came into force' },
    rows: [],
    notes: [
      commitText(commit),
      ...(before === undefined ? [] : [`before it, ${visible(before.slice(0, shownDigits))}`]),
      ...(undeclared ? [undeclaredText(undeclared)] : []),
    ],
  };
}
