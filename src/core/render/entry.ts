import type { Change, FieldChange, LiveRelease, ReleaseChange, Shown } from '../model/plan.ts';
import { type FieldPath, isListField, secretRefText, stringFields } from '../words/fields.ts';
import { originText, type Locate } from '../words/places.ts';
import type { Action, Cause, HeldReason, Reason } from '../words/reasons.ts';
import { isUnderWay, statusTitles } from '../words/statuses.ts';
import { type ChangeFact, type FieldFact, marksOnly, releaseKeyOf, targetText } from './facts.ts';
import { appsByEnvironment, type Group } from './groups.ts';
import { plural } from './sentence.ts';
import type { Tone } from './style.ts';
import type { Piece, Row } from './table.ts';
import { fieldName, itemsOf, listDifference, shownText, transition } from './values.ts';
import { visible } from './visible.ts';
import { knownEntries } from './words-lists.ts';

/** A group of changes, ready for any layout. */
export interface Entry {
  readonly group: Group;
  /** Version, or `global`. */
  readonly what: string;
  /** `app/environment`, or how many. */
  readonly where: string;
  /** Status, reasons, and what else belongs to the record as a whole. */
  readonly notes: readonly Piece[];
  readonly rows: readonly Row[];
  /** What stands below the rows. */
  readonly after: readonly Piece[];
}

export function entryOf(group: Group, locate: Locate): Entry {
  const { change } = group.first;
  const release = releaseKeyOf(change);
  return {
    group,
    what: release ? visible(release.version) : 'global',
    where: whereText(group),
    notes: notesOf(group),
    rows: [...targetRows(group), ...fieldRows(group.first, locate), ...inheritedRows(group.first)],
    after: afterOf(group),
  };
}

function whereText({ first, members }: Group): string {
  const release = releaseKeyOf(first.change);
  if (!release) return reachText(first);
  if (members.length === 1) return visible(targetText(release));
  return appsByEnvironment(members.flatMap(({ change }) => releaseKeyOf(change) ?? []))
    .map(({ environment, apps }) => `${environment} of ${plural(apps.length, 'app')}`)
    .join(', ');
}

/** Whom a global change reaches at once. */
function reachText({ change }: ChangeFact): string {
  if (change.scope === 'release' || change.action !== 'update') return '';
  const reached = new Set(
    Object.values(change.reach).flatMap((keys) =>
      (keys ?? []).map((key) => `${key.version} ${targetText(key)}`),
    ),
  );
  if (reached.size === 0) return 'for new records only';
  return reached.size > 3
    ? `reaches ${reached.size} records`
    : `reaches ${[...reached].map(visible).join(', ')}`;
}

/** Every target of a group is named: what is applied must have been shown. */
function targetRows({ members }: Group): readonly Row[] {
  if (members.length === 1) return [];
  return appsByEnvironment(members.flatMap(({ change }) => releaseKeyOf(change) ?? [])).map(
    ({ environment, apps }) => ({
      kind: 'targets',
      name: environment,
      value: apps.map((app) => ({ text: visible(app) })),
      origin: '',
      remarks: [],
    }),
  );
}

function own(text: string, tone: Tone): Piece {
  return { text, tone, own: true };
}

function notesOf({ first }: Group): readonly Piece[] {
  const { change } = first;
  return [
    ...(change.status === null ? [] : [own(statusTitles[change.status], 'dim')]),
    ...change.reasons.map((reason) => own(reason, 'red')),
    ...(change.scope === 'release' && change.action === 'update' && first.goes
      ? [own('new test QR code', 'dim')]
      : []),
    ...(change.action === 'adopt' ? [own('as declared; gets our mark, nothing else', 'dim')] : []),
    ...settledNotes(change),
    ...(change.action === 'update' && !first.goes ? [own('held', 'yellow')] : []),
    ...(marksOnly(first) ? [own('gets our mark; nothing users or testers notice', 'dim')] : []),
    ...(first.held ? [heldPiece(first.held.reason, first.fields)] : []),
  ];
}

function settledNotes(change: Change): readonly Piece[] {
  if (change.action !== 'settled') return [];
  return [
    own(change.scope === 'global' ? settledWords.live : settledWords[settledBy(change)], 'dim'),
  ];
}

const settledWords = {
  none: 'not created: a newer version is declared',
  spent: 'a newer version is declared',
  underWay: 'a newer version gets the change',
  live: 'takes effect with the next version',
} as const;

function settledBy({ status, superseded }: ReleaseChange): keyof typeof settledWords {
  if (status === null) return 'none';
  if (status === 'Canceled') return 'spent';
  return superseded && (status === 'NewVersionCreated' || isUnderWay(status)) ? 'underWay' : 'live';
}

function fieldRows(fact: ChangeFact, locate: Locate): readonly Row[] {
  return fact.fields
    .filter(({ field }) => field.path !== 'mark')
    .map((one) => ({
      kind:
        isListField(one.field.path) && one.field.path !== 'testers'
          ? ('list' as const)
          : ('field' as const),
      name: fieldName(one.field.path),
      value: transition(one.field, fact.change.action === 'create'),
      origin: originsText(one, locate),
      remarks: remarksOf(fact, one),
    }));
}

/** Ids nobody declares for a new record, where that would pay somebody else than what is live does. */
function inheritedRows(fact: ChangeFact): readonly Row[] {
  const { change } = fact;
  if (change.scope !== 'release') return [];
  return stringFields.flatMap((path) => {
    const after = change.inherits?.[path];
    if (!after) return [];
    const isNone = after.state === 'inherited' && after.value === undefined;
    return [
      {
        kind: 'field' as const,
        name: fieldName(path),
        value: [{ text: isNone ? '(none)' : shownText(after), tone: 'bold' as const }],
        origin: '',
        remarks: livePieces(fact, { path, after }),
      },
    ];
  });
}

/** Where the value stands: its highest layer, and how many more places contribute. */
function originsText({ field }: FieldFact, locate: Locate): string {
  const last = field.origins.at(-1);
  if (!last) return '';
  const more = field.origins.length - 1;
  return `${visible(originText(locate(last)))}${more === 0 ? '' : ` (+${more})`}`;
}

function remarksOf(fact: ChangeFact, one: FieldFact): readonly Piece[] {
  const { field, held } = one;
  return [
    ...lockedPieces(fact, field.locked),
    ...causePieces(fact.change.action, field),
    ...(held && !fact.held ? [heldPiece(held.reason, [one])] : []),
    ...(field.surplus ? [own(`${field.surplus} undeclared stay`, 'yellow')] : []),
    ...secretPieces(field),
    ...comparisonPieces(fact, field),
  ];
}

/** Said once where the whole change is out for the same reason. */
function lockedPieces({ change }: ChangeFact, locked: Reason | null): readonly Piece[] {
  if (locked === null || change.action === 'settled') return [];
  if (change.action === 'blocked' && change.reasons.length === 1) return [];
  return [own(`locked: ${locked}`, 'red')];
}

const heldWords = {
  GateRefused: 'held: a gate asks',
  AwaitingApproval: 'held: needs approval',
  AwaitsOther: 'held: waits for another change',
  DriftReported: 'held: only reported',
  DriftIgnored: 'held: ignored',
  Suspended: 'held: suspended',
} as const satisfies Record<HeldReason, string>;

/** A secret that is not configured here waits for no other change. */
function heldPiece(reason: HeldReason, fields: readonly FieldFact[]): Piece {
  const needsSecret =
    reason === 'AwaitsOther' && fields.some(({ field }) => field.after.state === 'unverified');
  return own(
    needsSecret ? 'held: needs a secret that is not configured here' : heldWords[reason],
    'yellow',
  );
}

const causeWords = {
  declaration: '',
  drift: 'drift: changed by hand',
  conflict: 'conflict: changed by hand and in the declaration',
  adoption: 'adoption: set by hand before',
  undeclared: 'undeclared: set by hand',
} as const satisfies Record<Cause, string>;

/** Why it differs; of what is not written anyway, nobody needs to know. */
function causePieces(action: Action, { cause, before }: FieldFact['field']): readonly Piece[] {
  const nothingThere = before.state === 'unset' || before.state === 'inherited';
  const isPlain = action !== 'update' || (cause === 'adoption' && nothingThere);
  const text = isPlain ? '' : causeWords[cause];
  return text === '' ? [] : [own(text, 'yellow')];
}

function secretPieces({ write }: FieldFact['field']): readonly Piece[] {
  if (write?.to !== 'value' || write.value.kind !== 'secret') return [];
  return [{ text: `from ${visible(secretRefText(write.value.ref))}` }];
}

/** What is new for the program matters more than what is live. */
function comparisonPieces(fact: ChangeFact, field: FieldFact['field']): readonly Piece[] {
  const news = newEntryPieces(fact, field);
  return news.length > 0 ? news : livePieces(fact, field);
}

/** What users have today on the same target, so that a new record can be judged against it. */
function livePieces(
  { change }: ChangeFact,
  { path, after }: Pick<FieldChange, 'path' | 'after'>,
): readonly Piece[] {
  if (change.scope !== 'release' || !change.live || path === 'mark') return [];
  if (change.action !== 'create' && change.action !== 'update') return [];
  const { version, values }: LiveRelease = change.live;
  const value = values[path];
  if (!value || value.state === 'unknown') return [];
  // A live variable counts as secret, so that it cannot be told from a public value.
  if (value.state === 'secret' && after.state !== 'secret') return [];
  return [{ text: `live ${visible(version)}: ${liveText(path, value, after)}` }];
}

function liveText(path: FieldPath, live: Shown, after: Shown): string {
  if (isSame(live, after)) return 'the same';
  if (!isListField(path)) return shownText(live);
  const difference = listDifference(live, after);
  if (!difference) return shownText(live);
  return `+${difference.gained.length}, -${difference.lost.length}`;
}

/** Inherited or own is all the same to a user. */
function isSame(a: Shown, b: Shown): boolean {
  if (a.state === 'secret' && b.state === 'secret') return a.fingerprint === b.fingerprint;
  const difference = listDifference(a, b);
  return difference?.gained.length === 0 && difference.lost.length === 0;
}

function newEntryPieces(
  { plan, change }: ChangeFact,
  { path, after }: FieldFact['field'],
): readonly Piece[] {
  if (path !== 'serverDomains' && path !== 'wapUrls') return [];
  if (change.action !== 'create' && change.action !== 'update') return [];
  const known = knownEntries(plan, path);
  const items = (itemsOf(after) ?? []).filter((item) => !known.has(item)).map(shortUrl);
  return items.length === 0
    ? []
    : [{ text: `${namesOf(items)} new for this program`, tone: 'yellow' }];
}

function namesOf(items: readonly string[]): string {
  const [only = ''] = items;
  if (items.length > 1) return `${items.length} entries are`;
  return only.length < 40 ? `${only} is` : '1 entry is';
}

function shortUrl(url: string): string {
  return visible(url.replace(/^https:\/\//, ''));
}

function afterOf({ first }: Group): readonly Piece[] {
  const { suspended, nextStep } = first.change;
  return [
    ...(suspended
      ? [{ text: `suspended: ${visible(suspended.reason)}`, tone: 'yellow' as const }]
      : []),
    ...(nextStep === null ? [] : [{ text: `next: ${visible(nextStep)}`, tone: 'bold' as const }]),
  ];
}
