/** Whether nothing would change by writing the next status: absent and undefined are one. */
export function sameStatus(previous: unknown, next: unknown): boolean {
  if (previous === next) return true;
  if (Array.isArray(previous) && Array.isArray(next))
    return previous.length === next.length && next.every((one, i) => sameStatus(previous[i], one));
  if (!isObject(previous) || !isObject(next)) return false;
  const names = new Set([...Object.keys(previous), ...Object.keys(next)]);
  return [...names].every((name) => sameStatus(previous[name], next[name]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
