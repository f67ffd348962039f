import type { Problem } from '../words/problems.ts';
import { epochMs, isoTime } from '../words/time.ts';
import type { Review } from './review.ts';
import { headline } from './review-headline.ts';
import { type Fields, fieldBlocks } from './review-fields.ts';
import { appsCell, symbols } from './review-cells.ts';
import { nextSteps } from './review-steps.ts';
import { fitting, folded } from './review-room.ts';
import { type Ink, inked, placeText, safeInk } from './review-ink.ts';
import { type ReviewRow, rowsOf } from './review-rows.ts';
import { consoleBlock } from './review-console.ts';
import { testCodes } from './review-codes.ts';
import { othersBlock } from './review-others.ts';
import { planIds, type ReviewTarget, targetsOf } from './review-targets.ts';
import { reviewSentences } from './review-words.ts';
import { plural } from './sentence.ts';

/** GitHub takes 65,536 characters; what a forge adds around them must fit too. */
export const maxCharacters = 60_000;
/** Of these the table may have so many: the fields below it are worth something as well. */
const maxTable = 24_000;
const maxList = 6_000;

export interface CommentOptions {
  /** How what others wrote gets in; only a test has another than `safeInk`, or one that links. */
  readonly ink: Ink;
  /** At most `maxCharacters`, whatever is said here. */
  readonly room?: number;
  /** It will be found again and edited. */
  readonly isEdited?: boolean;
}

/** The comment as `review` prints it. */
export function reviewMarkdown(review: Review, ink: Ink = safeInk): string {
  return reviewComment(review, { ink });
}

/**
 * The comment of a review: first in words, then by target, then, folded, field by field.
 *
 * At most `maxCharacters` long, whatever the pull request: what finds no room is counted, and the words always stand.
 */
export function reviewComment(review: Review, options: CommentOptions): string {
  const { ink, isEdited = false } = options;
  const targets = targetsOf(review);
  const bottom = footer(review, ink, isEdited);
  if (isNothing(review, targets)) return `${nothing(review, ink)} ${bottom}\n`;
  const top = [
    `### Fairlead: ${inked(headline(review, targets), ink)}`,
    quoted(reviewSentences(review, targets).map((sentence) => inked(sentence, ink))),
    problemBlock(review, ink),
    unjudgedBlock(review, ink),
    tableBlock(rowsOf(targets), ink),
    nextSteps(review, targets, ink),
    othersBlock(review, ink),
    ridingBlock(review, ink),
    untouched(review),
  ];
  const most = Math.min(maxCharacters, options.room ?? maxCharacters) - bottom.length - 100;
  const room = (blocks: readonly string[]): number => most - blocks.join('\n\n').length;
  const extras = [consoleBlock(review, ink), testCodes(review)];
  const full = extras.reduce(
    (blocks, extra) => (extra.length < room(blocks) ? [...blocks, extra] : blocks),
    top,
  );
  const fields: Fields = { targets, ink, room: room(full) };
  const body = [...full, fieldBlocks(fields)].filter((block) => block !== '').join('\n\n');
  return `${body}\n\n${bottom}\n`;
}

const times =
  / read \d{4}-\d\d-\d\d \d\d:\d\d UTC|, \d+ (?:minute|hour|day)s? before this was written/g;

/** The comment without what changes by itself: when the platform was read, which stands in the last line alone. */
export function timeless(comment: string): string {
  const lines = comment.replaceAll('\r\n', '\n').trimEnd().split('\n');
  return [...lines.slice(0, -1), lines.at(-1)?.replaceAll(times, '') ?? ''].join('\n');
}

function isNothing({ problems, unjudged }: Review, targets: readonly ReviewTarget[]): boolean {
  return targets.length === 0 && problems.fresh.length === 0 && unjudged.length === 0;
}

/** One line, with the footer. */
function nothing(review: Review, ink: Ink): string {
  const rules = reviewSentences(review, []).map((sentence) => inked(sentence, ink));
  const what =
    review.diff.programs.length === 0
      ? 'this pull request declares nothing new'
      : 'nothing changes on the platform';
  const more = rules.length === 0 ? '' : ` ${rules.join(' ')}`;
  return `**Fairlead**: ${what}.${more}`;
}

function quoted(lines: readonly string[]): string {
  return lines.map((line) => `> ${line}`).join('\\\n');
}

const marks = { error: '⛔', warning: '⚠️', info: 'ℹ️' } as const;

function problemBlock({ problems }: Review, ink: Ink): string {
  const { fresh, older } = problems;
  const loud = fresh.filter(({ severity }) => severity !== 'info');
  const lines = loud.map((problem) => problemLine(problem, ink));
  const old = older.errors + older.warnings;
  const note =
    old === 0
      ? []
      : [
          `- ${plural(old, 'problem')} stood there before and ${old === 1 ? 'is' : 'are'} not counted here`,
        ];
  if (lines.length === 0) return '';
  const left = (count: number): string => `- and ${plural(count, 'more problem')}`;
  return [...fitting(lines, maxList, left), ...note].join('\n');
}

function problemLine({ severity, origin, message, nextStep, rule }: Problem, ink: Ink): string {
  const place = origin ? `${placeText(origin, ink)}: ` : '';
  const step = nextStep === undefined ? '' : ` Next: ${ink.code(nextStep)}`;
  return `- ${marks[severity]} ${place}${ink.code(message)} (${ink.code(rule)}).${step}`;
}

function unjudgedBlock({ unjudged }: Review, ink: Ink): string {
  const lines = unjudged.map(
    ({ name, message, nextStep }) =>
      `- ⛔ **no verdict** for ${ink.code(name)}: ${ink.code(message)}${nextStep === null ? '' : `. Next: ${ink.code(nextStep)}`}`,
  );
  return fitting(lines, maxList, (left) => `- and ${plural(left, 'more program')}`).join('\n');
}

function tableBlock(rows: readonly ReviewRow[], ink: Ink): string {
  if (rows.length === 0) return '';
  const columns: Columns = {
    program: new Set(rows.map(({ program }) => program)).size > 1,
    version: new Set(rows.map(({ version }) => version)).size > 1,
  };
  const names = [
    '',
    ...(columns.program ? ['program'] : []),
    ...(columns.version ? ['version'] : []),
  ];
  const head = [...names, 'app', 'environment', 'what happens after merging', 'can it be undone?'];
  const lines = rows.map((row) => rowLine(row, columns, ink));
  const left = (count: number): string =>
    `| … |${' |'.repeat(head.length - 3)} and ${plural(count, 'more row')}, counted in the words above | |`;
  return [cells(head), `|${'---|'.repeat(head.length)}`, ...fitting(lines, maxTable, left)].join(
    '\n',
  );
}

interface Columns {
  readonly program: boolean;
  readonly version: boolean;
}

function rowLine(row: ReviewRow, columns: Columns, ink: Ink): string {
  const { effect, program, version, environment, happens, undo } = row;
  return cells([
    symbols[effect],
    ...(columns.program ? [ink.code(program)] : []),
    ...(columns.version ? [version === '' ? '' : ink.code(version)] : []),
    appsCell(row, ink),
    environment === 'Production' ? '**Production**' : (environment ?? ''),
    inked(happens, ink),
    inked(undo, ink),
  ]);
}

function cells(texts: readonly string[]): string {
  return `| ${texts.join(' | ')} |`;
}

function ridingBlock({ programs }: Review, ink: Ink): string {
  const lines = programs.flatMap(({ riding }) =>
    riding.changes
      .filter(({ goes }) => goes)
      .map(({ change, plan, fields }) => {
        const where =
          change.scope === 'global'
            ? `${ink.code(plan.name)}, global`
            : `${ink.code(change.key.version)} ${change.key.environment} of ${ink.code(change.key.app)}`;
        const what = fields.map(({ field }) => ink.code(field.path)).join(', ');
        return `- ${change.action === 'create' ? 'a new record' : 'a change'} of ${where}${what === '' ? '' : `: ${what}`}`;
      }),
  );
  if (lines.length === 0) return '';
  const left = (count: number): string => `- and ${count} more`;
  const body = fitting(lines, maxList, left).join('\n');
  return folded(
    `Rides along: ${plural(lines.length, 'change')} pending before this pull request`,
    body,
  );
}

function untouched({ untouched: { targets, programs } }: Review): string {
  const parts = [
    ...(targets === 0 ? [] : [plural(targets, 'other target')]),
    ...(programs === 0 ? [] : [plural(programs, 'other program')]),
  ];
  return parts.length === 0 ? '' : `**Not touched**: ${parts.join(', ')}.`;
}

function footer(review: Review, ink: Ink, isEdited: boolean): string {
  const { base, head } = review;
  const { changeId } = planIds(review);
  const parts = [
    `${ink.code(head.commit.slice(0, 7))} by ${ink.code(head.author)} onto ${ink.code(base.revision)} ${ink.code(base.commit.slice(0, 7))}`,
    ...readWords(review, ink),
    ...(changeId === null ? [] : [`change ${ink.code(changeId)}`]),
    ...(isEdited ? ['this comment is edited in place'] : []),
  ];
  return `<sub>${parts.join(' · ')}</sub>`;
}

/** What `timeless` takes away is said here. */
function readWords(review: Review, ink: Ink): readonly string[] {
  const { platforms, programs, against, seal } = review;
  if (against === 'declarations') return ['no platform was asked'];
  const times = programs.map(({ own }) => own.plan.observedAt);
  const time = times.length === 0 ? undefined : Math.min(...times);
  const commit = seal?.commit === undefined ? '' : `, for ${ink.code(seal.commit.slice(0, 7))}`;
  const read = time === undefined ? '' : ` read ${minuteOf(time)}`;
  const age = time === undefined ? '' : ageOf(review, time);
  return platforms.map(({ platform }) => `${ink.code(platform)}${read}${commit}${age}`);
}

function minuteOf(time: number): string {
  return `${isoTime(epochMs(time)).slice(0, 16).replace('T', ' ')} UTC`;
}

function ageOf({ against, now }: Review, time: number): string {
  return against === 'snapshot' ? `, ${ageWords(now - time)} before this was written` : '';
}

function ageWords(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 120) return plural(minutes, 'minute');
  return minutes < 48 * 60
    ? plural(Math.floor(minutes / 60), 'hour')
    : plural(Math.floor(minutes / 1440), 'day');
}
