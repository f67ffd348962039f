import type { ProgramId } from '../core/words/keys.ts';
import { countBatches, settleOthers } from './batch.ts';
import type { OwnShards, ShareNews } from './ports.ts';
import type { LoopState, SourceEntry } from './state.ts';
import { completeIfDone } from './take-up.ts';

/*
 * Programs may be divided among processes, and a commit touches those of all. Each says how far its own part of a commit
 * is; nobody calls a commit completed, or stops counting what another one has to judge, before that one said so.
 */

/** What we say to the holders of other shares. Nothing of a commit that is called completed already. */
export function newsOfOurs(state: LoopState): ShareNews {
  const counted = new Set(
    [...state.connections.values()].flatMap(({ batch }) => [...batch.changed].flatMap(sourcesOf)),
  );
  function sourcesOf(id: ProgramId): readonly string[] {
    return state.programs.get(id)?.wish.sources ?? [];
  }
  const judged: Record<string, string> = {};
  const done: Record<string, string> = {};
  for (const { source, status, open } of state.sources.values()) {
    const commit = status.commit?.id;
    if (commit === undefined || source.completedAnywhere?.() === commit) continue;
    if (!counted.has(source.name)) judged[source.name] = commit;
    if (open.size === 0) done[source.name] = commit;
  }
  return { judged, done };
}

/** Heeds what the holders of other shares say, for ever. */
export async function followOthers(
  state: LoopState,
  shards: OwnShards,
  signal: AbortSignal,
): Promise<void> {
  let known = new Set<string>();
  for (;;) {
    await shards.heard(signal);
    signal.throwIfAborted();
    if (settleOthers(state)) countBatches(state);
    const said = saidOfSources(shards.others());
    for (const entry of state.sources.values()) {
      if (isNews(entry, said, known)) entry.wake();
      await completeIfDone(state, entry);
    }
    known = said;
  }
}

function saidOfSources(others: readonly ShareNews[]): Set<string> {
  const all = others.flatMap(({ judged, done }) => [judged, done].flatMap(Object.entries));
  return new Set(all.map(([source, commit]) => saidOf(source, String(commit))));
}

const saidOf = (source: string, commit: string): string => `${source} ${commit}`;

/** Somebody is at another commit than we are: one of us has to look. */
function isNews(
  { source, status }: SourceEntry,
  said: ReadonlySet<string>,
  known: ReadonlySet<string>,
): boolean {
  const ours = saidOf(source.name, status.commit?.id ?? '');
  return [...said].some(
    (each) => each.startsWith(`${source.name} `) && each !== ours && !known.has(each),
  );
}
