import type { CommitInfo } from '../core/model/controller.ts';
import type { Locate, Place } from '../core/words/places.ts';
import type { Explained } from '../ports/index.ts';

/** What is known of the commits behind a source. */
interface SourceCommits {
  /** In force. */
  readonly commit?: CommitInfo | undefined;
  /** By file, the newest commit that changed it. */
  readonly changedBy: Readonly<Record<string, CommitInfo>>;
}

/** Who wrote a wish, for history: file and line of its first place, and the newest commit that changed the file. */
export function explainer(
  locate: Locate,
  commitsOf: (source: string) => SourceCommits | undefined,
): (source: string, origins: readonly Place[]) => Explained {
  return (source, origins) => {
    const known = commitsOf(source);
    const place = origins.at(-1);
    const origin = place && locate(place);
    const stand = origin && 'file' in origin ? { file: origin.file, line: origin.line } : undefined;
    const commit = (stand && known?.changedBy[stand.file]) ?? known?.commit;
    return { ...(commit ? { commit } : {}), ...stand };
  };
}
