import type { Place } from '../core/words/places.ts';
import type { Explained } from '../ports/index.ts';
import type { LoopState } from './state.ts';

/** Who wrote a wish, for history: file and line of its first place, and the newest commit that changed the file. */
export function explainer(state: LoopState) {
  const { locate } = state.wishes;
  return (source: string, origins: readonly Place[]): Explained => {
    const entry = state.sources.get(source);
    const place = origins.at(-1);
    const origin = place && locate(place);
    const stand = origin && 'file' in origin ? { file: origin.file, line: origin.line } : undefined;
    const commit = (stand && entry?.changedBy[stand.file]) ?? entry?.status.commit;
    return { ...(commit ? { commit } : {}), ...stand };
  };
}
