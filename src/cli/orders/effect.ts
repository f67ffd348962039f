import type { ControllerStatus } from '../../core/model/controller.ts';
import type { EpochMs } from '../../core/words/time.ts';
import type { Clock } from '../../ports/index.ts';
import { isLocked } from '../composition/state-lock.ts';
import { readStatus } from '../composition/status-file.ts';

/** Milliseconds that a person waits for an effect. */
const patienceMs = 5_000;
const lookMs = 100;

export interface Expected {
  readonly stateDir: string;
  /** When the order was given; what the controller said before says nothing about it. */
  readonly since: EpochMs;
  readonly isSeen: (status: ControllerStatus) => boolean;
}

/** What became of an order while somebody waited. */
export type Effect =
  | { readonly kind: 'seen'; readonly status: ControllerStatus }
  /** The controller runs, and has not shown it. */
  | { readonly kind: 'pending' }
  /** No controller runs. */
  | { readonly kind: 'stopped' };

/** Waits until the controller shows the effect of an order: five seconds, or until the signal. Never throws. */
export async function waitForEffect(
  { stateDir, since, isSeen }: Expected,
  clock: Clock,
  signal: AbortSignal,
): Promise<Effect> {
  if (!(await runs(stateDir))) return { kind: 'stopped' };
  const end = clock.mono() + patienceMs;
  while (!signal.aborted) {
    const status = await readStatus(stateDir).catch(() => undefined);
    if (status && status.at >= since && isSeen(status)) return { kind: 'seen', status };
    if (clock.mono() >= end) break;
    await clock.sleep(lookMs, signal).catch(() => undefined);
  }
  return { kind: 'pending' };
}

/** Where that cannot be known, the order counts as heard of later. */
async function runs(stateDir: string): Promise<boolean> {
  return isLocked(stateDir).catch(() => true);
}
