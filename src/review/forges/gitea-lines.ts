import { parsePatch } from 'diff';

/**
 * Lines of the head that a diff shows, changed or around a change: a forge has a place for remarks at these alone.
 *
 * @returns numbers from 1, by path; nothing of a diff that cannot be read
 */
export function linesShown(diff: string): ReadonlyMap<string, ReadonlySet<number>> {
  const shown = new Map<string, Set<number>>();
  for (const { newFileName = '', hunks } of filesOf(diff)) {
    // With a tab where the name has spaces.
    const path = newFileName.replace(/^b\//, '').replace(/\t$/, '');
    const lines = shown.get(path) ?? new Set<number>();
    for (const { newStart, newLines } of hunks)
      for (let line = newStart; line < newStart + newLines; line += 1) lines.add(line);
    shown.set(path, lines);
  }
  return shown;
}

function filesOf(diff: string): ReturnType<typeof parsePatch> {
  try {
    return parsePatch(diff);
  } catch {
    return [];
  }
}
