import type { Change, ChangeId } from '../model/plan.ts';
import type { Written } from '../model/write.ts';
import { planChangeId, planFormatVersion, planHash } from '../plan/identity.ts';
import type { ReconcileError } from '../words/errors.ts';
import type { Action } from '../words/reasons.ts';
import type { ApplyDocument, OutcomeDocument } from './apply-schema.ts';
import {
  type ChangeFact,
  factsOf,
  isHeld,
  marksOnly,
  type ProgramFacts,
  programTitle,
  releaseKeyOf,
  targetText,
} from './facts.ts';
import { heldSummary } from './held.ts';
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
  const left = leftOf(set);
  return {
    formatVersion: planFormatVersion,
    kind: 'ApplyResult',
    planHash: planHash(set.plans),
    changeId: planChangeId(set.plans),
    outcomes: linesOf({ set, outcomes }).map(outcomeDocument),
    ...(left.length > 0 ? { left } : {}),
  };
}

/** What nobody tried, because it is blocked or waits for something. */
function leftOf({ plans }: PlanSet): NonNullable<ApplyDocument['left']> {
  return plans
    .flatMap(({ global, changes }) => [...global, ...changes])
    .filter(({ action }) => action === 'blocked' || action === 'waiting')
    .map(({ key, action, reasons, nextStep }) => ({
      ...{ key: keyDocument(key), action, nextStep },
      reasons: [...reasons],
    }));
}

/** What was and what was not done, for people; ends with a line break. */
export function applyText(result: ApplyResult, style: Style): string {
  const lines = linesOf(result);
  const widths = {
    what: widestOf(lines.map(({ fact }) => whatOf(fact))),
    where: widestOf(lines.map(({ fact }) => whereOf(fact))),
  };
  const blocks = factsOf(result.set).flatMap((program) => {
    const own = lines.filter(({ fact }) => fact.plan.key === program.plan.key);
    const drawn = own.flatMap((line) => drawLine(line, widths, style));
    const isNamed = result.set.plans.length > 1 && own.length > 0;
    return isNamed ? [painter(style)('bold', programTitle(program)), ...drawn] : drawn;
  });
  return `${[...blocks, tally(lines, factsOf(result.set))].join('\n')}\n`;
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
    result: resultOf({ fact, done }),
    code: codeOf(fact, done),
    message: messageOf(fact, done),
    releaseId: written.id ?? null,
    testQrCode: written.testQrCode ?? null,
  };
}

/** A record that got nothing but our mark, while what was wished for it is held, is held. */
function resultOf({ fact, done }: Line): OutcomeDocument['result'] {
  if (done === undefined) return 'held';
  return done.result === 'applied' && marksOnly(fact) ? 'held' : done.result;
}

function recordOf(written: Written): { readonly id?: string; readonly testQrCode?: string } {
  return written.kind === 'release' ? written.release : {};
}

function codeOf(fact: ChangeFact, done: Done | undefined): string | null {
  if (done?.result === 'failed') return done.error.code;
  return resultOf({ fact, done }) === 'held' ? (firstHeld(fact)?.reason ?? null) : null;
}

function messageOf(fact: ChangeFact, done: Done | undefined): string | null {
  switch (done?.result) {
    case 'failed':
      return done.error.message;
    case 'skipped':
      return done.why;
    case 'applied':
      return marksOnly(fact)
        ? `mark written; held: ${heldSummary(fact)}`
        : leftText(fact, done.left);
    case undefined:
      return heldSummary(fact);
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
  const why = isSaid(code, message) ? message : [code, message].filter(isText).join(': ');
  const below = (text: string): readonly string[] =>
    text === ''
      ? []
      : wrapText(visible(text), Math.max(30, style.width - 11)).map((line) => `           ${line}`);
  const step = done?.result === 'failed' ? (done.error.nextStep ?? '') : '';
  return [
    `${head}   ${what}`.trimEnd(),
    ...below(why),
    ...below(step === '' ? '' : `next: ${step}`),
    ...(result === 'applied' && action !== 'adopt' && testQrCode !== null
      ? below(`test QR: ${testQrCode}`)
      : []),
  ];
}

function isText(text: string | null): text is string {
  return text !== null;
}

/** `Suspended: suspended: ...` says it twice. */
function isSaid(code: string | null, message: string | null): message is string {
  return code !== null && message?.toLowerCase().startsWith(code.toLowerCase()) === true;
}

function whatOf({ change }: ChangeFact): string {
  const release = releaseKeyOf(change);
  return release ? visible(release.version) : 'global';
}

function whereOf({ change, plan }: ChangeFact): string {
  const release = releaseKeyOf(change);
  return visible(release ? targetText(release) : plan.name);
}

function tally(lines: readonly Line[], programs: readonly ProgramFacts[]): string {
  const count = (result: OutcomeDocument['result']): number =>
    lines.filter((line) => resultOf(line) === result).length;
  const [applied, failed, skipped, held] = [
    count('applied'),
    count('failed'),
    count('skipped'),
    count('held'),
  ];
  const isIdle = !lines.some(({ done }) => done);
  if (isIdle) return idle(held, programs);
  const parts = [
    plural(applied, 'change done', 'changes done'),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(skipped === 0 ? [] : [`${skipped} not done`]),
    ...(held === 0 ? [] : [`${held} held`]),
  ];
  return `${parts.join(', ')}.`;
}

/** Nothing was tried: because nothing differs, or because something stands in the way. */
function idle(held: number, programs: readonly ProgramFacts[]): string {
  const changes = programs.flatMap((program) => program.changes).map(({ change }) => change);
  const of = (action: Action, scope: Change['scope']): number =>
    changes.filter((change) => change.action === action && change.scope === scope).length;
  const why = [
    [of('blocked', 'release'), 'release is blocked', 'releases are blocked'],
    [
      of('blocked', 'global'),
      'global configuration is blocked',
      'global configurations are blocked',
    ],
    [of('waiting', 'release'), 'release waits', 'releases wait'],
    [held, 'change is held', 'changes are held'],
  ] as const;
  const parts = why.flatMap(([count, one, many]) =>
    count === 0 ? [] : [plural(count, one, many)],
  );
  return parts.length === 0 ? 'Nothing to do.' : `Nothing was written: ${parts.join(', ')}.`;
}
