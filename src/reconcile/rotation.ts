import { fingerprintIndex } from '../core/model/observed.ts';
import { secretsOf } from '../engine/read.ts';
import { failureOf } from './conditions.ts';
import type { LoopState } from './state.ts';

/** Reads every known secret again for ever, at its interval, and wakes the programs that use one that was rotated. */
export async function watchSecrets(state: LoopState, signal: AbortSignal): Promise<void> {
  const { clock } = state.ports;
  for (;;) {
    await clock.sleep(state.settings.secretMs, signal);
    await watchOnce(state, signal);
  }
}

async function watchOnce(state: LoopState, signal: AbortSignal): Promise<void> {
  const { ports } = state;
  try {
    const changed = await ports.rotated(signal);
    if (changed.length === 0) return;
    const names = new Set(changed.map(({ source, ref }) => fingerprintIndex(source, ref)));
    for (const entry of state.programs.values()) {
      const uses = secretsOf(entry.wish.desired).some(({ source, ref }) =>
        names.has(fingerprintIndex(source, ref)),
      );
      if (!uses) continue;
      entry.isOpen = true;
      state.connections.get(entry.wish.desired.connection)?.queue.add(entry.id, 'hot');
    }
  } catch (error) {
    signal.throwIfAborted();
    const { message } = failureOf(error);
    ports.telemetry.emit({ kind: 'ignored', what: 'secrets', why: message });
  }
}
