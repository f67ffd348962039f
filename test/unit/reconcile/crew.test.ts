import { describe, expect, it } from 'vitest';

import { createCrew } from '../../../src/reconcile/crew.ts';

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

describe('a crew', () => {
  it('ends when all are told to stop', async () => {
    const over = new AbortController();
    const crew = createCrew(over.signal);
    crew.hire(untilAborted);

    over.abort(new Error('stop'));

    await expect(crew.ended()).resolves.toBeUndefined();
  });

  it('ends as a whole with the bug of one, also of one who joined later', async () => {
    const crew = createCrew(new AbortController().signal);
    crew.hire(untilAborted);
    crew.hire(async () => {
      await Promise.resolve();
      crew.hire(() => Promise.reject(new TypeError('a bug')));
    });

    await expect(crew.ended()).rejects.toThrow('a bug');
  });

  it('goes on when one of them alone is told to stop', async () => {
    const [over, own] = [new AbortController(), new AbortController()];
    const crew = createCrew(over.signal);
    const at: string[] = [];
    crew.hire(untilAborted, own.signal);
    crew.hire(async (signal) => {
      own.abort(new Error('you alone'));
      await Promise.resolve();
      at.push('still at work');
      await untilAborted(signal);
    });
    await Promise.resolve();
    await Promise.resolve();

    over.abort(new Error('stop'));
    await crew.ended();

    expect(at).toEqual(['still at work']);
  });
});
