import { programId, releaseId } from '../core/words/keys.ts';
import type { PlatformReader } from '../ports/index.ts';

/**
 * The reading half of a platform, and nothing else of the object it came with.
 *
 * Both sides of a pull request are planned against one reading: what was asked once is not asked again.
 */
export function readOnce(platform: PlatformReader): PlatformReader {
  return {
    platform: (signal) => platform.platform(signal),
    miniPrograms: (workspace, ids, signal) => platform.miniPrograms(workspace, ids, signal),
    releases: (query, signal) => platform.releases(query, signal),
    release: remembered(releaseId, (key, signal) => platform.release(key, signal)),
    versions: remembered(programId, (program, signal) => platform.versions(program, signal)),
    targets: remembered(programId, (program, signal) => platform.targets(program, signal)),
  };
}

type Ask<K, T> = (key: K, signal: AbortSignal) => Promise<T>;

function remembered<K, T>(idOf: (key: K) => string, ask: Ask<K, T>): Ask<K, T> {
  const answers = new Map<string, Promise<T>>();
  return (key, signal) => {
    const id = idOf(key);
    const known = answers.get(id);
    if (known) return known;
    const answer = ask(key, signal);
    answers.set(id, answer);
    // A failure is asked again: the engine repeats what may work a moment later.
    answer.catch(() => answers.delete(id));
    return answer;
  };
}
