import { describe, expect, it } from 'vitest';

import type { DesiredProgram } from '../../../src/core/model/desired.ts';
import { createLanes } from '../../../src/reconcile/lanes.ts';
import { ownerOf } from '../../../src/reconcile/owner.ts';
import { createRateBudget } from '../../../src/reconcile/rate-budget.ts';
import { createWishes } from '../../../src/reconcile/turns.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

/** `a1` is a's. */
const owner = (key: string): string => key.slice(0, 1);

function wishes() {
  const ports = { clock: createVirtualClock(), random: { next: () => 0 } };
  return createWishes<string>({ ...ports, ownerOf: owner });
}

describe('owners in a lane', () => {
  it.each([
    {
      name: 'one of them',
      why: 'first come, first served',
      steps: 'a2 a1 a3 | | |',
      expected: 'a2 a1 a3',
    },
    {
      name: 'who wants much and who wants little',
      why: 'little does not wait for much',
      steps: 'a1 a2 a3 a4 b1 | | | | |',
      expected: 'a1 b1 a2 a3 a4',
    },
    {
      name: 'who comes while another one is served',
      why: 'it had no turn yet in this round',
      steps: 'a1 a2 a3 a4 | | b1 | | |',
      expected: 'a1 a2 b1 a3 a4',
    },
    {
      name: 'who comes again and again',
      why: 'nobody is passed over by those who always come anew',
      steps: 'a1 a2 a3 b1 | | b2 c1 | | b3 c2 | | | |',
      expected: 'a1 b1 c1 a2 b2 c2 a3 b3',
    },
    {
      name: 'what left its line is not served',
      why: 'it is not wanted any more',
      steps: 'a1 a2 b1 -b1 | | |',
      expected: 'a1 a2',
    },
  ])('take turns: $name', ({ why, steps, expected }) => {
    const lanes = createLanes(owner);
    const taken: string[] = [];

    for (const step of steps.split(' ')) {
      if (step === '|') taken.push(...(lanes.take()?.item.split(' ') ?? []));
      else if (step.startsWith('-')) lanes.delete(step.slice(1));
      else lanes.add(step, 'hot');
    }

    expect(taken.join(' '), why).toBe(expected);
    expect(lanes.size('hot')).toBe(0);
  });

  it('wait for one turn of somebody who has ten thousand', () => {
    const queue = wishes();
    for (let index = 0; index < 10_000; index += 1) queue.add(`a${index}`, 'hot');
    queue.take();

    queue.add('b', 'hot');

    expect(queue.take()?.key).toBe('b');
  });
});

describe('who is kept for owners of whom nothing is under way', () => {
  const spare = { only: 'hot', isSpare: true } as const;

  it('takes nothing of the others', () => {
    const queue = wishes();
    for (const key of ['a1', 'a2', 'b1', 'b2']) queue.add(key, 'hot');

    expect(queue.take()?.key).toBe('a1');
    expect(queue.take(spare)?.key).toBe('b1');
    expect(queue.take(spare)).toBeUndefined();
  });

  it('takes the next of one when what was under way has ended', () => {
    const queue = wishes();
    for (const key of ['a1', 'a2']) queue.add(key, 'hot');
    queue.take(spare);

    queue.done('a1');

    expect(queue.take(spare)?.key).toBe('a2');
  });

  it('counts all that is under way of one', () => {
    const queue = wishes();
    for (const key of ['a1', 'a2', 'a3']) queue.add(key, 'hot');
    queue.take();
    queue.take();

    queue.done('a1');

    expect(queue.take(spare)).toBeUndefined();
  });
});

describe('owners of calls', () => {
  it('take turns in the rate, too', async () => {
    const clock = createVirtualClock();
    const budget = createRateBudget(10, clock);
    const { signal } = new AbortController();
    const sent: string[] = [];
    const ask = async (name: string, whose: string): Promise<void> => {
      await budget.take('hot', signal, whose);
      sent.push(name);
    };
    for (let index = 0; index < 5; index += 1) void ask(`a${index}`, 'a');
    await new Promise(setImmediate);

    void ask('b', 'b');
    for (let index = 0; index < 3; index += 1) {
      await clock.advance(110);
      await new Promise(setImmediate);
    }

    expect(sent).toEqual(['a0', 'b', 'a1', 'a2']);
  });
});

describe('the owner of a program', () => {
  const program = (...sources: readonly string[]): DesiredProgram =>
    ({ releases: sources.map((source) => ({ source })) }) as unknown as DesiredProgram;

  it.each([
    { name: 'a namespace', why: 'it is a source', sources: ['books'], expected: 'books' },
    {
      name: 'a repository of a namespace',
      why: 'who adds repositories gets no more turns',
      ...{ sources: ['books/shop'], expected: 'books' },
    },
    {
      name: 'the claim that comes first',
      why: 'who copies a declaration moves nothing',
      ...{ sources: ['books', 'copycat'], expected: 'books' },
    },
    { name: 'nobody', why: 'nothing is claimed', sources: [], expected: '' },
  ])('is $name', ({ why, sources, expected }) => {
    expect(ownerOf(program(...sources)), why).toBe(expected);
  });
});
