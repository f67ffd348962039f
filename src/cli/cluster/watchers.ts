import { approveAnnotation } from '../../core/status/index.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { ApprovalPolicy, ClusterObject } from '../../ports/cluster.ts';
import type { Clock, Telemetry } from '../../ports/index.ts';
import { ignoredText, type GuardControl, type PolicySight } from './approval-guard.ts';
import { createHealthTeller, type Check } from './checks.ts';
import type { Hub } from './hub.ts';

const policyMs = 30_000;
/** An approval waits for a look; those of many objects at once wait for the same. */
const wantedMs = 1_000;
const healthMs = 5_000;
/** A clock that is set by less is set by its time service, all the time. */
const movedMs = 60_000;

export interface PolicyWatch {
  readonly approvals: ApprovalPolicy;
  readonly guard: Pick<GuardControl, 'look' | 'isWanted'>;
  readonly hub: Pick<Hub, 'objects' | 'touch'>;
  readonly clock: Pick<Clock, 'sleep' | 'mono'>;
  readonly telemetry: Telemetry;
}

/** Who makes sure of approvals may be installed, or taken away, at any time. */
export async function lookAtPolicy(
  { approvals, guard, hub, clock, telemetry }: PolicyWatch,
  signal: AbortSignal,
): Promise<void> {
  let said: string | undefined;
  let before: PolicySight | undefined;
  for (;;) {
    const lookedAt = clock.mono();
    const { sight, isNew } = await lookOnce(approvals, before, signal);
    before = sight;
    // Without an answer nothing was looked at, and whoever waits for a look waits on.
    if (isNew && guard.look(sight, lookedAt)) hub.touch(hub.objects().filter(isApproving));
    const why = sight.isInForce === true ? '' : ignoredText(sight);
    // That all is well is no news at the start.
    if (why !== said && (why !== '' || said !== undefined)) tellPolicy(telemetry, why);
    said = why;
    await rest({ guard, clock }, signal);
  }
}

async function rest(
  { guard, clock }: Pick<PolicyWatch, 'guard' | 'clock'>,
  signal: AbortSignal,
): Promise<void> {
  const until = clock.mono() + policyMs;
  do await clock.sleep(wantedMs, signal);
  while (clock.mono() < until && !guard.isWanted());
}

interface Looked {
  readonly sight: PolicySight;
  /** The API server has answered. */
  readonly isNew: boolean;
}

async function lookOnce(
  approvals: ApprovalPolicy,
  before: PolicySight | undefined,
  signal: AbortSignal,
): Promise<Looked> {
  try {
    return { sight: await approvals.look(signal), isNew: true };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ReconcileError)) throw error;
    const { code, message, nextStep } = error;
    // An API server that does not answer says nothing of what it keeps.
    if (before && code !== 'ClusterRefused') return { sight: before, isNew: false };
    return {
      sight: { isInForce: 'Unknown', fault: nextStep ? `${message}; ${nextStep}` : message },
      isNew: true,
    };
  }
}

function tellPolicy(telemetry: Telemetry, why: string): void {
  telemetry.emit({
    ...{ kind: 'condition', about: 'config', name: 'cluster approvals' },
    ...(why === '' ? { state: 'Ready' } : { state: 'Ignored', message: why }),
  });
}

function isApproving({ annotations }: ClusterObject): boolean {
  return annotations[approveAnnotation] !== undefined;
}

/** Tells the log how well the cluster is followed, and that the clock was set. */
export async function tellHealth(
  checks: () => readonly Check[],
  { clock, telemetry }: { readonly clock: Clock; readonly telemetry: Telemetry },
  signal: AbortSignal,
): Promise<void> {
  const tell = createHealthTeller(telemetry);
  let offset = clock.wall() - clock.mono();
  for (;;) {
    await clock.sleep(healthMs, signal);
    tell(checks());
    const now = clock.wall() - clock.mono();
    if (Math.abs(now - offset) >= movedMs) tellMoved(telemetry, now - offset);
    offset = now;
  }
}

function tellMoved(telemetry: Telemetry, ms: number): void {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const where = ms > 0 ? 'forward' : 'back';
  telemetry.emit({
    ...{ kind: 'condition', about: 'config', name: 'clock', state: 'Moved' },
    message: `the clock of this machine was set ${where} by ${seconds} s, or the machine slept: Leases and calls go by another one, and go on; times in statuses and the deadlines of uploads go by it; see the time service of the node`,
  });
}
