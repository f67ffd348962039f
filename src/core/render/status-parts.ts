import type {
  BlockedStatus,
  CommitInfo,
  ConnectionStatus,
  HeldStatus,
  ProgramState,
  ProgramStatus,
  SourceStatus,
  Trouble,
} from '../model/controller.ts';
import type { HeldReason } from '../words/reasons.ts';
import type { EpochMs } from '../words/time.ts';
import { parted } from './held.ts';
import { plural } from './sentence.ts';
import { momentText, spanText } from './span.ts';
import type { Tone } from './style.ts';
import type { Piece } from './table.ts';
import { undeclaredText } from './undeclared.ts';
import { visible } from './visible.ts';

export interface When {
  readonly now: EpochMs;
  /** No controller runs: nothing is going to happen. */
  readonly isOver: boolean;
}

/** One source, connection or program: a line, and what must be said of it below. */
export interface StatusItem {
  readonly name: string;
  readonly state: Piece;
  readonly facts: readonly string[];
  readonly notes: readonly Piece[];
}

const tones: Readonly<Record<string, Tone>> = {
  Ready: 'green',
  InSync: 'green',
  Reading: 'cyan',
  Starting: 'cyan',
  Pending: 'cyan',
  Held: 'yellow',
  Rewound: 'yellow',
  Suspended: 'yellow',
  Blocked: 'red',
  Failing: 'red',
  Unknown: 'dim',
};

const stateWords: Readonly<Partial<Record<string, string>>> = {
  InSync: 'in sync',
  Unknown: 'not planned yet',
} satisfies Partial<Record<ProgramState, string>>;

/** A state as people say it. */
export function stateWord(state: string): string {
  return stateWords[state] ?? state.toLowerCase();
}

function stateOf(state: string, since: EpochMs, now: EpochMs): Piece {
  const word = stateWord(state);
  const isQuiet = state === 'Ready' || state === 'InSync' || state === 'Unknown';
  return {
    text: isQuiet ? word : `${word} for ${spanText(now - since)}`,
    tone: tones[state] ?? 'dim',
  };
}

export function sourceItem(source: SourceStatus, when: When): StatusItem {
  const { name, url, ref, state, since, commit, completed, documents, nextLookAt } = source;
  const isBehind = commit !== undefined && completed !== undefined && completed !== commit.id;
  return {
    name: visible(name),
    state: stateOf(state, since, when.now),
    facts: [
      visible(ref),
      ...(commit ? [...tagText(ref, commit), commitText(commit)] : []),
      plural(documents, 'document'),
      ...(isBehind ? ['not yet acted on whole'] : []),
      ...nextText('looks', nextLookAt, when),
    ],
    notes: [
      ...(state === 'Ready' ? [] : [dim(visible(url))]),
      ...troubleNotes(source.trouble),
      ...(state === 'Rewound' && source.changeId !== undefined ? [approve(source.changeId)] : []),
      ...problemNotes(source),
      ...(source.undeclared
        ? [{ text: undeclaredText(source.undeclared), tone: 'yellow' as const }]
        : []),
      ...expiryNotes(source.credentialExpiresAt, when.now),
      ...reviewNotes(source.reviews, when.now),
    ],
  };
}

function reviewNotes(reviews: SourceStatus['reviews'], now: EpochMs): readonly Piece[] {
  if (!reviews) return [];
  const { open, waiting, reviewedAt, trouble } = reviews;
  const facts = [
    `${String(open)} open`,
    ...(waiting > 0 ? [`${String(waiting)} waiting`] : []),
    ...(reviewedAt === undefined ? [] : [`last ${spanText(now - reviewedAt)} ago`]),
  ];
  return [dim(`reviews: ${facts.join(', ')}`), ...troubleNotes(trouble)];
}

function problemNotes({ problems, problemCount }: SourceStatus): readonly Piece[] {
  const more = problemCount - problems.length;
  return [
    ...problems.map((text): Piece => ({ text: visible(text), tone: 'red' })),
    ...(more > 0 ? [dim(`and ${plural(more, 'more problem')}: fairlead validate shows all`)] : []),
  ];
}

export function connectionItem(connection: ConnectionStatus, when: When): StatusItem {
  const { name, platform, state, since, programs, releases, queued, sweptAt, nextSweepAt } =
    connection;
  const waiting = queued.hot + queued.sweep;
  return {
    name: visible(name),
    state: stateOf(state, since, when.now),
    facts: [
      visible(platform),
      `${plural(programs, 'program')}, ${plural(releases, 'release')}`,
      sweptAt === undefined ? 'not read yet' : `read ${spanText(when.now - sweptAt)} ago`,
      ...nextText('reads', nextSweepAt, when),
      ...(waiting > 0 ? [`${String(waiting)} waiting`] : []),
      ...rateFacts(connection),
    ],
    notes: [
      ...troubleNotes(connection.trouble),
      ...expiryNotes(connection.credentialExpiresAt, when.now),
    ],
  };
}

/** Only when the platform slowed us down. */
function rateFacts({ requestsPerSecond, rateNow }: ConnectionStatus): readonly string[] {
  if (rateNow >= requestsPerSecond) return [];
  return [`${rateNow.toFixed(1)} of ${String(requestsPerSecond)} calls a second`];
}

export interface ProgramOptions extends When {
  /** Everything that is held and blocked; else what fits a glance. */
  readonly whole: boolean;
}

/** Held and blocked things of one program that are told at a glance. */
const mostNotes = 5;

export function programItem(program: ProgramStatus, when: ProgramOptions): StatusItem {
  const { key, state, since, targets, pendingSince, nextAt, trouble, message } = program;
  const most = when.whole ? Number.POSITIVE_INFINITY : mostNotes;
  // The message repeats the first of them.
  const isTold = program.held.length + program.blocked.length > 0;
  return {
    name: visible(programTitle(program)),
    state: withDrift(program, stateOf(state, since, when.now)),
    facts: [
      visible(`${key.workspace}/${key.miniProgram}`),
      `${String(targets.done)} of ${plural(targets.total, 'target')}`,
      ...(pendingSince === undefined ? [] : [`pending for ${spanText(when.now - pendingSince)}`]),
      ...nextText('next pass', nextAt, when),
    ],
    notes: [
      ...(trouble ? troubleNotes(trouble) : messageNotes(isTold ? undefined : message)),
      ...heldNotes(program.held, most),
      ...blockedNotes(program.blocked, most),
    ],
  };
}

/** In sync as far as declarations go; what only the report of drift leaves is said in the same breath. */
function withDrift({ state, held }: ProgramStatus, piece: Piece): Piece {
  const drift = held.filter(({ reason }) => reason === 'DriftReported').length;
  if (state !== 'InSync' || drift === 0) return piece;
  return { text: `${piece.text}, ${String(drift)} drift reported`, tone: 'yellow' };
}

/** What people call the program. */
export function programTitle({ names, key }: Pick<ProgramStatus, 'names' | 'key'>): string {
  return names.length > 0 ? names.join(', ') : `${key.workspace}/${key.miniProgram}`;
}

/** What a person's word can release; whatever else holds something is ended where it began. */
const approvable: ReadonlySet<HeldReason> = new Set<HeldReason>([
  'GateRefused',
  'AwaitingApproval',
  'DriftReported',
]);

function heldNotes(held: readonly HeldStatus[], most: number): readonly Piece[] {
  const shown = held.slice(0, most);
  const plans = new Set(
    held.filter(({ reason }) => approvable.has(reason)).map(({ plan }) => plan),
  );
  const isMany = held.length > 1;
  return [
    ...shown.flatMap(({ where, path, reason, message, changeId }): readonly Piece[] => [
      {
        text: `${visible(where)} ${visible(path)}: ${reason}, ${visible(parted(message, path).why)}`,
      },
      ...(approvable.has(reason) ? [approve(changeId)] : []),
    ]),
    ...more(held.length - shown.length, 'held'),
    ...(isMany ? [...plans].map((plan) => approve(plan, 'all that can be approved: ')) : []),
  ];
}

function blockedNotes(blocked: readonly BlockedStatus[], most: number): readonly Piece[] {
  const shown = blocked.slice(0, most);
  return [
    ...shown.map(({ where, reasons, nextStep }): Piece => {
      const next = nextStep === undefined ? '' : `; next: ${visible(nextStep)}`;
      return { text: `${visible(where)}: ${reasons.map(visible).join(', ')}${next}` };
    }),
    ...more(blocked.length - shown.length, 'blocked'),
  ];
}

function more(count: number, what: string): readonly Piece[] {
  return count > 0 ? [dim(`and ${String(count)} more ${what}: name the program, or --all`)] : [];
}

function approve(id: string, before = ''): Piece {
  return { text: `${before}fairlead approve ${id}`, tone: 'bold' };
}

export function troubleNotes(trouble: Trouble | undefined): readonly Piece[] {
  if (!trouble) return [];
  const { code, message, nextStep } = trouble;
  return [
    { text: `${visible(code)}: ${visible(message)}`, tone: 'red' },
    ...(nextStep === undefined ? [] : [{ text: `next: ${visible(nextStep)}` }]),
  ];
}

function messageNotes(message: string | undefined): readonly Piece[] {
  return message === undefined ? [] : [{ text: visible(message) }];
}

/** Told from a month before. */
const expiresWithinMs = 30 * 86_400_000;

function expiryNotes(at: EpochMs | undefined, now: EpochMs): readonly Piece[] {
  if (at === undefined || at - now > expiresWithinMs) return [];
  const text =
    at <= now
      ? `its credential ended at ${momentText(at)}`
      : `its credential ends at ${momentText(at)}`;
  return [{ text, tone: at <= now ? 'red' : 'yellow' }];
}

/** Where more than one tag could be in force. */
function tagText(wanted: string, { ref }: CommitInfo): readonly string[] {
  return ref === undefined || wanted === `refs/tags/${ref}` ? [] : [visible(ref)];
}

function commitText({ id, author, subject }: CommitInfo): string {
  const who = author === undefined ? '' : ` ${visible(nameOf(author))}`;
  return `${visible(id.slice(0, 12))}${who}${subject === undefined ? '' : `: ${visible(subject)}`}`;
}

/** The name without the address: a line is short. */
function nameOf(author: string): string {
  return author.replace(/\s*<[^>]*>$/, '');
}

function nextText(what: string, at: EpochMs | undefined, { now, isOver }: When): readonly string[] {
  if (at === undefined || isOver) return [];
  return [at <= now ? `${what} now` : `${what} in ${spanText(at - now)}`];
}

function dim(text: string): Piece {
  return { text, tone: 'dim' };
}
