import { describe, expect, it } from 'vitest';

import type { Review } from '../../../src/core/render/review.ts';
import { ReconcileError } from '../../../src/core/words/errors.ts';
import { markerPrefix, readMarker } from '../../../src/review/publish-marker.ts';
import {
  type ForgeCall,
  type MemoryForge,
  memoryForge,
  ownName,
  somePull,
} from '../../support/forge-memory.ts';
import { reviewOf } from '../../support/review.ts';
import { at, commit, job, publishedOf, statesOf, storyAt } from './job.ts';
import { heldReview, invalidReview, storyReview, unjudgedReview } from './story.ts';

describe('a first review', () => {
  it('writes one comment that begins with the marker, a status for each environment, and remarks', async () => {
    const memory = memoryForge();

    const published = publishedOf(await job(memory));

    expect(published).toMatchObject({ comment: 'created', annotations: 'written', unwritten: [] });
    expect(memory.comments).toHaveLength(1);
    expect(memory.comments[0]?.body.startsWith(markerPrefix('default'))).toBe(true);
    expect(memory.comments[0]?.body.split('\n')[1]).toMatch(/^### Fairlead: /);
    expect(statesOf(memory)).toEqual({
      'fairlead/plan': 'failure',
      'fairlead/production': 'failure',
      'fairlead/sandbox': 'success',
    });
    expect(memory.notes.get(7)?.map(({ file, line }) => `${file}:${String(line)}`)).toContain(
      'releases/coffee-2.5.0.yaml:6',
    );
  });

  it('is pending before it is made', async () => {
    const memory = memoryForge();
    let before: object = {};

    await job(memory, {
      review: (head) => {
        before = statesOf(memory);
        return storyAt(head);
      },
    });

    expect(before).toEqual({ 'fairlead/plan': 'pending' });
  });
});

describe('a second review', () => {
  it('of the same head that says the same: 3 reads, no write', async () => {
    const memory = memoryForge();
    await job(memory);
    memory.calls.length = 0;

    const published = publishedOf(await job(memory));

    expect(published).toEqual({
      ...{ comment: 'unchanged', statuses: [], annotations: 'unchanged' },
      ...{ sarif: 'unchanged', unwritten: [] },
    });
    expect(memory.calls).toEqual(['pull', 'statuses', 'ownComment']);
  });

  it('at another hour still says the same', async () => {
    const memory = memoryForge();
    await job(memory);
    memory.calls.length = 0;

    await job(memory, { review: (head) => laterThan(storyAt(head)) });

    expect(memory.writes()).toEqual([]);
  });

  it('of another head edits the comment, and no other one', async () => {
    const memory = memoryForge();
    await job(memory);
    memory.set({ head: { branch: 'topic', commit: commit('b') } });

    const published = publishedOf(await job(memory, { review: (head) => at(heldReview(), head) }));

    expect(published.comment).toBe('edited');
    expect(memory.comments).toHaveLength(1);
    expect(memory.comments[0]?.body).toContain('; held: **Production** of `megapay`');
    expect(readMarker('default', memory.comments[0]?.body ?? '')?.head).toBe(commit('b'));
  });

  it('that no longer touches an environment clears its status on the same commit', async () => {
    const memory = memoryForge();
    await job(memory);

    await job(memory, { review: (head) => at(heldReview(), head) });

    expect(statesOf(memory)).toEqual({
      'fairlead/plan': 'success',
      'fairlead/production': 'success',
      'fairlead/sandbox': 'success',
    });
    expect(
      memory.statuses.get(somePull.head.commit)?.find(({ context }) => /sandbox/.test(context)),
    ).toMatchObject({ description: 'nothing changes' });
  });

  it('leaves statuses of others alone', async () => {
    const memory = memoryForge();
    const foreign = { context: 'fairlead/applied', state: 'failure', description: 'x' } as const;
    memory.statuses.set(somePull.head.commit, [foreign]);

    await job(memory);

    expect(memory.statuses.get(somePull.head.commit)).toContainEqual(foreign);
  });

  it('puts right what somebody edited in our comment', async () => {
    const memory = memoryForge();
    await job(memory);
    const [own] = memory.comments;
    memory.comments[0] = { ...own!, body: own!.body.replace('M-88', 'M-00') };

    const published = publishedOf(await job(memory));

    expect(published.comment).toBe('edited');
    expect(memory.comments[0].body).toBe(own?.body);
  });

  it('under another name has a comment of its own', async () => {
    const memory = memoryForge();
    await job(memory);

    await job(memory, { name: 'other' });

    expect(memory.comments).toHaveLength(2);
  });

  it('under another name turns nothing green that the first one failed', async () => {
    const memory = memoryForge();
    await job(memory, { name: 'wallets', review: (head) => at(unjudgedReview(), head) });

    await job(memory, { name: 'shops', review: (head) => at(heldReview(), head) });

    expect(statesOf(memory)).toMatchObject({
      'fairlead/wallets/plan': 'error',
      'fairlead/wallets/production': 'error',
      'fairlead/shops/plan': 'success',
      'fairlead/shops/production': 'success',
    });
  });
});

/** The same, read from the platform an hour later. */
function laterThan(review: Review): Review {
  const later = (side: Review['programs'][number]['own']) => ({
    ...side,
    plan: { ...side.plan, observedAt: (side.plan.observedAt + 3_600_000) as never },
  });
  return {
    ...review,
    programs: review.programs.map((program) => ({ ...program, own: later(program.own) })),
  };
}

describe('a marker that somebody else wrote', () => {
  it.each([
    { name: 'before ours', first: true },
    { name: 'after ours', first: false },
  ])('$name is neither edited nor believed', async ({ first }) => {
    const memory = memoryForge();
    if (!first) await job(memory);
    const forged = `${markerPrefix('default')}v=1 head=${somePull.head.commit} base=x notes=x -->\nall is well`;
    memory.comments.push({ id: 'f', author: 'mallory', body: forged });

    await job(memory);

    expect(memory.comments.filter(({ author }) => author === ownName)).toHaveLength(1);
    expect(memory.comments.find(({ id }) => id === 'f')?.body).toBe(forged);
  });

  it('by our own account, as another workflow of the repository may, is not believed either', async () => {
    const memory = memoryForge();
    await job(memory);
    const [own] = memory.comments;
    const [marker = ''] = own?.body.split('\n') ?? [];
    memory.comments[0] = { ...own!, body: `${marker}\n**Fairlead**: nothing changes.\n` };

    await job(memory);

    expect(memory.comments[0].body).toBe(own?.body);
  });

  it('in text of the pull request does not move ours', async () => {
    const memory = memoryForge();
    const forged = `${markerPrefix('default')}v=1 head=x base=x notes=x -->`;
    const review = (head: string) =>
      storyReview({ head: { revision: forged, commit: head, author: forged } });
    await job(memory, { review });
    memory.calls.length = 0;

    await job(memory, { review });

    expect(memory.writes()).toEqual([]);
    expect(memory.comments[0]?.body.match(/^<!--/gm)).toHaveLength(1);
  });
});

describe('no green light without a verdict', () => {
  it.each([
    { name: 'no verdict of the platform', review: unjudgedReview, state: 'error' },
    { name: 'errors in the declarations', review: invalidReview, state: 'failure' },
  ])('$name', async ({ review, state }) => {
    const memory = memoryForge();

    await job(memory, { review: (head) => at(review(), head) });

    expect(statesOf(memory)['fairlead/plan']).toBe(state);
    expect(Object.values(statesOf(memory))).not.toContain('success');
  });

  it('a review that fails takes back the verdicts of its commit, and says why', async () => {
    const memory = memoryForge();
    await job(memory);
    const failure = new ReconcileError('SourceUnavailable', 'git is @ill');

    await expect(job(memory, { review: () => Promise.reject(failure) })).rejects.toBe(failure);

    expect(Object.values(statesOf(memory))).toEqual(['error', 'error', 'error']);
    expect(memory.comments).toHaveLength(1);
    expect(memory.comments[0]?.body).toContain('**no verdict** for `4c1f9e2`');
    expect(memory.comments[0]?.body).toContain('`git is @ill`');
  });

  it('a verdict that cannot be put in words takes back the last one', async () => {
    const memory = memoryForge();
    await job(memory, { review: (head) => at(heldReview(), head) });

    const broken = { programs: undefined as never };
    await expect(
      job(memory, { review: (head) => ({ ...storyAt(head), ...broken }) }),
    ).rejects.toThrow(TypeError);

    expect(statesOf(memory)).toEqual({ 'fairlead/plan': 'error', 'fairlead/production': 'error' });
  });

  it('a review of another commit is refused, whoever made it', async () => {
    const memory = memoryForge();

    await expect(job(memory, { review: () => storyAt(commit('d')) })).rejects.toThrow();

    expect(memory.comments[0]?.body).not.toContain('ddddddd');
    expect(statesOf(memory)).toEqual({ 'fairlead/plan': 'error' });
    expect(memory.statuses.has(commit('d'))).toBe(false);
  });

  it('a comment that cannot be written turns nothing green', async () => {
    const memory = failing('putComment');

    const published = publishedOf(await job(memory, { review: (head) => at(heldReview(), head) }));

    expect(published.comment).toBe('failed');
    expect(Object.values(statesOf(memory))).toEqual(['error', 'error']);
  });

  it('the status for all turns green last', async () => {
    const memory = memoryForge();

    const { statuses } = publishedOf(
      await job(memory, { review: (head) => at(heldReview(), head) }),
    );

    expect(statuses.map(({ context }) => context)).toEqual([
      'fairlead/production',
      'fairlead/plan',
    ]);
  });
});

/** A forge whose token lacks one right. */
function failing(call: ForgeCall): MemoryForge {
  const memory = memoryForge();
  memory.before = (asked) => {
    if (asked === call) throw new ReconcileError('ForgeRefused', 'no right', { nextStep: 'ask' });
  };
  return memory;
}

describe('a token that lacks a right', () => {
  it.each([
    { call: 'annotate', what: 'annotations', comment: 'created', why: 'remarks are no verdict' },
    { call: 'putComment', what: 'comment', comment: 'failed', why: 'statuses can still warn' },
    { call: 'putStatus', what: 'statuses', comment: 'created', why: 'people can still read' },
    { call: 'uploadSarif', what: 'sarif', comment: 'created', why: 'scanning is an extra' },
  ] as const)('$call: the rest is written ($why)', async ({ call, what, comment }) => {
    const memory = failing(call);

    const published = publishedOf(await job(memory, { sarif: '{}' }));

    expect(published.comment).toBe(comment);
    expect(published.unwritten.map((one) => [one.what, one.error.nextStep])).toEqual([
      [what, 'ask'],
    ]);
  });

  it('remarks that could not be left are tried again, and then rest', async () => {
    const memory = failing('annotate');
    await job(memory);
    memory.before = () => undefined;

    const again = publishedOf(await job(memory));
    memory.calls.length = 0;
    await job(memory);

    expect(again.annotations).toBe('written');
    expect(memory.writes()).toEqual([]);
  });

  it.each(['pull', 'statuses', 'ownComment'] as const)(
    'a forge that is down at %s fails, and turns nothing green',
    async (call) => {
      const memory = memoryForge();
      memory.before = (asked) => {
        if (asked === call) throw new ReconcileError('ForgeUnavailable', 'down');
      };

      await expect(job(memory)).rejects.toMatchObject({ code: 'ForgeUnavailable' });

      expect(Object.values(statesOf(memory))).not.toContain('success');
      expect(memory.comments).toEqual([]);
    },
  );
});

describe('two jobs that both found no comment', () => {
  it('end with one that has the verdict, and one that points to it', async () => {
    const memory = memoryForge();
    let isFirst = true;
    memory.before = (call) => {
      if (call !== 'putComment' || !isFirst) return;
      isFirst = false;
      memory.comments.push({ id: 'early', author: ownName, body: `${markerPrefix('default')}x` });
    };

    await job(memory);

    expect(readMarker('default', memory.comments[0]?.body ?? '')?.head).toBe(somePull.head.commit);
    expect(memory.comments[1]?.body).not.toContain('fairlead:review');
  });
});

describe('a review without anything to say', () => {
  it('is one line under the marker', async () => {
    const memory = memoryForge();

    await job(memory, { review: (head) => at(reviewOf({}), head) });

    expect(memory.comments[0]?.body.trim().split('\n')).toHaveLength(2);
    expect(statesOf(memory)).toEqual({ 'fairlead/plan': 'success' });
  });
});
