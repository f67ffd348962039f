import { describe, expect, it } from 'vitest';

import { createBreath } from '../../../src/reconcile/breath.ts';
import { systemClock } from '../../../src/cli/system.ts';

/** Works for a moment without waiting for anything. */
function busy(ms: number): void {
  const until = systemClock.mono() + ms;
  while (systemClock.mono() < until);
}

describe('work that waits for nothing', () => {
  it('lets a timer have its turn long before it is over, however many work', async () => {
    const breathe = createBreath(systemClock);
    let isOver = false;
    let before = 0;
    const work = async (): Promise<void> => {
      for (let piece = 0; piece < 100; piece += 1) {
        await breathe();
        busy(1);
        if (!isOver) before += 1;
      }
    };
    const timer = setTimeout(() => {
      isOver = true;
    }, 1);

    await Promise.all([work(), work(), work(), work(), work(), work()]);

    clearTimeout(timer);
    expect(isOver).toBe(true);
    expect(before).toBeLessThan(300);
  });
});
