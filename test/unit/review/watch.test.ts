import { describe, expect, it } from 'vitest';

import { ReconcileError } from '../../../src/core/words/errors.ts';
import { createWatchStage, type WatchStage } from '../../support/watch-stage.ts';

const seconds = 1_000;

/** Lets everything settle that waits for no time. */
async function settle({ clock }: WatchStage): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await clock.advance(1);
}

async function pass(stage: WatchStage, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 250) await stage.clock.advance(Math.min(250, left));
  await settle(stage);
}

/** Most writes of one comment within any minute. */
function mostInAMinute(writes: WatchStage['writes']): number {
  return Math.max(
    0,
    ...writes.map(({ at }) => writes.filter((one) => one.at >= at && one.at < at + 60_000).length),
  );
}

describe('fifty pushes in a minute', () => {
  it.each([
    { name: 'reviews are quick', reviewMs: 200 },
    { name: 'a review takes longer than a push', reviewMs: 3_000 },
    { name: 'a review takes longer than the minute', reviewMs: 70_000 },
  ])('end in the last verdict with at most three writes where $name', async ({ reviewMs }) => {
    const stage = createWatchStage({ reviewMs });

    for (let push = 1; push <= 50; push += 1) {
      stage.push(7, `h${String(push)}`);
      stage.hint();
      await pass(stage, 1_200);
    }
    await pass(stage, 300 * seconds);

    expect(stage.writes.at(-1)?.head).toBe('h50');
    expect(stage.writes.length).toBeGreaterThan(0);
    expect(stage.writes.length).toBeLessThanOrEqual(3);
    await stage.stop();
  });

  it('say the first of them at once, and the others half a minute apart', async () => {
    const stage = createWatchStage({ reviewMs: 200 });
    await pass(stage, 10 * seconds);

    for (let push = 1; push <= 100; push += 1) {
      stage.push(7, `h${String(push)}`);
      stage.hint();
      await pass(stage, 1_200);
    }

    expect(stage.writes[0]?.at).toBeLessThan(17 * seconds);
    expect(stage.writes.length, 'two minutes of pushes').toBeGreaterThanOrEqual(3);
    expect(mostInAMinute(stage.writes)).toBeLessThanOrEqual(3);
    await stage.stop();
  });
});

describe('a reviewer', () => {
  it('reviews every open pull request once, one at a time', async () => {
    const stage = createWatchStage({ reviewMs: 2_000 });
    for (const number of [3, 1, 2]) stage.push(number, `h${String(number)}`);

    await pass(stage, 200 * seconds);

    expect(stage.writes.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(stage.mostAtOnce()).toBe(1);
    expect(stage.status()).toMatchObject({ open: 3, waiting: 0, trouble: undefined });
    await stage.stop();
  });

  it('forgets who is closed, and starts anew with who is opened again', async () => {
    const stage = createWatchStage({ reviewMs: 100 });
    stage.push(7, 'h1');
    await pass(stage, 30 * seconds);

    stage.close(7);
    await pass(stage, 90 * seconds);
    const closed = stage.status();
    stage.push(7, 'h1');
    await pass(stage, 90 * seconds);

    expect(closed).toMatchObject({ open: 0 });
    expect(stage.writes.map(({ head }) => head)).toEqual(['h1', 'h1']);
    await stage.stop();
  });

  it('reviews all of them anew when the branch that they go to has moved', async () => {
    const stage = createWatchStage({ reviewMs: 100 });
    stage.push(1, 'h1');
    stage.push(2, 'h2');
    await pass(stage, 30 * seconds);

    stage.moveBase('b1');
    await pass(stage, 90 * seconds);

    expect(stage.reviews.map(({ number }) => number)).toEqual([1, 2, 1, 2]);
    await stage.stop();
  });

  it('looks at an old verdict again, as the platform may have changed', async () => {
    const stage = createWatchStage({ reviewMs: 100, refreshMs: 600 * seconds });
    stage.push(7, 'h1');

    await pass(stage, 1_250 * seconds);

    expect(stage.reviews).toHaveLength(2 + 1);
    await stage.stop();
  });

  it('asks the forge no oftener than every five seconds, however many hints come', async () => {
    const stage = createWatchStage({ reviewMs: 100 });
    stage.push(7, 'h1');
    await pass(stage, 20 * seconds);
    const before = stage.polls.length;

    for (let turn = 0; turn < 100; turn += 1) {
      stage.hint();
      await stage.clock.advance(200);
    }

    expect(stage.polls.length - before).toBeLessThanOrEqual(5);
    expect(stage.polls.length - before).toBeGreaterThanOrEqual(3);
    await stage.stop();
  });

  it('ends when it is told to, in the middle of a review', async () => {
    const stage = createWatchStage({ reviewMs: 60_000 });
    stage.push(7, 'h1');
    await pass(stage, 15 * seconds);

    expect(stage.reviews).toHaveLength(1);
    expect(await stage.stop()).toMatchObject({ message: 'stop' });
    expect(stage.writes).toEqual([]);
  });
});

describe('trouble', () => {
  it('of the forge is told, asked about less and less often, and over when it is over', async () => {
    const stage = createWatchStage({ reviewMs: 100 });
    stage.push(7, 'h1');
    stage.beforePoll = () => {
      throw new ReconcileError('ForgeUnavailable', 'down');
    };

    await pass(stage, 900 * seconds);
    const asked = stage.polls.length;
    const troubled = stage.status();
    stage.beforePoll = () => undefined;
    await pass(stage, 900 * seconds);

    expect(troubled).toMatchObject({ open: 0, trouble: { code: 'ForgeUnavailable' } });
    expect(asked, 'after 0, 2, 6, 14 minutes').toBe(4);
    expect(stage.status()).toMatchObject({ open: 1, waiting: 0, trouble: undefined });
    await stage.stop();
  });

  it('of one pull request rests, and holds up none of the others', async () => {
    const stage = createWatchStage({ reviewMs: 100 });
    stage.push(1, 'h1');
    stage.push(2, 'h2');
    stage.beforeReview = (number) => {
      if (number === 1) throw new ReconcileError('PlatformUnavailable', 'down');
    };

    await pass(stage, 120 * seconds);

    expect(stage.writes.map(({ number }) => number)).toEqual([2]);
    expect(
      stage.reviews.filter(({ number }) => number === 1),
      'after 0, 30, 90 seconds',
    ).toHaveLength(3);
    expect(stage.status()).toMatchObject({
      open: 2,
      waiting: 1,
      trouble: { code: 'PlatformUnavailable' },
    });
    await stage.stop();
  });

  it('is no reason to let a new push wait', async () => {
    const stage = createWatchStage({ reviewMs: 100 });
    stage.push(7, 'h1');
    stage.beforeReview = () => {
      throw new Error('a bug');
    };
    await pass(stage, 600 * seconds);
    const troubled = stage.status();
    stage.beforeReview = () => undefined;

    stage.push(7, 'h2');
    stage.hint();
    await pass(stage, 6 * seconds);

    expect(troubled?.trouble).toEqual({ code: 'InternalError', message: 'a bug' });
    expect(stage.writes.map(({ head }) => head)).toEqual(['h2']);
    expect(stage.status()?.trouble).toBeUndefined();
    await stage.stop();
  });
});
