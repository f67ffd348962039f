const numbered = /^\d{1,9}(\.\d{1,9}){0,3}$/;

/**
 * Whether `a` is newer than `b`.
 *
 * Only versions of one to four dot-separated integers have an order; any other two have none.
 * A missing part counts as 0.
 */
export function isNewer(a: string, b: string): boolean {
  if (!numbered.test(a) || !numbered.test(b)) return false;
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let i = 0; i < 4; i += 1) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/** Orders versions for reading: numbered ones by number, others by text after them. */
export function compareVersions(a: string, b: string): number {
  if (isNewer(a, b)) return 1;
  if (isNewer(b, a)) return -1;
  const leftNumbered = numbered.test(a);
  if (leftNumbered !== numbered.test(b)) return leftNumbered ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
