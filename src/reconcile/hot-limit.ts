/** So few changed programs are read one by one at once, however few calls a sweep takes. */
const hotAtMost = 3;
/** Milliseconds of work for one answer, beside its place in the rate: a page of a sweep holds a thousand records. */
const pageMs = 40;
const recordMs = 3;

/**
 * How many changed programs are read one by one rather than by a sweep: as long as that takes no longer.
 *
 * Where the rate sets the pace, calls are what counts, and a sweep of ten is as good as ten reads. Where it hardly does,
 * the pages themselves take the time and everything waits for them: then more calls are made, and all is over sooner.
 *
 * @param sweepCalls  of the last sweep; undefined: not even the first one is over, and nothing is read before it
 * @param rate  calls per second
 */
export function hotLimit(sweepCalls: number | undefined, rate: number): number {
  if (sweepCalls === undefined) return 0;
  const gapMs = 1000 / rate;
  const worth = gapMs >= pageMs ? 1 : (gapMs + pageMs) / (gapMs + recordMs);
  return Math.max(hotAtMost, Math.floor(sweepCalls * worth));
}

/** Of owners who want little, all; of those who want more than is left of the limit, nothing. */
export function fewest<T>(
  members: readonly T[],
  limit: number,
  ownerOf: (member: T) => string,
): readonly T[] {
  const few: T[] = [];
  for (const own of [...Map.groupBy(members, ownerOf).values()].toSorted(
    (a, b) => a.length - b.length,
  ))
    if (few.length + own.length <= limit) few.push(...own);
  return few;
}
