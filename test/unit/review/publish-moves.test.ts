import { describe, expect, it } from 'vitest';

import { ReconcileError } from '../../../src/core/words/errors.ts';
import { readMarker } from '../../../src/review/publish-marker.ts';
import type { PullReviewed } from '../../../src/review/review-pull.ts';
import { type MemoryForge, memoryForge, somePull } from '../../support/forge-memory.ts';
import { at, commit, job, publishedOf, statesOf, storyAt } from './job.ts';
import { heldReview, unjudgedReview } from './story.ts';

describe('a pull request that moves on', () => {
  const push = (memory: MemoryForge) => {
    memory.set({ head: { branch: 'topic', commit: commit('b') } });
  };

  it.each([
    { name: 'a push', change: push, why: 'its verdict is another one' },
    {
      name: 'a close',
      change: (memory: MemoryForge) => memory.set({ state: 'closed' }),
      why: 'nobody asks any more',
    },
    {
      name: 'a merge',
      change: (memory: MemoryForge) => memory.set({ state: 'merged' }),
      why: 'it is too late',
    },
    {
      name: 'another base',
      change: (memory: MemoryForge) =>
        memory.set({ base: { branch: 'stable', commit: commit('c') } }),
      why: 'the verdict was about another branch',
    },
  ])('$name during the review: nothing is written of it', async ({ change, why }) => {
    const memory = memoryForge();
    const log: string[] = [];

    const published = publishedOf(
      await job(memory, {
        log,
        review: (head) => {
          change(memory);
          return storyAt(head);
        },
      }),
    );

    expect(published.comment, why).toBe('superseded');
    expect(memory.comments).toEqual([]);
    expect(statesOf(memory, somePull.head.commit)).toEqual({ 'fairlead/plan': 'pending' });
    expect(log.join()).toContain('superseded');
  });

  it('at any call whatever: what stands in the end is the verdict of the last push', async () => {
    const quiet = memoryForge();
    await job(quiet);
    const all = quiet.calls.length;

    // Before the first call it is but another head.
    for (let index = 1; index < all; index += 1) {
      const memory = memoryForge();
      memory.before = (_, called) => {
        if (called === index) push(memory);
      };
      await job(memory);
      const early = memory.comments[0]?.body;
      memory.before = () => undefined;
      await job(memory, { review: (head) => at(heldReview(), head) });

      const at_ = `a push at call ${String(index)} (${quiet.calls[index] ?? ''})`;
      expect(memory.comments, at_).toHaveLength(1);
      expect(memory.comments[0]?.body, at_).toContain('`bbbbbbb`');
      expect(statesOf(memory, commit('b')), at_).toMatchObject({
        'fairlead/plan': 'success',
        'fairlead/production': 'success',
      });
      if (early !== undefined)
        expect(readMarker('default', early)?.head, at_).toBe(somePull.head.commit);
    }
  });

  it.each([
    { name: 'all reviews end after the last push', takes: 50, writes: 1 },
    { name: 'reviews take as long as ten pushes', takes: 10, writes: 1 },
  ])('fifty times, $name: the last push has its verdict', async ({ takes, writes }) => {
    const memory = memoryForge();
    const heads = Array.from({ length: 50 }, (_, i) => String(i).padStart(40, '0'));
    const ends = heads.map(() => Promise.withResolvers<undefined>());
    const jobs: Promise<PullReviewed>[] = [];
    for (const [i, head] of heads.entries()) {
      memory.set({ head: { branch: 'topic', commit: head } });
      const begun = Promise.withResolvers<undefined>();
      const review = async (own: string) => {
        begun.resolve(undefined);
        await ends[i]?.promise;
        return storyAt(own);
      };
      jobs.push(job(memory, { review }));
      await begun.promise;
      ends[i - takes]?.resolve(undefined);
      await jobs[i - takes];
    }
    for (const end of ends) end.resolve(undefined);
    await Promise.all(jobs);

    expect(memory.calls.filter((call) => call === 'putComment')).toHaveLength(writes);
    expect(readMarker('default', memory.comments[0]?.body ?? '')?.head).toBe(heads.at(-1));
    expect(memory.comments).toHaveLength(1);
    expect(statesOf(memory, heads[0])).toEqual({ 'fairlead/plan': 'pending' });
  });
});

describe('two reviews of one head at the same time', () => {
  it('statuses follow the comment of the one that ends last, not what it found when it began', async () => {
    const memory = memoryForge();
    const [begun, end] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    await job(memory, { review: (head) => at(unjudgedReview(), head) });
    const slow = job(memory, {
      review: async (head) => {
        begun.resolve(undefined);
        await end.promise;
        return at(unjudgedReview(), head);
      },
    });
    await begun.promise;
    await job(memory, { review: (head) => at(heldReview(), head) });

    end.resolve(undefined);
    await slow;

    expect(memory.comments[0]?.body).toContain('No verdict');
    expect(statesOf(memory)).toMatchObject({
      'fairlead/plan': 'error',
      'fairlead/production': 'error',
    });
  });
});

describe('a comment that waits inside the forge', () => {
  /** Writes that wait for a limit, and only end when they are told to. */
  function limited(memory: MemoryForge, times: number, meanwhile = () => undefined as void) {
    let left = times;
    const { putComment } = memory.forge;
    const forge: MemoryForge['forge'] = {
      ...memory.forge,
      putComment: async (pull, own, body, signal) => {
        left -= 1;
        if (left < 0) return putComment(pull, own, body, signal);
        meanwhile();
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(new Error('ended')), { once: true });
        });
        throw new Error('unreachable');
      },
    };
    return { ...memory, forge };
  }

  it('is written once the forge takes it', async () => {
    const memory = memoryForge();

    const published = publishedOf(await job(limited(memory, 2)));

    expect(published.comment).toBe('created');
    expect(memory.comments).toHaveLength(1);
  });

  it('is given up when the pull request moves on: a newer verdict is not overwritten', async () => {
    const memory = memoryForge();

    const published = publishedOf(
      await job(
        limited(memory, 1, () => memory.set({ head: { branch: 'topic', commit: commit('b') } })),
      ),
    );

    expect(published.comment).toBe('superseded');
    expect(memory.comments).toEqual([]);
    expect(statesOf(memory, somePull.head.commit)).toEqual({ 'fairlead/plan': 'pending' });
  });

  it('for ever is a failure, and nothing turns green', async () => {
    const memory = memoryForge();
    const review = (head: string) => at(heldReview(), head);

    const published = publishedOf(await job(limited(memory, 100), { review }));

    expect(published.unwritten).toMatchObject([{ error: { code: 'ForgeUnavailable' } }]);
    expect(Object.values(statesOf(memory))).toEqual(['error', 'error']);
  });
});

describe('a pull request that is no longer open', () => {
  it.each([
    { name: 'closed', state: 'closed' },
    { name: 'merged', state: 'merged' },
  ] as const)('$name: nobody reviews it, one read', async ({ state }) => {
    const memory = memoryForge({ state });

    const result = await job(memory, { review: () => Promise.reject(new Error('not asked')) });

    expect(result.kind).toBe('closed');
    expect(memory.calls).toEqual(['pull']);
  });
});

describe('a review that fails because the pull request moved on', () => {
  it('is no failure: the branch was rebased, and its objects are gone', async () => {
    const memory = memoryForge();

    const result = await job(memory, {
      review: () => {
        memory.set({ head: { branch: 'topic', commit: commit('b') } });
        return Promise.reject(new ReconcileError('SourceUnavailable', 'no such commit'));
      },
    });

    expect(result.kind).toBe('superseded');
    expect(memory.comments).toEqual([]);
    expect(statesOf(memory)).toEqual({});
  });

  it('is one where the pull request is still the same', async () => {
    const memory = memoryForge();
    const failure = new ReconcileError('SourceUnavailable', 'no such commit');

    await expect(job(memory, { review: () => Promise.reject(failure) })).rejects.toBe(failure);
  });
});
