/** What people read at a pull request, without what is another each time: hashes, times, addresses. */
export function plainPage(text: string, names: Readonly<Record<string, string>>): string {
  const commits = new Map<string, string>();
  const named = Object.entries(names).reduce((all, [from, to]) => all.replaceAll(from, to), text);
  return named
    .replaceAll(/\b(said|notes|text)=[\w-]+/g, '$1=DIGEST')
    .replaceAll(/\bc-[0-9a-f]{12}\b/g, 'c-0123456789ab')
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, '2026-03-01 10:12 UTC')
    .replaceAll(/\b([0-9a-f]{40}|[0-9a-f]{7})\b/g, (hash) => {
      const short = hash.slice(0, 7);
      const known = commits.get(short) ?? `${String(commits.size + 1)}abcdef`;
      commits.set(short, known);
      return hash.length === 7 ? known : known.padEnd(40, '0');
    });
}

export interface PageStatus {
  readonly context: string;
  readonly state: string;
  readonly description: string;
}

/** Title, a table of statuses, and our comments. */
export function pageText(
  title: string,
  statuses: readonly PageStatus[],
  bodies: readonly string[],
): string {
  const rows = statuses.map(
    ({ context, state, description }) => `| \`${context}\` | ${state} | ${description} |`,
  );
  const table = ['| status |  | |', '|---|---|---|', ...rows].join('\n');
  return [`# ${title}`, table, ...bodies, ''].join('\n\n');
}
