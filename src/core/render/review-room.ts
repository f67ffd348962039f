/** Lines as far as they have room, then how many more. */
export function fitting(
  lines: readonly string[],
  room: number,
  more: (left: number) => string,
): readonly string[] {
  let used = 0;
  const count = lines.findIndex((line) => (used += line.length + 1) > room);
  return count < 0 ? lines : [...lines.slice(0, count), more(lines.length - count)];
}

/** A fold of a forge: a summary, and what opens below it. */
export function folded(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}
