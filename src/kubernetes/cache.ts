import type { CacheHealth, ClusterKind, ObjectCache } from '../ports/cluster.ts';
import { linked, untilAborted } from './deadline.ts';
import { keyOf, shown } from './kept.ts';
import { createReflector, type ReflectorPorts, type ReflectorSettings } from './reflector.ts';
import type { Resource } from './resources.ts';
import { createStore, type Scope, type Store } from './store.ts';

export interface CacheSettings extends ReflectorSettings {
  /** An own write that was not seen for so long makes the watch doubtful. */
  readonly doubtMs: number;
}

/** What follows a resource, in one or several namespaces, into one store. */
export interface Following {
  readonly store: Store;
  health(): CacheHealth;
  /** @see ObjectCache.reached */
  reached(
    name: { readonly namespace?: string | undefined; readonly name: string },
    version: string,
    signal: AbortSignal,
  ): Promise<void>;
  /** Until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

/** @param namespaces  absent: the whole cluster */
export function follow(
  what: { readonly resource: Resource; readonly accept?: string },
  namespaces: readonly string[] | undefined,
  ports: ReflectorPorts,
  settings: CacheSettings,
): Following {
  const scopes: readonly Scope[] =
    namespaces === undefined || !what.resource.isNamespaced ? [''] : [...new Set(namespaces)];
  const store = createStore(scopes);
  const reflectors = scopes.map((scope) => ({
    scope,
    reflector: createReflector({ ...what, scope, store }, ports, settings),
  }));
  const reflectorOf = (namespace: string | undefined) =>
    reflectors.find(({ scope }) => scope === namespace) ?? reflectors[0];
  return {
    store,
    health: () => worst(reflectors.map(({ reflector }) => reflector.health())),
    async reached(name, version, signal) {
      const found = reflectorOf(name.namespace);
      if (found === undefined) return;
      const waiting = store.reached(found.scope, { key: keyOf(name), version });
      const seen = linked(signal);
      const doubting = async (): Promise<void> => {
        for (;;) {
          await ports.clock.sleep(settings.doubtMs, seen.signal);
          found.reflector.doubt();
        }
      };
      doubting().catch(() => undefined);
      try {
        await untilAborted(waiting.done, signal);
      } finally {
        waiting.cancel();
        seen.abort();
        seen.release();
      }
    },
    async run(signal) {
      await Promise.all(reflectors.map(({ reflector }) => reflector.run(signal)));
    },
  };
}

/**
 * @param trouble  what is wrong with the kind itself, although it is followed
 * @see ObjectCache
 */
export function createCache(
  kind: ClusterKind,
  following: Following,
  trouble: () => CacheHealth['trouble'] = () => undefined,
): ObjectCache {
  const { store } = following;
  return {
    kind,
    isComplete: () => store.isComplete(),
    get(ref) {
      const kept = store.get(keyOf(ref));
      return kept === undefined ? undefined : shown(kind, kept);
    },
    *all() {
      for (const kept of store.values()) yield shown(kind, kept);
    },
    async changed(signal) {
      const names = await store.changes(signal);
      return names.map(({ namespace, name }) =>
        namespace === undefined ? { kind, name } : { kind, namespace, name },
      );
    },
    reached: (ref, version, signal) => following.reached(ref, version, signal),
    health() {
      const health = following.health();
      const found = health.state === 'Following' ? trouble() : undefined;
      return found === undefined ? health : { ...health, state: 'Failing', trouble: found };
    },
  };
}

const order = { Failing: 0, Starting: 1, Following: 2 } as const;

/** One health for several: the worst state, and the longest silence. */
function worst(healths: readonly CacheHealth[]): CacheHealth {
  const [first, ...others] = healths.toSorted((a, b) => order[a.state] - order[b.state]);
  if (first === undefined) return { state: 'Following', heardAt: 0 };
  return { ...first, heardAt: Math.min(first.heardAt, ...others.map(({ heardAt }) => heardAt)) };
}
