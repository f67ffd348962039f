import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../ports/index.ts';

/** What the heap holds, and what the process did since it was asked last. */
export interface HeapState {
  readonly usedBytes: number;
  /** Taken from the operating system. */
  readonly totalBytes: number;
  /** Of one core, since the last look. */
  readonly busyShare: number;
}

export interface TidyPorts {
  readonly clock: Clock;
  readonly look: () => HeapState;
  /** Compacts the heap and gives back what is not needed; everything waits for it, for some tenths of a second. */
  readonly compact: () => void;
}

const lookMs = 5_000;
/** A start and a list of everything leave holes; what fills itself again soon is not worth a pause. */
const restMs = 60_000;
const idleShare = 0.05;
const sparedBytes = 16 * 1024 * 1024;
const sparedShare = 0.25;

/**
 * Gives memory back that a burst of work left behind, while nothing is going on; until the signal is aborted.
 *
 * V8 keeps the pages of its largest heap as long as something lies on each: after 10,000 targets were taken up, a third of
 * what the process holds is holes.
 */
export async function tidyHeap(ports: TidyPorts, signal: AbortSignal): Promise<void> {
  const { clock, look, compact } = ports;
  let tidiedAt = -restMs;
  look();
  for (;;) {
    await clock.sleep(lookMs, signal);
    const state = look();
    if (clock.mono() - tidiedAt < restMs || !isWorthwhile(state)) continue;
    compact();
    tidiedAt = clock.mono();
    // The pause was no work of ours.
    look();
  }
}

function isWorthwhile({ usedBytes, totalBytes, busyShare }: HeapState): boolean {
  const holes = totalBytes - usedBytes;
  return busyShare < idleShare && holes > sparedBytes && holes > usedBytes * sparedShare;
}

/** The heap of this process. */
export function ownHeap(clock: Clock): Omit<TidyPorts, 'clock'> {
  let [cpu, at] = [process.cpuUsage(), clock.mono()];
  return {
    look() {
      const { used_heap_size: usedBytes, total_heap_size: totalBytes } = getHeapStatistics();
      const { user, system } = process.cpuUsage(cpu);
      const busyShare = (user + system) / 1000 / Math.max(1, clock.mono() - at);
      [cpu, at] = [process.cpuUsage(), clock.mono()];
      return { usedBytes, totalBytes, busyShare };
    },
    compact() {
      setFlagsFromString('--expose-gc');
      const collect = runInNewContext('gc') as NodeJS.GCFunction;
      collect({ type: 'major', flavor: 'last-resort', execution: 'sync' });
    },
  };
}
