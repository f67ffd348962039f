import type { ClusterObject, ObjectCache, ObjectRef } from '../../../../src/ports/cluster.ts';
import { epochMs } from '../../../../src/core/words/time.ts';

/** An object of a cluster; its status is empty unless given. */
export function objectOf(
  more: Partial<ClusterObject> & Pick<ClusterObject, 'kind' | 'name'>,
): ClusterObject {
  return {
    uid: `uid-${more.name}`,
    generation: 1,
    resourceVersion: '1',
    createdAt: epochMs(1_000),
    labels: {},
    annotations: {},
    spec: {},
    status: {},
    ...more,
  };
}

const keyOf = ({ kind, namespace = '', name }: ObjectRef): string => `${kind}/${namespace}/${name}`;

/** Objects that a test puts and takes away; `show` lets the cache see what was written. */
export function fakeCache(kind: ClusterObject['kind']) {
  const objects = new Map<string, ClusterObject>();
  const changed = new Map<string, ObjectRef>();
  const waiting: { readonly version: string; readonly done: () => void }[] = [];
  let wake: () => void = () => undefined;
  let isComplete = false;
  const cache: ObjectCache = {
    kind,
    isComplete: () => isComplete,
    get: (ref) => objects.get(keyOf(ref)),
    all: () => objects.values(),
    async changed(signal) {
      while (changed.size === 0) {
        signal.throwIfAborted();
        await new Promise<void>((resolve) => {
          wake = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
      const refs = [...changed.values()];
      changed.clear();
      return refs;
    },
    reached: (_ref, version) =>
      new Promise((done) => {
        waiting.push({ version, done });
      }),
    health: () => ({ state: 'Following', heardAt: 0 }),
  };
  return {
    cache,
    put(object: ClusterObject): void {
      objects.set(keyOf(object), object);
      changed.set(keyOf(object), object);
      isComplete = true;
      wake();
    },
    remove(ref: ObjectRef): void {
      objects.delete(keyOf(ref));
      changed.set(keyOf(ref), ref);
      wake();
    },
    show(version: string): void {
      for (const one of waiting.filter((each) => each.version === version)) one.done();
    },
  };
}

/** Lets everything that is ready happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
