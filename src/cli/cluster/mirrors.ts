import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { recordOf } from '../../core/status/before.ts';
import type { ClusterObject } from '../../ports/cluster.ts';
import type { Clock } from '../../ports/index.ts';
import { pruneMirrors } from '../../source/git/prune.ts';
import type { Git } from '../../source/git/run.ts';
import { sourceName } from './feed.ts';
import { mirrorsBelow } from './git-sources.ts';
import type { Hub } from './hub.ts';

const everyMs = 600_000;

export interface MirrorWatch {
  readonly hub: Pick<Hub, 'isComplete' | 'objects'>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly git: Git;
  readonly stateDirectory: string;
  readonly allowFileUrls: boolean;
}

/**
 * Removes mirrors that no GitSource names any more, until the signal is aborted: they take the room of their namespace, and
 * a pod may run for months.
 */
export async function tidyMirrors(watch: MirrorWatch, signal: AbortSignal): Promise<void> {
  const { hub, clock, git, stateDirectory, allowFileUrls } = watch;
  const parent = mirrorsBelow(stateDirectory);
  for (;;) {
    await clock.sleep(everyMs, signal);
    if (!hub.isComplete()) continue;
    const all = hub.objects().filter(({ kind }) => kind === 'GitSource');
    for (const namespace of await readdir(parent).catch(() => [])) {
      const sources = all.flatMap((object) => sourceIn(namespace, object));
      const place = { stateDirectory: join(parent, namespace), allowFileUrls };
      await pruneMirrors({ git, ...place, sources, areKeysInUse: true }, signal);
    }
  }
}

/** One that is not valid has no mirror. */
function sourceIn(namespace: string, object: ClusterObject) {
  if (object.namespace !== namespace) return [];
  const { url } = recordOf(object.spec);
  return typeof url === 'string' ? [{ name: sourceName(object), spec: { url } }] : [];
}
