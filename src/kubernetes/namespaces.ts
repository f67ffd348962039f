import type { NamespaceCache } from '../ports/cluster.ts';
import type { Following } from './cache.ts';
import { keyOf, labelsOf } from './kept.ts';

/** What a namespace is beyond its labels is not even asked for. */
export const metadataOnly =
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

export function createNamespaceCache(following: Following): NamespaceCache {
  const { store } = following;
  return {
    isComplete: () => store.isComplete(),
    labels(namespace) {
      const kept = store.get(keyOf({ name: namespace }));
      return kept === undefined ? undefined : labelsOf(kept);
    },
    changed: async (signal) => (await store.changes(signal)).map(({ name }) => name),
    health: () => following.health(),
  };
}
