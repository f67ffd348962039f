import { describe, expect, it, onTestFinished } from 'vitest';

import { createFeed } from '../../../../src/cli/cluster/feed.ts';
import { createHub } from '../../../../src/cli/cluster/hub.ts';
import { documentId } from '../../../../src/cli/cluster/objects.ts';
import { epochMs } from '../../../../src/core/words/time.ts';
import type { ClusterKind, ClusterObject, NamespaceCache } from '../../../../src/ports/cluster.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';
import { fakeCache, objectOf, settle } from './stage.ts';

const start = createVirtualClock().wall();
const spec = { workspace: 'acme', id: '35', targets: [{ app: 'a', environment: 'Test' }] };
const coffee = objectOf({ kind: 'MiniProgram', namespace: 'team', name: 'coffee', spec });

/** A feed that was read once: the answer is what is already known. */
/** Says of every approval that it counts. */
const trusting = { heeded: () => [], ignored: () => undefined, forget: () => undefined };

async function stage(first: ClusterObject = coffee) {
  const kinds: readonly ClusterKind[] = ['MiniProgram', 'GitSource'];
  const stores = kinds.map((kind) => fakeCache(kind));
  const [programs, sources] = stores;
  const labels = new Map([['team', { tier: 'gold' }]]);
  const told: string[] = [];
  let tellNamespaces: (names: readonly string[]) => void = () => undefined;
  let known: readonly string[] = ['team'];
  const namespaces: NamespaceCache = {
    isComplete: () => true,
    health: () => ({ state: 'Following', heardAt: 0 }),
    labels: (name) => labels.get(name),
    async changed() {
      const now = known;
      known = [];
      if (now.length > 0) return now;
      return new Promise((resolve) => (tellNamespaces = resolve));
    },
  };
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const hub = createHub({
    caches: new Map(stores.map(({ cache }) => [cache.kind, cache])),
    namespaces,
  });
  void hub.run(over.signal).catch(() => undefined);
  programs?.put(first);
  sources?.put(objectOf({ kind: 'GitSource', namespace: 'team', name: 'git' }));
  const feed = createFeed({
    ...{ hub, clock: createVirtualClock(), trust: { order: [] }, guard: trusting },
    follow: ({ name }) => ({ source: { name } }) as never,
    onConnections: () => told.push('connections'),
    onAsked: ({ name }) => told.push(`asked of ${name}`),
    onStatus: ({ name }) => told.push(`status of ${name}`),
  });
  await settle();
  const initial = await feed.news(over.signal);
  const next = async () => {
    const news = await feed.news(over.signal);
    return news;
  };
  // What was heard before the first answer is told once more, and is nothing new.
  await next();
  told.length = 0;
  return {
    ...{ feed, initial, next, told, labels },
    put: (object: ClusterObject) => programs?.put(object),
    remove: () => programs?.remove(coffee),
    relabel: () => tellNamespaces(['team']),
  };
}

describe('objects as declarations', () => {
  it('are all there in the first answer, with what is trusted', async () => {
    const { initial } = await stage();

    expect(initial.documents).toMatchObject([
      { kind: 'valid', source: 'team', document: { id: 'team|MiniProgram/team/coffee' } },
    ]);
    expect(initial.followed).toHaveLength(1);
    expect(initial.retrusted).toEqual({
      trust: { order: [], namespaces: { team: { tier: 'gold' } } },
      sources: ['team', 'team/git'],
    });
  });

  it('are no news where their status alone changed', async () => {
    const { put, next, told } = await stage();

    put(objectOf({ ...coffee, resourceVersion: '2', status: { progress: '1/1' } }));
    const news = await next();

    expect([news.documents, news.wake]).toEqual([[], []]);
    expect(told).toEqual(['status of coffee']);
  });

  it('are read again by generation, keep what is wrong with them, and go', async () => {
    const { put, remove, next, feed } = await stage();
    const id = documentId(coffee);

    put(objectOf({ ...coffee, generation: 2, spec: { ...spec, targets: [{ app: 'a' }] } }));
    expect((await next()).documents).toMatchObject([{ kind: 'invalid', document: { id } }]);
    expect(feed.problemsOf(id)[0]?.origin).toMatchObject({
      object: { kind: 'MiniProgram', namespace: 'team', name: 'coffee' },
      path: '/spec/targets/0',
    });
    remove();

    expect((await next()).documents).toEqual([{ kind: 'gone', source: 'team', id }]);
    expect(feed.problemsOf(id)).toEqual([]);
  });

  it.each([
    { name: 'a request', annotation: 'fairlead.dev/reconcile-requested-at', value: 'now' },
    { name: 'an approval', annotation: 'fairlead.dev/approve', value: 'c-000000000001' },
  ])('wake their programs by $name, once', async ({ annotation, value }) => {
    const { put, next } = await stage();
    const asked = objectOf({ ...coffee, annotations: { [annotation]: value } });

    put(asked);
    expect((await next()).wake).toEqual([documentId(coffee)]);
    put(objectOf({ ...asked, resourceVersion: '3' }));

    expect((await next()).wake).toEqual([]);
  });

  it('answer a request of before the start only if nobody has', async () => {
    const annotations = { 'fairlead.dev/reconcile-requested-at': 'then' };
    const answered = objectOf({
      ...coffee,
      annotations,
      status: { lastHandledReconcileAt: 'then' },
    });

    expect((await stage(answered)).initial.wake).toEqual([]);
    expect((await stage(objectOf({ ...coffee, annotations }))).initial.wake).toHaveLength(1);
  });

  it('are trusted by what their namespace is called now, repositories with it', async () => {
    const { relabel, labels, next } = await stage();

    labels.set('team', { tier: 'lead' });
    relabel();
    const { retrusted } = await next();

    expect(retrusted?.sources).toEqual(['team', 'team/git']);
    expect(retrusted?.trust.namespaces).toEqual({ team: { tier: 'lead' } });
  });

  it.each([
    {
      name: 'when it was created',
      why: 'nobody has changed it since',
      object: { generation: 1, createdAt: epochMs(1_000), declaredAt: epochMs(2_000) },
      since: 1_000,
    },
    {
      name: 'when somebody last declared it',
      why: 'a process that starts again grants no new deadline',
      object: { generation: 3, createdAt: epochMs(1_000), declaredAt: epochMs(2_000) },
      since: 2_000,
    },
    {
      name: 'now, where nobody says when',
      why: 'it is the first sight of this generation',
      object: { generation: 3 },
      since: start,
    },
    {
      name: 'now, where it is said to be of the future',
      why: 'no clock and no author makes a deadline longer',
      object: { generation: 3, declaredAt: epochMs(start + 86_400_000) },
      since: start,
    },
  ])('are waited for since $name', async ({ object, since, why }) => {
    const { initial } = await stage(objectOf({ ...coffee, ...object }));

    expect(initial.documents, why).toMatchObject([{ document: { since } }]);
  });
});
