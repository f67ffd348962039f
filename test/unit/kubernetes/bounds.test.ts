import { describe, expect, it } from 'vitest';

import { keep, shown } from '../../../src/kubernetes/kept.ts';
import { pagesOf } from '../../../src/kubernetes/list.ts';
import { resources } from '../../../src/kubernetes/resources.ts';
import { BodyTooLarge } from '../../../src/kubernetes/wire.ts';
import { readObject } from '../../../src/cli/cluster/objects.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { ok } from './object-world.ts';

const head = { name: 'coffee', namespace: 'team', uid: 'u', resourceVersion: '7', generation: 1 };
const many = (count: number, value: string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`note-${index}`, value]));

describe('what is kept of an object', () => {
  it('is no label and no annotation that nobody reads', () => {
    const annotations = {
      ...many(4000, 'v'.repeat(100)),
      'kubectl.kubernetes.io/last-applied-configuration': 'x'.repeat(100_000),
      'fairlead.dev/approve': 'c-0123456789ab',
      'fairlead.dev/reconcile-requested-at': 'z'.repeat(100_000),
    };

    const kept = keep({
      metadata: { ...head, labels: many(4000, 'v'.repeat(63)), annotations },
      spec: { version: '1.0.0' },
      status: { progress: '0/1' },
    })!;
    const object = shown('MiniProgramRelease', kept);

    expect(kept.parts.length, 'half a megabyte came').toBeLessThan(5_000);
    expect(object.annotations['fairlead.dev/approve']).toBe('c-0123456789ab');
    expect([object.labels, object.spec, object.status]).toEqual([
      {},
      { version: '1.0.0' },
      { progress: '0/1' },
    ]);
  });

  it('is the labels of a namespace, which rights are given by', () => {
    const kept = keep({ metadata: { ...head, labels: { team: 'shop' } } }, 'labels')!;

    expect(shown('MiniProgram', kept).labels).toEqual({ team: 'shop' });
  });

  it('is no spec that is longer than any file may be, and the object says so', () => {
    const kept = keep({ metadata: head, spec: { version: 'x'.repeat(600_000) } })!;
    const object = { ...shown('MiniProgramRelease', kept), kind: 'MiniProgramRelease' } as const;
    const { change, problems } = readObject(object, epochMs(0));

    expect([kept.parts.length < 1000, change.kind]).toEqual([true, 'invalid']);
    expect(problems.map(({ message }) => message)).toEqual([
      'The spec is too large to be read: 600014 characters as JSON',
    ]);
  });
});

describe('pages', () => {
  it('become smaller where objects are large, and larger again', async () => {
    const limits: number[] = [];
    const pages = pagesOf(
      {
        api: {
          async send({ path, maxBytes }) {
            const query = new URL(path, 'https://x').searchParams;
            const limit = Number(query.get('limit'));
            limits.push(limit);
            const from = Number(query.get('continue') ?? 0);
            expect(maxBytes).toBe(8 * 1024 * 1024);
            if (from === 0 && limit > 100) throw new BodyTooLarge('large');
            const next = from + limit < 1000 ? String(from + limit) : '';
            return ok({ metadata: { resourceVersion: '9', continue: next }, items: [] });
          },
          stream: () => Promise.reject(new Error('nobody watches')),
        },
        resource: resources.MiniProgram,
        namespace: undefined,
        pageSize: 400,
      },
      new AbortController().signal,
    );

    for await (const page of pages) expect(page.version).toBe('9');

    expect(limits).toEqual([400, 200, 100, 200, 400, 400]);
  });
});
