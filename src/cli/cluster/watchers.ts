import { approveAnnotation } from '../../core/status/index.ts';
import { approvalsIgnoredText } from '../../core/status/message.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { ApprovalPolicy, ClusterObject } from '../../ports/cluster.ts';
import type { Clock, Telemetry } from '../../ports/index.ts';
import { createHealthTeller, type Check } from './checks.ts';
import type { Hub } from './hub.ts';

const policyMs = 30_000;
const healthMs = 5_000;
/** A clock that is set by less is set by its time service, all the time. */
const movedMs = 60_000;

export interface PolicyWatch {
  readonly approvals: ApprovalPolicy;
  /** Changed by the watch. */
  readonly policy: { isInForce: boolean };
  readonly hub: Pick<Hub, 'objects' | 'touch'>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly telemetry: Telemetry;
}

/** Who makes sure of approvals may be installed, or taken away, at any time. */
export async function lookAtPolicy(
  { approvals, policy, hub, clock, telemetry }: PolicyWatch,
  signal: AbortSignal,
): Promise<void> {
  let said: string | undefined;
  for (;;) {
    const before = policy.isInForce;
    const { isInForce, why } = await lookOnce(approvals, before, signal);
    policy.isInForce = isInForce;
    if (isInForce !== before) hub.touch(hub.objects().filter(isApproving));
    // That all is well is no news at the start.
    if (why !== said && (why !== '' || said !== undefined)) tellPolicy(telemetry, why);
    said = why;
    await clock.sleep(policyMs, signal);
  }
}

interface Seen {
  readonly isInForce: boolean;
  /** Why approvals are ignored; empty: they are not. */
  readonly why: string;
}

async function lookOnce(
  approvals: ApprovalPolicy,
  before: boolean,
  signal: AbortSignal,
): Promise<Seen> {
  try {
    const isInForce = await approvals.isInForce(signal);
    return { isInForce, why: isInForce ? '' : approvalsIgnoredText };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ReconcileError)) throw error;
    const { code, message, nextStep = '' } = error;
    // An API server that does not answer says nothing of what it keeps.
    const isInForce = before && code !== 'ClusterRefused';
    return {
      isInForce,
      why: isInForce ? '' : `Approvals by annotation are ignored: ${message}; ${nextStep}`,
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
