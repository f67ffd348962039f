import { createBaseline } from './batch.ts';
import { follow } from './follow.ts';
import { heedOnce, heedOrders } from './orders.ts';
import type { LoopPorts, LoopSettings } from './ports.ts';
import { watchSecrets } from './rotation.ts';
import { createState } from './state.ts';
import { sweepAlways } from './sweep.ts';
import { work } from './work.ts';

export type { LoopConnection, LoopPorts, LoopSettings, Told } from './ports.ts';

/**
 * Keeps platforms equal to what sources declare until the signal is aborted: follows the sources, sweeps the platforms,
 * and works on programs, each by itself. Calls under way when the signal is aborted are finished, none is started.
 *
 * State in, state out: whatever is lost at its end is read again at the next start.
 *
 * @throws only for bugs outside of any program, source and connection
 */
export async function runLoop(
  ports: LoopPorts,
  settings: LoopSettings,
  signal: AbortSignal,
): Promise<void> {
  const state = createState(ports, settings);
  state.baseline = createBaseline(await ports.completed.read());
  await heedOnce(state);
  await ports.orders.compact();
  const broken = new AbortController();
  const over = AbortSignal.any([signal, broken.signal]);
  const actors: Promise<void>[] = [
    ...[...state.sources.values()].map((entry) => follow(state, entry, over)),
    ...[...state.connections.values()].flatMap((entry) => [
      sweepAlways(state, entry, over),
      ...Array.from({ length: settings.workers }, () => work(state, { connection: entry }, over)),
      // While a sweep's programs keep all others busy, a commit must not wait for one of them to be done.
      ...Array.from({ length: settings.workers }, () =>
        work(state, { connection: entry, only: 'hot' }, over),
      ),
    ]),
    heedOrders(state, over),
    watchSecrets(state, over),
  ];
  const ends = await Promise.allSettled(
    actors.map((actor) =>
      actor.catch((error: unknown) => {
        if (over.aborted) return;
        broken.abort(error);
        throw error;
      }),
    ),
  );
  const bug = ends.find((end) => end.status === 'rejected');
  if (bug) throw bug.reason;
}
