import type { Change, ChangeId } from '../model/plan.ts';
import type { Written } from '../model/write.ts';
import { planChangeId, planFormatVersion, planHash } from '../plan/identity.ts';
import type { ReconcileError } from '../words/errors.ts';
import type { ApplyDocument, OutcomeDocument } from './apply-schema.ts';
import { type ChangeFact, factsOf, isHeld, releaseKeyOf, targetText } from './facts.ts';
import { keyDocument, type PlanSet } from './plan-document.ts';
import { plural } from './sentence.ts';
import { painter, type Style, symbolOf, type Tone } from './style.ts';
import { padded, widestOf, wrapText } from './table.ts';
import { fieldName } from './values.ts';
import { visible } from './visible.ts';

/** What became of one change, as the executor says it. */
export type Done =
  | {
      readonly result: 'applied';
      readonly change: Change;
      readonly written: Written;
      /** Fields that were to be written and were not, by field change id. */
      readonly left: readonly ChangeId[];
    }
  | { readonly result: 'failed'; readonly change: Change; readonly error: ReconcileError }
  | { readonly result: 'skipped'; readonly change: Change; readonly why: string };

/** A plan and what was done of it. */
export interface ApplyResult {
  readonly set: PlanSet;
  readonly outcomes: readonly Done[];
}

/** One line of the result: a change that was to be written, or is held whole. */
interface Line {
  readonly fact: ChangeFact;
  readonly done: Done | undefined;
}

/** The JSON document of `apply -o json`, in the order of the plan. */
export function applyDocument({ set, outcomes }: ApplyResult): ApplyDocument {
  return {
    formatVersion: planFormatVersion,
    kind: 'ApplyResult',
    planHash: planHash(set.plans),
    changeId: planChangeId(set.plans),
    outcomes: linesOf({ set, outcomes }).map(outcomeDocument),
  };
}

/** What was and what was not done, for people; ends with a line break. */
export function applyText(result: ApplyResult, style: Style): string {
  const lines = linesOf(result);
  const widths = {
    what: widestOf(lines.map(({ fact }) => whatOf(fact))),
    where: widestOf(lines.map(({ fact }) => whereOf(fact))),
  };
  return `${[...lines.flatMap((line) => drawLine(line, widths, style)), tally(lines)].join('\n')}\n`;
}

function linesOf({ set, outcomes }: ApplyResult): readonly Line[] {
  const done = new Map(outcomes.map((outcome) => [outcome.change.changeId, outcome]));
  return factsOf(set)
    .flatMap(({ changes }) => changes)
    .map((fact) => ({ fact, done: done.get(fact.change.changeId) }))
    .filter(({ fact, done: one }) => one !== undefined || isHeld(fact));
}

function outcomeDocument({ fact, done }: Line): OutcomeDocument {
  const { key, action } = fact.change;
  const written = done?.result === 'applied' ? recordOf(done.written) : {};
  return {
    key: keyDocument(key),
    action,
    result: done?.result ?? 'held',
    code: codeOf(fact, done),
    message: messageOf(fact, done),
    releaseId: written.id ?? null,
    testQrCode: written.testQrCode ?? null,
  };
}

function recordOf(written: Written): { readonly id?: string; readonly testQrCode?: string } {
  return written.kind === 'release' ? written.release : {};
}

function codeOf(fact: ChangeFact, done: Done | undefined): string | null {
  if (done?.result === 'failed') return done.error.code;
  return done === undefined ? (firstHeld(fact)?.reason ?? null) : null;
}

function messageOf(fact: ChangeFact, done: Done | undefined): string | null {
  switch (done?.result) {
    case 'failed':
      return done.error.message;
    case 'skipped':
      return done.why;
    case 'applied':
      return leftText(fact, done.left);
    case undefined:
      return firstHeld(fact)?.message ?? null;
  }
}

function firstHeld({ held, fields }: ChangeFact) {
  return held ?? fields.find((field) => field.held)?.held;
}

/** Fields of an applied change that were not written; null for none. */
function leftText({ fields }: ChangeFact, left: readonly ChangeId[]): string | null {
  const names = (wanted: (field: ChangeFact['fields'][number]) => boolean): string =>
    fields
      .filter((one) => one.field.path !== 'mark' && wanted(one))
      .map(({ field }) => fieldName(field.path))
      .join(', ');
  const notDone = names(({ field }) => left.includes(field.changeId));
  const held = names((one) => one.held !== undefined);
  const parts = [
    ...(notDone === '' ? [] : [`not written: ${notDone}`]),
    ...(held === '' ? [] : [`held: ${held}`]),
  ];
  return parts.length === 0 ? null : parts.join('; ');
}

const words = {
  applied: ['done', 'green'],
  failed: ['failed', 'red'],
  skipped: ['not done', 'yellow'],
  held: ['held', 'yellow'],
} as const satisfies Record<OutcomeDocument['result'], readonly [string, Tone]>;

interface Widths {
  readonly what: number;
  readonly where: number;
}

function drawLine({ fact, done }: Line, widths: Widths, style: Style): readonly string[] {
  const paint = painter(style);
  const { result, code, message, testQrCode } = outcomeDocument({ fact, done });
  const [word, tone] = words[result];
  const { action } = fact.change;
  const head = paint(tone, padded(word, 8));
  const what = `${symbolOf(action, style)} ${padded(whatOf(fact), widths.what)}  ${padded(whereOf(fact), widths.where)}`;
  const why = [code, message].filter((text) => text !== null).join(': ');
  const below = (text: string): readonly string[] =>
    text === ''
      ? []
      : wrapText(visible(text), Math.max(30, style.width - 11)).map((line) => `           ${line}`);
  const step = done?.result === 'failed' ? (done.error.nextStep ?? '') : '';
  return [
    `${head}   ${what}`.trimEnd(),
    ...below(why),
    ...below(step === '' ? '' : `next: ${step}`),
    ...(action !== 'adopt' && testQrCode !== null ? below(`test QR: ${testQrCode}`) : []),
  ];
}

function whatOf({ change }: ChangeFact): string {
  const release = releaseKeyOf(change);
  return release ? visible(release.version) : 'global';
}

function whereOf({ change, plan }: ChangeFact): string {
  const release = releaseKeyOf(change);
  return visible(release ? targetText(release) : plan.name);
}

function tally(lines: readonly Line[]): string {
  if (lines.length === 0) return 'Nothing to do.';
  const count = (result: OutcomeDocument['result']): number =>
    lines.filter(({ done }) => (done?.result ?? 'held') === result).length;
  const parts = [
    plural(count('applied'), 'change done', 'changes done'),
    ...(count('failed') === 0 ? [] : [`${count('failed')} failed`]),
    ...(count('skipped') === 0 ? [] : [`${count('skipped')} not done`]),
    ...(count('held') === 0 ? [] : [`${count('held')} held`]),
  ];
  return `${parts.join(', ')}.`;
}
