/**
 * Whether `a` is older (-1), the same (0) or newer (1) than `b`; undefined where that cannot be said.
 *
 * Resource versions of one resource are decimal numbers that grow; they pass 2^53 on no cluster yet, and may.
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions
 */
export function compareVersions(a: string, b: string): -1 | 0 | 1 | undefined {
  if (a === b) return 0;
  if (!decimal.test(a) || !decimal.test(b)) return undefined;
  if (a.length !== b.length) return a.length < b.length ? -1 : 1;
  return a < b ? -1 : 1;
}

const decimal = /^(?:0|[1-9]\d*)$/;

/** Whether `a` is known to be older than `b`. */
export function isOlder(a: string, b: string): boolean {
  return compareVersions(a, b) === -1;
}
