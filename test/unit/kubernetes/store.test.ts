import { describe, expect, it } from 'vitest';

import { keep } from '../../../src/kubernetes/kept.ts';
import { createStore } from '../../../src/kubernetes/store.ts';

const signal = new AbortController().signal;
const object = (resourceVersion: string, version: string) =>
  keep({ metadata: { namespace: 'a', name: 'x', uid: 'u', resourceVersion }, spec: { version } })!;

describe('a list of a storage that was put back', () => {
  it.each([
    {
      name: 'tells an object that has its old version, and another content',
      why: 'versions were given a second time',
      listed: 'C',
      told: ['x'],
    },
    { name: 'tells nothing of what is the same', why: 'most of it is', listed: 'B', told: [] },
  ])('$name', async ({ listed, told, why }) => {
    const store = createStore(['']);
    const first = store.beginList('');
    first.page([object('105', 'B')]);
    first.end('110');
    await store.changes(signal);

    const second = store.beginList('');
    second.page([object('105', listed)]);
    second.end('112');
    store.changed('', keep({ metadata: { name: 'last', resourceVersion: '113' } })!);

    expect(
      (await store.changes(signal)).map(({ name }) => name),
      why,
    ).toEqual([...told, 'last']);
    expect(store.get('a/x')?.parts).toContain(`"version":"${listed}"`);
  });
});
