import { planChangeId } from '../plan/identity.ts';
import type { Problem } from '../words/problems.ts';
import type { DocumentId, Locate } from '../words/places.ts';
import type { EpochMs } from '../words/time.ts';
import { approvalsOf, requestedAt, usedApprovals, type Annotations } from './annotations.ts';
import { statusBefore, type StatusBefore } from './before.ts';
import type { Finding, Stamp } from './conditions.ts';
import type { NamedView, Speech } from './message.ts';
import type { ProgramReport } from './report.ts';
import { isReleasable, told } from './judge.ts';
import type { View } from './view.ts';

/** The object a status is made for, as it was when the pass began. */
export interface StatusObject {
  readonly generation: number;
  readonly annotations: Annotations;
  /** As the API server showed it last; untrusted. */
  readonly status: unknown;
}

/** What every status of a declaration is made from. */
export interface StatusInput {
  readonly object: StatusObject;
  /** `source|kind/namespace/name`. */
  readonly document: DocumentId;
  /** Passes over the programs that the object speaks of; a program is among them however it went. */
  readonly programs: readonly ProgramReport[];
  /** Mistakes in the document itself; what is no error is left out of the conditions. */
  readonly problems: readonly Problem[];
  readonly locate: Locate;
  /** See `Speech`. */
  readonly approvalsIgnored: string | undefined;
  readonly approvals: {
    /** Used by the last pass. */
    readonly used: readonly string[];
    /** Ids that the annotation's words stand for; its own words always count. */
    readonly expanded: readonly string[];
  };
  readonly now: EpochMs;
}

export const noApprovals: StatusInput['approvals'] = { used: [], expanded: [] };

/**
 * The same, of the generation that was judged: an object may be newer than the declarations that a pass took in, and
 * nothing is known of what it says since.
 */
export function asJudged<I extends StatusInput>(input: I): I {
  const origin = input.locate({ document: input.document, pointer: '' });
  const known = 'object' in origin ? origin.object.generation : undefined;
  const { object } = input;
  if (known === undefined || known >= object.generation) return input;
  return { ...input, object: { ...object, generation: known } };
}

/** What is common to the statuses of declarations. */
export interface Subject {
  readonly before: StatusBefore;
  readonly stamp: Stamp;
  readonly speech: Speech;
}

export function subjectOf({ object, locate, approvalsIgnored, now }: StatusInput): Subject {
  const before = statusBefore(object.status);
  return {
    before,
    stamp: { generation: object.generation, before, now },
    speech: { locate, approvalsIgnored },
  };
}

/** The answered request and the used approvals, as far as there are any. */
export function common({ object, programs, approvals }: StatusInput, { before }: Subject) {
  const isSeen = programs.every(({ result }) => result.state !== 'unseen');
  const asked = requestedAt(object.annotations);
  const handled = isSeen ? (asked ?? before.lastHandledReconcileAt) : before.lastHandledReconcileAt;
  const relevant = new Set([...approvalsOf(object.annotations), ...approvals.expanded]);
  const used = usedApprovals(before.usedApprovals, approvals.used, relevant);
  return {
    observedGeneration: object.generation,
    ...(handled === undefined ? {} : { lastHandledReconcileAt: handled }),
    ...(used.length === 0 ? {} : { usedApprovals: [...used] }),
  };
}

const missing: ReadonlySet<string> = new Set(['reference-not-found', 'connection-not-found']);

/** Errors of the document as views: somebody else may add what is missing, anything else is the author's. */
export function problemViews(problems: readonly Problem[]): readonly NamedView[] {
  return problems
    .filter(({ severity }) => severity === 'error')
    .map(({ rule, message, nextStep, origin }) => {
      const view: View = {
        standing: 'blocked',
        reason: missing.has(rule) ? 'ReferenceNotFound' : 'Invalid',
        says: told(message, nextStep),
        ...(origin ? { origin } : {}),
      };
      return { where: '', view };
    });
}

/** With a word on approvals that were given in vain. */
export function withIgnored(
  finding: Finding,
  { object, approvalsIgnored }: Pick<StatusInput, 'object' | 'approvalsIgnored'>,
): Finding {
  const isGiven = approvalsOf(object.annotations).length > 0;
  if (approvalsIgnored === undefined || !isGiven || finding.message.includes(approvalsIgnored))
    return finding;
  return { ...finding, message: `${finding.message} ${approvalsIgnored}` };
}

/**
 * Of some programs nothing is known but what stands in the status: other processes judge them, or this one did before it
 * was started again. Then the status is made of nothing but its entries: whoever writes says the same, and none has a
 * reason to correct the other.
 */
export function isShared(programs: readonly ProgramReport[]): boolean {
  return programs.some(({ result }) => result.state === 'elsewhere' || result.state === 'unseen');
}

/**
 * Id that the approve annotation takes: of the plan that holds something, else of one that is not carried out yet. Of
 * several programs the first: an approval is judged program by program. None where another process has a plan as well.
 */
export function changeIdOf(reports: readonly ProgramReport[]): string | undefined {
  if (isShared(reports)) return undefined;
  const plans = reports.flatMap(({ result }) => (result.state === 'planned' ? [result] : []));
  const held = plans.filter(({ decision }) => decision.held.some(isReleasable));
  const open = plans.filter(
    ({ decision, outcomes }) =>
      decision.apply.length > outcomes.filter(({ result }) => result === 'applied').length,
  );
  const [first] = [...held, ...open];
  return first && planChangeId([first.plan]);
}
