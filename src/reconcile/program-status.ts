import type { BlockedStatus, HeldStatus, ProgramState, Trouble } from '../core/model/controller.ts';
import type { Change, ChangeId, Decision, Held, Plan } from '../core/model/plan.ts';
import { parted } from '../core/render/held.ts';
import { planChangeId } from '../core/plan/identity.ts';
import type { ReconcileError } from '../core/words/errors.ts';
import { originText, type Locate } from '../core/words/places.ts';
import type { HeldReason, Reason } from '../core/words/reasons.ts';

/** What a plan and what was decided of it come to, for people. */
export interface Verdict {
  readonly state: Exclude<ProgramState, 'Unknown' | 'Failing'>;
  readonly message?: string;
  readonly targets: { readonly total: number; readonly done: number };
  readonly held: readonly HeldStatus[];
  readonly blocked: readonly BlockedStatus[];
  readonly changeId: ChangeId;
  /** Something declared is not on the platform yet. */
  readonly isPending: boolean;
  /** What it depends on shows only when it is asked for again: the next sweep plans it anew. */
  readonly isOpen: boolean;
}

/** Held by policy alone: nothing is missing. */
const leftByPolicy: ReadonlySet<HeldReason> = new Set(['DriftReported', 'DriftIgnored']);

/** Reasons that end without any change of a record of ours. */
const endsElsewhere: ReadonlySet<Reason> = new Set<Reason>([
  'TargetUnavailable',
  'VersionNotUploaded',
  'MiniProgramNotFound',
  'VariablesUnavailable',
  'DomainsNotGranted',
  'AccessDenied',
  'PlatformRefused',
  'PlatformMismatch',
  'SecretUnavailable',
  'Contended',
]);

/**
 * Judges a plan. Pure.
 *
 * @param locate  where given, the message of what is blocked says where it is declared
 */
export function verdictOf(plan: Plan, decision: Decision, locate?: Locate): Verdict {
  const changeId = planChangeId([plan]);
  const changes = [...plan.global, ...plan.changes];
  const held = heldOf(changes, decision.held, changeId);
  const stuck = changes.filter(({ action }) => action === 'blocked');
  const blocked = stuck.map(blockedOf);
  const isPending = decision.apply.length > 0 || changes.some(({ action }) => action === 'waiting');
  const waiting = changes.find(({ action }) => action === 'waiting');
  const state = stateOf({ held, blocked, isPending });
  const message = messageOf(state, { held, blocked, waiting, stands: standsAt(stuck[0], locate) });
  return {
    ...{ state, held, blocked, changeId },
    ...(message === undefined ? {} : { message }),
    targets: { total: plan.changes.length, done: doneOf(plan, held) },
    isPending: isPending || held.some(({ reason }) => !leftByPolicy.has(reason)),
    isOpen: changes.some(isOpen),
  };
}

/** What went wrong, in words that stay the same while it is so. */
export function troubleOf({ code, message, nextStep }: ReconcileError): Trouble {
  return { code, message, ...(nextStep === undefined ? {} : { nextStep }) };
}

/** `2.5.0/megapay/Production`, or `global`. */
function whereOf(change: Change): string {
  if (change.scope === 'global') return 'global';
  const { version, app, environment } = change.key;
  return `${version}/${app}/${environment}`;
}

function heldOf(
  changes: readonly Change[],
  held: readonly Held[],
  plan: ChangeId,
): readonly HeldStatus[] {
  const byId = new Map(held.map((one) => [one.changeId, one]));
  return changes.flatMap((change) => {
    const units =
      change.fields.length === 0
        ? [{ path: 'record', changeId: change.changeId }]
        : change.fields.map(({ path, changeId }) => ({ path, changeId }));
    return units.flatMap(({ path, changeId }) => {
      const one = byId.get(changeId);
      if (!one) return [];
      const { reason } = one;
      // How it is allowed on a command line is no use here: `approve` is told with the id.
      const message = parted(one.message, path).why;
      return [
        { where: whereOf(change), path, reason, message, changeId, change: change.changeId, plan },
      ];
    });
  });
}

function blockedOf(change: Change): BlockedStatus {
  const { reasons, nextStep } = change;
  return { where: whereOf(change), reasons, ...(nextStep === null ? {} : { nextStep }) };
}

function isOpen({ action, reasons, fields }: Change): boolean {
  return (
    action === 'waiting' ||
    reasons.some((reason) => endsElsewhere.has(reason)) ||
    fields.some(({ locked }) => locked !== null && endsElsewhere.has(locked))
  );
}

interface Found {
  readonly held: readonly HeldStatus[];
  readonly blocked: readonly BlockedStatus[];
}

function stateOf({ held, blocked, isPending }: Found & { isPending: boolean }): Verdict['state'] {
  if (held.some(({ reason }) => reason === 'Suspended')) return 'Suspended';
  if (blocked.length > 0) return 'Blocked';
  if (held.some(({ reason }) => !leftByPolicy.has(reason))) return 'Held';
  return isPending ? 'Pending' : 'InSync';
}

interface Spoken extends Found {
  readonly waiting: Change | undefined;
  readonly stands: string;
}

/** ` (coffee.yaml:12)`, or nothing. */
function standsAt(change: Change | undefined, locate: Locate | undefined): string {
  const place = change?.origins.at(-1);
  return place && locate ? ` (${originText(locate(place))})` : '';
}

function messageOf(
  state: Verdict['state'],
  { held, blocked, waiting, stands }: Spoken,
): string | undefined {
  const [stuck] = blocked;
  if (state === 'Blocked' && stuck)
    return `${stuck.where}: ${[...stuck.reasons, ...(stuck.nextStep ? [stuck.nextStep] : [])].join(': ')}${stands}`;
  const one = held.find(({ reason }) => state === 'InSync' || !leftByPolicy.has(reason));
  if (state !== 'Pending' && one) return heldText(one);
  return waiting === undefined
    ? undefined
    : `${whereOf(waiting)}: ${[...waiting.reasons, ...(waiting.nextStep === null ? [] : [waiting.nextStep])].join(': ')}`;
}

const approvable: ReadonlySet<HeldReason> = new Set([
  'GateRefused',
  'AwaitingApproval',
  'DriftReported',
]);

function heldText({ path, where, message, reason, changeId }: HeldStatus): string {
  const how = approvable.has(reason) ? `; fairlead approve ${changeId}` : '';
  return `${path} of ${where}: ${message}${how}`;
}

/** Targets on which nothing is missing: as declared, settled, or left by policy. */
function doneOf(plan: Plan, held: readonly HeldStatus[]): number {
  const waits = new Set(
    held.filter(({ reason }) => !leftByPolicy.has(reason)).map(({ where }) => where),
  );
  return plan.changes.filter((change) => isDone(change, held) && !waits.has(whereOf(change)))
    .length;
}

function isDone(change: Change, held: readonly HeldStatus[]): boolean {
  if (change.action === 'unchanged' || change.action === 'settled') return true;
  if (change.action !== 'update') return false;
  const left = held.filter(({ where }) => where === whereOf(change));
  const fields = change.fields.filter(({ path }) => path !== 'mark');
  return (
    fields.length > 0 &&
    fields.every(
      ({ changeId, locked }) => locked !== null || left.some((one) => one.changeId === changeId),
    )
  );
}
