import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { reconcileAnnotation } from '../../src/core/status/index.ts';
import type { ObjectCache } from '../../src/ports/cluster.ts';
import type { ControlPlane } from '../support/control-plane.ts';
import { openTestCluster } from '../support/kubernetes-cluster.ts';
import { type Fate, faultProxy, type FaultProxy } from '../support/kubernetes-proxy.ts';
import { startWithDefinitions } from './crds-stage.ts';

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startWithDefinitions();
});
afterAll(() => plane.stop());

let last: FaultProxy | undefined;
afterEach(({ task }) => {
  console.log(`${task.name}\n  ${last?.injected.join('\n  ') ?? ''}`);
  last = undefined;
});

const never = new AbortController().signal;
const quick = {
  silenceMs: 1500,
  resyncMs: 600_000,
  doubtMs: 600_000,
  backOff: { firstMs: 50, longestMs: 400 },
};

/** A namespace followed through a proxy, with the objects of these names in it. */
async function stage(names: readonly string[], settings: object = {}) {
  const namespace = await plane.namespace();
  const collection = `/apis/fairlead.dev/v1alpha1/namespaces/${namespace}/configprofiles`;
  const put = async (name: string, content: string): Promise<string> => {
    const { status, body } = await plane.call(
      `${collection}/${name}?fieldManager=test&force=true`,
      {
        method: 'PATCH',
        contentType: 'application/apply-patch+yaml',
        body: {
          apiVersion: 'fairlead.dev/v1alpha1',
          kind: 'ConfigProfile',
          metadata: { name, annotations: { [reconcileAnnotation]: content } },
          spec: { config: {} },
        },
      },
    );
    expect(status, JSON.stringify(body)).toBeLessThan(300);
    return (body as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
  };
  const remove = (name: string) => plane.call(`${collection}/${name}`, { method: 'DELETE' });
  for (const name of names) await put(name, 'a');
  const proxy = await faultProxy(plane);
  last = proxy;
  const cluster = await openTestCluster(proxy.kubeconfig, { cache: { ...quick, ...settings } });
  const open = () => cluster.cache('ConfigProfile', [namespace]);
  return { namespace, put, remove, proxy, cluster, open };
}

/** Names and contents, as the cache shows them. */
const shown = (cache: ObjectCache) =>
  Object.fromEntries(
    [...cache.all()].map(({ name, annotations }) => [name, annotations[reconcileAnnotation]]),
  );

/** The test's own deadline says when it never comes. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(20);
}

async function untilShown(cache: ObjectCache, expected: Readonly<Record<string, string>>) {
  const wanted = JSON.stringify(expected);
  await until(
    () => JSON.stringify(Object.fromEntries(Object.entries(shown(cache)).toSorted())) === wanted,
  );
}

const count = (proxy: FaultProxy, what: 'isList' | 'isWatch'): number =>
  proxy.asked.filter((each) => each[what]).length;

describe('what is followed stays true', () => {
  it('through a stale watch: events come late, and nothing is concluded meanwhile', async () => {
    const { put, remove, proxy, open } = await stage(['coffee', 'tea'], { silenceMs: 60_000 });
    const cache = open();
    await untilShown(cache, { coffee: 'a', tea: 'a' });

    proxy.isSilent = true;
    proxy.injected.push('events held back');
    const version = await put('coffee', 'b');
    await remove('tea');
    const reached = cache.reached(cache.get([...cache.all()][0]!)!, version, never);
    await sleep(500);
    expect(shown(cache)).toEqual({ coffee: 'a', tea: 'a' });
    proxy.isSilent = false;

    await reached;
    await untilShown(cache, { coffee: 'b' });
  });

  it('through a watch that dies silently', async () => {
    const { put, proxy, open } = await stage(['coffee']);
    const cache = open();
    await untilShown(cache, { coffee: 'a' });
    const before = count(proxy, 'isWatch');

    proxy.isSilent = true;
    proxy.injected.push('the watch says nothing any more');
    await put('coffee', 'b');
    await until(() => count(proxy, 'isWatch') > before);
    proxy.isSilent = false;

    await untilShown(cache, { coffee: 'b' });
    expect(count(proxy, 'isList')).toBe(1);
  });

  it('through an own write that a watch never shows', async () => {
    const { put, proxy, open } = await stage(['coffee'], { silenceMs: 60_000, doubtMs: 700 });
    const cache = open();
    await untilShown(cache, { coffee: 'a' });

    proxy.onLine = (line) => (line.includes('"MODIFIED"') ? 'drop' : 'pass');
    const version = await put('coffee', 'b');
    await cache.reached({ ...cache.get([...cache.all()][0]!)! }, version, never);

    expect(shown(cache)).toEqual({ coffee: 'b' });
    expect(count(proxy, 'isList')).toBe(2);
  });

  it('through a delete that nobody told', async () => {
    const { remove, proxy, open } = await stage(['coffee', 'tea'], {
      silenceMs: 60_000,
      resyncMs: 2500,
    });
    const cache = open();
    await untilShown(cache, { coffee: 'a', tea: 'a' });

    proxy.onLine = (line) => (line.includes('"DELETED"') ? 'drop' : 'pass');
    await remove('tea');

    await untilShown(cache, { coffee: 'a' });
  });

  it('through events of the past', async () => {
    const { put, remove, proxy, open } = await stage(['coffee', 'tea'], { silenceMs: 60_000 });
    const cache = open();
    await untilShown(cache, { coffee: 'a', tea: 'a' });
    const lines: string[] = [];
    proxy.onLine = (line) => {
      lines.push(line);
      return 'pass';
    };
    await put('tea', 'b');
    await untilShown(cache, { coffee: 'a', tea: 'b' });
    await remove('tea');
    await untilShown(cache, { coffee: 'a' });

    proxy.onLine = (line) => {
      proxy.onLine = () => 'pass';
      return { instead: `${lines.join('\n')}\n${line}` };
    };
    await put('coffee', 'b');

    await untilShown(cache, { coffee: 'b' });
  });

  it.each(['half a line and a reset', 'a line that is no JSON'])('through %s', async (what) => {
    const { put, proxy, open } = await stage(['coffee'], { silenceMs: 60_000 });
    const cache = open();
    await untilShown(cache, { coffee: 'a' });

    proxy.onLine = () => {
      proxy.onLine = () => 'pass';
      return what.startsWith('half') ? 'break' : { instead: '{"type":"MODIFIED","object":' };
    };
    await put('coffee', 'b');

    await untilShown(cache, { coffee: 'b' });
    expect(count(proxy, 'isList')).toBe(1);
  });

  it('through a reset of every connection, ten times', async () => {
    const { put, proxy, open } = await stage(['coffee'], { silenceMs: 60_000 });
    const cache = open();
    await untilShown(cache, { coffee: 'a' });

    for (let time = 0; time < 10; time += 1) {
      proxy.breakAll();
      await put('coffee', `v${time}`);
      await untilShown(cache, { coffee: `v${time}` });
    }

    expect(count(proxy, 'isList')).toBe(1);
  });

  it('through versions that are no longer known, said in both ways', async () => {
    const { put, remove, proxy, open } = await stage(['coffee', 'tea'], { silenceMs: 60_000 });
    const cache = open();
    await untilShown(cache, { coffee: 'a', tea: 'a' });
    const gone = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } };

    proxy.onLine = () => ({ instead: JSON.stringify(gone) });
    await put('coffee', 'b');
    await untilShown(cache, { coffee: 'b', tea: 'a' });
    proxy.onLine = () => 'pass';
    let refused = 0;
    proxy.onRequest = ({ isWatch }) => {
      if (!isWatch || refused > 0) return 'pass';
      refused += 1;
      return { status: 410, body: gone.object };
    };
    proxy.breakAll();
    await remove('tea');

    await untilShown(cache, { coffee: 'b' });
    expect(refused).toBe(1);
    expect(count(proxy, 'isList')).toBeGreaterThanOrEqual(3);
  });

  it('through a list whose moment is compacted away between two pages', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `p${String(index).padStart(2, '0')}`);
    const { put, remove, proxy, open } = await stage(names, { pageSize: 5 });
    let pages = 0;
    proxy.onRequest = async ({ url }) => {
      if (!url.includes('continue=')) return 'pass';
      pages += 1;
      if (pages === 1) {
        await remove('p11');
        await put('p00', 'b');
        await plane.compact();
        proxy.injected.push('storage compacted between two pages');
      }
      // A server with a long memory still knows the moment; one without says so.
      return pages === 2 ? { status: 410, body: { reason: 'Expired', code: 410 } } : 'pass';
    };

    const cache = open();
    const { p11: _gone, ...rest } = Object.fromEntries(names.map((name) => [name, 'a']));

    await untilShown(cache, { ...rest, p00: 'b' });
    const further = proxy.asked.filter(({ url }) => url.includes('continue='));
    proxy.injected.push(`further pages answered ${further.map(({ status }) => status).join(', ')}`);
    expect(further.length).toBeGreaterThan(2);
  });

  it('through pages that take their time: nothing is concluded before the last', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const { proxy, open } = await stage(names, { pageSize: 1 });
    proxy.onRequest = ({ isList }) => (isList ? { delayMs: 300 } : 'pass');
    const cache = open();
    let told: readonly unknown[] | undefined;
    const changed = cache.changed(never).then((names_) => (told = names_));

    await until(() => shown(cache)['b'] !== undefined);
    expect(cache.isComplete()).toBe(false);
    await changed;
    await until(() => cache.isComplete());

    expect(told?.length).toBeGreaterThan(0);
    await untilShown(cache, { a: 'a', b: 'a', c: 'a', d: 'a' });
  });

  it('through a list of the past after a newer one', async () => {
    const { put, proxy, open, cluster, namespace } = await stage(['coffee'], { silenceMs: 60_000 });
    const path = `/apis/fairlead.dev/v1alpha1/namespaces/${namespace}/configprofiles?limit=500`;
    const { body: past } = await cluster.api.send(
      { method: 'GET', path, timeoutMs: 10_000, maxBytes: 1_000_000 },
      never,
    );
    const cache = open();
    await untilShown(cache, { coffee: 'a' });
    await put('coffee', 'b');
    await put('tea', 'a');
    await untilShown(cache, { coffee: 'b', tea: 'a' });

    proxy.onRequest = ({ isList, isWatch }): Fate => {
      if (isWatch) return { status: 410, body: { code: 410 } };
      return isList ? { status: 200, body: past } : 'pass';
    };
    proxy.breakAll();
    await until(() => cache.health().state === 'Failing');
    expect(shown(cache)).toEqual({ coffee: 'b', tea: 'a' });
    proxy.onRequest = () => 'pass';

    await until(() => cache.health().state === 'Following');
    expect(shown(cache)).toEqual({ coffee: 'b', tea: 'a' });
  });

  it('through a server that is too busy, and says for how long', async () => {
    const { proxy, open } = await stage(['coffee']);
    let refusals = 0;
    proxy.onRequest = ({ isList }) => {
      if (!isList || refusals >= 3) return 'pass';
      refusals += 1;
      return { status: refusals === 2 ? 503 : 429, headers: { 'retry-after': '1' } };
    };

    const cache = open();

    await untilShown(cache, { coffee: 'a' });
    expect(refusals).toBe(3);
  });

  it('through a restart of the API server, with changes before anybody watches again', async () => {
    const { put, remove, proxy, open } = await stage(['coffee', 'tea']);
    const cache = open();
    await untilShown(cache, { coffee: 'a', tea: 'a' });

    proxy.injected.push('API server killed and started again');
    proxy.onRequest = () => 'reset';
    await plane.restart();
    await until(() => cache.health().state === 'Failing');
    expect(cache.health().trouble?.code).toBe('ClusterUnavailable');
    await put('coffee', 'b');
    await remove('tea');
    await plane.compact();
    proxy.onRequest = () => 'pass';

    await untilShown(cache, { coffee: 'b' });
    await until(() => cache.health().state === 'Following');
  });
});
