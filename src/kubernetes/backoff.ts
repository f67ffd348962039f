import type { Random } from '../ports/index.ts';

export interface BackOffSettings {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Exponential with full jitter; never zero, so that nothing turns hot. */
export function backOffMs(
  attempt: number,
  { firstMs, longestMs }: BackOffSettings,
  random: Random,
): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 20));
  return Math.max(random.next() * ceiling, firstMs / 10);
}
