import type {
  ClusterKind,
  ClusterWriter,
  NamespaceCache,
  ObjectCache,
  SecretReader,
} from '../ports/cluster.ts';
import { ReconcileError } from '../core/words/errors.ts';
import type { Clock, Random } from '../ports/index.ts';
import { type Access, type AccessSettings, openAccess } from './access.ts';
import type { Api } from './api.ts';
import { type CacheSettings, createCache, follow, type Following } from './cache.ts';
import { createDefinitionsCheck } from './definitions.ts';
import { type LeaseTimes, leaseTimes } from './hold.ts';
import { keyOf } from './kept.ts';
import { createLeaseStore } from './lease.ts';
import { createNamespaceCache, metadataOnly } from './namespaces.ts';
import { field, text } from './raw.ts';
import { reflectorDefaults } from './reflector.ts';
import { namespaces, resources } from './resources.ts';
import { createSecretReader } from './secrets.ts';
import { createShards, type LeasedShards } from './shards.ts';
import type { Store } from './store.ts';
import { createWire } from './wire.ts';
import { createWriter } from './writer.ts';

export interface ClusterSettings {
  readonly access: AccessSettings;
  /** As the audit log shows it, such as `fairlead/0.1.0`. */
  readonly userAgent: string;
  /** Of this process and no other one, before or after: the name of the pod and something random. At most 128 characters. */
  readonly identity: string;
  /** Times that tests shorten. */
  readonly cache?: Partial<CacheSettings>;
}

export interface ClusterPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** Ends everything that was opened. */
  readonly signal: AbortSignal;
}

export interface SharingSettings {
  /** Where the Leases are: the controller's own namespace. */
  readonly namespace: string;
  /** Of the installation; begins the names of its Leases. */
  readonly name: string;
  /** One: leader election. */
  readonly total: number;
  /** What of the cluster this process reads, as the value of a label; absent: all of it. */
  readonly scope?: string;
  /** Only these are ever taken; absent: a fair share. */
  readonly only?: readonly number[] | undefined;
  /** 15, 10 and 2 s if omitted. */
  readonly times?: LeaseTimes;
}

/** An API server, as this process uses it. Nothing is asked before something of it is opened. */
export interface Cluster {
  readonly server: string;
  /** Of the context or the service account. */
  readonly namespace: string | undefined;
  readonly api: Api;
  /** Such as `v1.36.3`. Throws ReconcileError `ClusterUnavailable`, `ClusterRefused`. */
  serverVersion(asking: AbortSignal): Promise<string>;
  /**
   * Begins to follow a kind.
   *
   * @param namespaces  absent: the whole cluster
   */
  cache(kind: ClusterKind, namespaces?: readonly string[]): ObjectCache;
  /** Begins to follow labels of namespaces: in a cluster-wide installation only. */
  namespaces(): NamespaceCache;
  readonly writer: ClusterWriter;
  readonly secrets: SecretReader;
  /** Begins to share shards with the other processes of the installation. */
  shards(settings: SharingSettings): LeasedShards;
  /** Waits until everything that was opened has ended, which the signal makes it do, and closes connections. */
  closed(): Promise<void>;
}

const cacheDefaults: CacheSettings = { ...reflectorDefaults, doubtMs: 10_000 };

/** @throws ReconcileError `SettingsInvalid` when the kubeconfig cannot be used */
export async function openCluster(
  settings: ClusterSettings,
  ports: ClusterPorts,
): Promise<Cluster> {
  const access: Access = openAccess(settings.access);
  const { clock, signal } = ports;
  const api = createWire({ access, clock, userAgent: settings.userAgent });
  const running: Promise<void>[] = [];
  const cacheSettings = { ...cacheDefaults, ...settings.cache };

  const stores = new Map<ClusterKind, Store>();

  const definitions = createDefinitionsCheck({ api, clock });

  function start(following: Following): Following {
    running.push(following.run(signal));
    return following;
  }

  return {
    server: access.server,
    namespace: access.namespace,
    api,
    serverVersion: (asking) => serverVersion(api, asking),
    cache(kind, within) {
      const what = { resource: resources[kind] };
      const following = start(follow(what, within, { ...ports, api }, cacheSettings));
      if (stores.size === 0) running.push(definitions.run(signal));
      stores.set(kind, following.store);
      return createCache(kind, following, () => definitions.trouble(kind));
    },
    namespaces() {
      const what = { resource: namespaces, accept: metadataOnly };
      return createNamespaceCache(start(follow(what, undefined, { ...ports, api }, cacheSettings)));
    },
    writer: createWriter(
      { api, clock, seen: (ref) => stores.get(ref.kind)?.get(keyOf(ref)) },
      { instance: settings.identity },
    ),
    secrets: createSecretReader(api),
    shards({ namespace, times = leaseTimes, scope = 'cluster', ...sharing }) {
      // A call that hangs leaves time for another one.
      const limits = { namespace, timeoutMs: times.renewDeadlineMs / 2 };
      const shards = createShards(
        { ...sharing, scope, times, identity: settings.identity },
        { ...ports, store: createLeaseStore({ api, clock }, limits) },
      );
      running.push(shards.run(signal));
      return shards;
    },
    async closed() {
      await Promise.all(running);
      access.close();
    },
  };
}

async function serverVersion(api: Api, signal: AbortSignal): Promise<string> {
  const limits = { timeoutMs: 15_000, maxBytes: 64 * 1024 };
  const answer = await api.send({ method: 'GET', path: '/version', ...limits }, signal);
  const version = text(field(answer.body, 'gitVersion'));
  if (answer.status === 200 && version !== undefined) return version;
  throw new ReconcileError('ClusterUnavailable', 'the API server does not say its version', {
    nextStep: 'see whether the address in the kubeconfig is that of an API server',
  });
}
