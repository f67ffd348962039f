import { epochMs, type EpochMs } from '../../core/words/time.ts';
import type { ClusterObject, ObjectCache, ObjectRef } from '../../ports/cluster.ts';
import type { FollowedCluster } from './opened.ts';

/** What changed in the cluster since somebody asked last. */
export interface ClusterNews {
  readonly objects: readonly ObjectRef[];
  readonly namespaces: readonly string[];
}

/** All caches of a cluster as one; one listener at a time, who may be another one after each reload. */
export interface Hub {
  /** A whole list of every kind was taken in. */
  isComplete(): boolean;
  get(ref: ObjectRef): ClusterObject | undefined;
  objects(): readonly ClusterObject[];
  /** Labels of all namespaces that may be seen. */
  labels(): Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Resolves once everything is complete and something changed since the last call. @throws the signal's reason */
  news(signal: AbortSignal): Promise<ClusterNews>;
  /** These objects are news once more: something beside them changed. */
  touch(objects: readonly ClusterObject[]): void;
  /** Resolves when something was heard. Never throws. */
  heard(signal: AbortSignal): Promise<void>;
  /** When this generation of the object was declared, as the API server tells; else when it was first seen here. */
  since(object: ClusterObject, now: EpochMs): EpochMs;
  /** Hears the caches until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

export function createHub({
  caches,
  namespaces,
}: Pick<FollowedCluster, 'caches' | 'namespaces'>): Hub {
  const kinds: readonly ObjectCache[] = [...caches.values()];
  const changed = new Map<string, ObjectRef>();
  const changedNamespaces = new Set<string>();
  const labelsByName = new Map<string, Readonly<Record<string, string>>>();
  const sights = new Map<string, { readonly generation: number; readonly at: EpochMs }>();
  const listeners = new Set<() => void>();

  function wake(): void {
    for (const listener of listeners) listener();
    listeners.clear();
  }

  function heard(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        listeners.delete(done);
        resolve();
      };
      listeners.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  const isComplete = (): boolean =>
    kinds.every((cache) => cache.isComplete()) && (namespaces?.isComplete() ?? true);

  async function hear(cache: ObjectCache, signal: AbortSignal): Promise<void> {
    for (;;) {
      const refs = await cache.changed(signal);
      for (const ref of refs) {
        changed.set(refText(ref), ref);
        if (!cache.get(ref)) sights.delete(refText(ref));
      }
      wake();
    }
  }

  async function hearNamespaces(signal: AbortSignal): Promise<void> {
    if (!namespaces) return;
    for (;;) {
      for (const name of await namespaces.changed(signal)) {
        changedNamespaces.add(name);
        const labels = namespaces.labels(name);
        if (labels) labelsByName.set(name, labels);
        else labelsByName.delete(name);
      }
      wake();
    }
  }

  return {
    isComplete,
    heard,
    touch(objects) {
      for (const object of objects) changed.set(refText(object), refOfObject(object));
      wake();
    },
    get: (ref) => caches.get(ref.kind)?.get(ref),
    labels: () => Object.fromEntries(labelsByName),
    objects: () => kinds.flatMap((cache) => [...cache.all()]),
    async news(signal) {
      for (;;) {
        signal.throwIfAborted();
        if (isComplete() && changed.size + changedNamespaces.size > 0) break;
        await heard(signal);
      }
      const news = { objects: [...changed.values()], namespaces: [...changedNamespaces] };
      changed.clear();
      changedNamespaces.clear();
      return news;
    },
    since(object, now) {
      const key = refText(object);
      const known = sights.get(key);
      if (known?.generation === object.generation) return known.at;
      const declaredAt = object.generation <= 1 ? object.createdAt : object.declaredAt;
      const at = epochMs(Math.min(declaredAt ?? now, now));
      sights.set(key, { generation: object.generation, at });
      return at;
    },
    async run(signal) {
      const ears = [...kinds.map((cache) => hear(cache, signal)), hearNamespaces(signal)];
      await Promise.all(ears);
    },
  };
}

function refOfObject({ kind, namespace, name }: ClusterObject): ObjectRef {
  return namespace === undefined ? { kind, name } : { kind, namespace, name };
}

/** One text per object name. */
export function refText({ kind, namespace = '', name }: ObjectRef): string {
  return `${kind}/${namespace}/${name}`;
}
