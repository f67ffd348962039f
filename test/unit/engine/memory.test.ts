import { describe, expect, it } from 'vitest';
import { revision } from '../../../src/core/model/observed.ts';
import type { Written } from '../../../src/core/model/write.ts';
import { programId, releaseId, type ReleaseKey } from '../../../src/core/words/keys.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { createMemory } from '../../../src/engine/memory.ts';

const key: ReleaseKey = {
  platform: 'p',
  workspace: 'w',
  miniProgram: 'coffee',
  version: '1.0.0',
  app: 'megapay',
  environment: 'Test',
};
const program = programId(key);

function written(text: string): Written {
  return {
    kind: 'release',
    release: { key, id: 'r1', status: 'NewVersionCreated', revision: revision(text), config: {} },
  };
}

describe('observation floor', () => {
  it('refuses what was asked for before our own write, and keeps what that write came to', () => {
    const memory = createMemory();
    const before = memory.observe();
    memory.wrote(written('2'), program);
    const after = memory.observe();

    expect(memory.newer(program, before.sequence)).toEqual([written('2')]);
    expect(memory.newer(program, after.sequence)).toEqual([]);
  });

  it('keeps the last of several writes of one key', () => {
    const memory = createMemory();
    const before = memory.observe();
    memory.wrote(written('2'), program);
    memory.wrote(written('3'), program);

    expect(memory.newer(program, before.sequence)).toEqual([written('3')]);
  });

  it('forgets a write once no observation under way is older, so that it does not grow', () => {
    const memory = createMemory();
    const before = memory.observe();
    memory.wrote(written('2'), program);
    before.close();

    expect(memory.newer(program, before.sequence)).toEqual([]);
  });

  it('does not forget it while an older observation is still under way', () => {
    const memory = createMemory();
    const slow = memory.observe();
    memory.wrote(written('2'), program);
    memory.observe().close();

    expect(memory.newer(program, slow.sequence)).toEqual([written('2')]);
  });
});

describe('contended', () => {
  const minute = 60_000;
  const id = releaseId(key);
  const field = { program, key: id, path: 'testers', value: 'one' } as const;
  const drift = (minutes: number) => ({ ...field, at: epochMs(minutes * minute), isDrift: true });

  it.each([
    { name: 'twice', why: 'three times is the limit', at: [0, 10], now: 20, expected: {} },
    {
      name: 'three times',
      why: 'somebody clearly disagrees',
      at: [0, 10, 20],
      now: 20,
      expected: { [id]: ['testers'] },
    },
    {
      name: 'an hour later',
      why: 'only the last hour counts',
      at: [0, 10, 20],
      now: 65,
      expected: {},
    },
  ])('$name', ({ at, now, expected, why }) => {
    const memory = createMemory();
    for (const minutes of at) memory.wroteField(drift(minutes));

    expect(memory.contended(program, epochMs(now * minute)), why).toEqual(expected);
  });

  it.each([
    {
      name: 'the same value four times',
      why: 'somebody of the same installation overwrites it: three times it was put back',
      values: ['one', 'one', 'one', 'one'],
      expected: { [id]: ['testers'] },
    },
    {
      name: 'the same value three times',
      why: 'it was put back twice',
      values: ['one', 'one', 'one'],
      expected: {},
    },
    {
      name: 'to and fro by our own declarations',
      why: 'nobody else gave it a value',
      values: ['one', 'two', 'one', 'two', 'one', 'two'],
      expected: {},
    },
  ])('$name', ({ values, expected, why }) => {
    const memory = createMemory();
    for (const [minutes, value] of values.entries())
      memory.wroteField({ ...field, value, at: epochMs(minutes * minute), isDrift: false });

    expect(memory.contended(program, epochMs(10 * minute)), why).toEqual(expected);
  });

  it('is a matter of its own program', () => {
    const memory = createMemory();
    for (const minutes of [0, 1, 2]) memory.wroteField(drift(minutes));
    const other = programId({ ...key, miniProgram: 'coffee2' });

    expect(memory.contended(other, epochMs(2 * minute))).toEqual({});
  });
});

describe('sizes', () => {
  it('keeps the total of an earlier whole list when a later one was filtered', () => {
    const memory = createMemory();
    memory.learn('releases/w', { total: 100, perProgram: { [program]: 3 } });
    memory.learn('releases/w', { perProgram: { [program]: 4 } });

    expect(memory.sizes('releases/w')).toEqual({ total: 100, perProgram: { [program]: 4 } });
  });
});

describe('marks', () => {
  it('are gone for good once the platform did not keep one, and that is news once', () => {
    const memory = createMemory();

    expect([memory.storesMarks, memory.markLost(), memory.markLost(), memory.storesMarks]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
