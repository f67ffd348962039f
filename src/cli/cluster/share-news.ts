import { recordOf } from '../../core/status/before.ts';
import type { ShareNews } from '../../reconcile/loop.ts';

/** Of the 256 KiB that annotations may take together. What is completed makes room for what was left out. */
const mostCharacters = 200_000;

/** What stands in a Lease; empty where there is nothing to say. */
export function writeNews({ judged, done }: ShareNews): string {
  const told: ShareNews = { judged: {}, done: {} };
  let characters = 0;
  for (const source of Object.keys({ ...judged, ...done }).toSorted()) {
    // Whatever was acted on was judged before.
    const [commits, commit] =
      done[source] === undefined ? [told.judged, judged[source]] : [told.done, done[source]];
    characters += source.length + String(commit).length + 10;
    if (characters > mostCharacters) break;
    Object.assign(commits, { [source]: commit });
  }
  return characters === 0 ? '' : JSON.stringify(told);
}

/** Whatever cannot be understood says nothing. */
export function readNews(text: string): ShareNews {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const { judged, done } = recordOf(value);
  return { judged: commitsOf(judged), done: commitsOf(done) };
}

function commitsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(recordOf(value));
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
