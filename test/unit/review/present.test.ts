import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { reviewMarkdown } from '../../../src/core/render/review-markdown.ts';
import type { Review } from '../../../src/core/render/review.ts';
import { statusesOf } from '../../../src/core/render/review-notes.ts';
import { stateOf, strictRules } from '../../../src/core/render/review-state.ts';
import { targetsOf } from '../../../src/core/render/review-targets.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { presentFailure, presentReview } from '../../../src/review/present.ts';
import { root } from '../../../tools/files.ts';
import { memoryForge } from '../../support/forge-memory.ts';
import { now } from '../render/build.ts';
import { declaredReview, heldReview, invalidReview, storyReview, unjudgedReview } from './story.ts';

const { forge } = memoryForge();
const connections = storyReview().programs.map(({ own }) => own.plan.connection);
const [change] = storyReview().programs.flatMap(({ own }) => own.changes);

const others: Review['others'] = {
  ...{ isListed: true, unread: [19], left: 3 },
  overlaps: change
    ? [{ pull: 12, key: change.change.key, kind: 'fields', fields: ['merchantId'] }]
    : [],
};

function snapshotReview(): Review {
  return storyReview({
    ...{ against: 'snapshot', seal: { commit: '7d2a11c'.padEnd(40, '0') } },
    now: epochMs(now + 3 * 3_600_000),
  });
}

const goldens = [
  {
    name: 'published',
    why: 'links to lines, other pull requests, edited in place',
    text: () => presentReview(storyReview({ others }), forge, undefined).text,
  },
  {
    name: 'by-hand',
    why: 'what people click where there is no interface',
    text: () => presentReview(storyReview({ byHand: connections }), forge, undefined).text,
  },
  {
    name: 'snapshot',
    why: 'what it stands on, who made it, and how old that is',
    text: () => presentReview(snapshotReview(), forge, undefined).text,
  },
  {
    name: 'failed',
    why: 'no verdict, why, and what to do',
    text: () =>
      presentFailure(
        {
          message:
            'this checkout is shallow: the commit at which the branch left main is not in it',
          nextStep: 'fetch the history: set fetch-depth to 0',
        },
        '4c1f9e2'.padEnd(40, '0'),
      ).text,
  },
];

function isSandbox(key: object): boolean {
  return 'environment' in key && key.environment === 'Sandbox';
}

describe('the comment on a pull request', () => {
  it.each(goldens)('reads like test/fixtures/review/$name.md: $why', async ({ name, text }) => {
    await expect(text()).toMatchFileSnapshot(
      join(root, 'test', 'fixtures', 'review', `${name}.md`),
    );
  });

  it.each([
    { question: 'what changes', answer: /^### Fairlead: `coffee` `2\.5\.0` on 2 apps/m },
    {
      question: 'is Production touched',
      answer:
        /^### .*\*\*Production on 2\*\*; merging does \*\*not\*\* change \*\*Production\*\* of `rapipay`$/m,
    },
    { question: 'who gets paid', answer: /\*\*Who gets paid\*\* changes in .*`M-77` → `M-88`/ },
    { question: 'can it be undone', answer: /⚠️ no, the record stays for ever/ },
    {
      question: 'what must I do',
      answer:
        /\*\*What must be done\*\*\n\n- ⛔ `rapipay` \*\*Production\*\*: merging does not change it\. Withdraw the request/,
    },
    { question: 'why is this one blocked', answer: /\*\*nothing\*\*: it is in Under Review/ },
    { question: 'what is not touched', answer: /\*\*Not touched\*\*: 32 other targets/ },
    { question: 'will it be there again', answer: /this comment is edited in place<\/sub>\n$/ },
  ])('answers at a glance: $question?', ({ answer }) => {
    expect(presentReview(storyReview({ others }), forge, undefined).text).toMatch(answer);
  });

  it('says in its first line what is held in Production, also where something goes elsewhere', () => {
    const held = heldReview().programs.flatMap(({ own }) => own.changes);
    const programs = storyReview().programs.map(({ own, riding, dropped }) => ({
      ...{ riding, dropped },
      own: {
        ...own,
        changes: [...own.changes.filter(({ change: { key } }) => isSandbox(key)), ...held],
      },
    }));

    expect(reviewMarkdown(storyReview({ programs }))).toMatch(
      /^### Fairlead: `coffee` `2\.5\.0` changes on 1 app; held: \*\*Production\*\* of `megapay`$/m,
    );
  });

  it('stays below what the forge takes, marker included, and keeps its words', () => {
    const { text } = presentReview(storyReview(), { ...forge, maxCommentLength: 4_500 }, undefined);

    expect(text.length).toBeLessThan(4_000);
    expect(text).toMatch(/^### Fairlead: /);
    expect(text).toContain('**Not touched**');
  });

  it('shows no tester in the steps of the console', () => {
    const text = reviewMarkdown(storyReview({ byHand: connections }));

    expect(text).toContain('Console steps (');
    expect(text).toContain('Testers: 42 testers');
    expect(text).not.toMatch(/2088\d{3}/);
  });

  it('shows test codes only where they can be drawn', () => {
    const drawCode = (text: string): string => `drawn ${String(text.length)}`;
    const { programs } = heldReview();
    const withCode = programs.map((program) => ({
      ...program,
      own: {
        ...program.own,
        changes: program.own.changes.map((fact) => ({
          ...fact,
          change: { ...fact.change, testQrCode: 'https://qr.example/canary' } as never,
        })),
      },
    }));
    const review = { ...heldReview(), programs: withCode };

    expect(reviewMarkdown(review)).not.toContain('Test QR codes');
    expect(reviewMarkdown({ ...review, drawCode })).toContain('```text\ndrawn 25\n```');
    expect(reviewMarkdown({ ...review, drawCode })).not.toContain('canary');
  });
});

describe('what a forge shows of a verdict', () => {
  const warned = (): Review => ({
    ...heldReview(),
    problems: {
      fresh: [{ rule: 'rule', severity: 'warning', message: 'hm' }],
      older: { errors: 1, warnings: 1 },
    },
  });

  it.each([
    { name: 'blocked in Production', review: storyReview, rules: {}, state: 'failure' },
    { name: 'held in Production', review: heldReview, rules: {}, state: 'success' },
    {
      name: 'held, and that fails',
      review: heldReview,
      rules: { fail: ['held'] },
      state: 'failure',
    },
    {
      name: 'held, and that fails in Sandbox alone',
      review: heldReview,
      rules: { environments: { Sandbox: ['held'] } },
      state: 'success',
    },
    {
      name: 'blocked in Production, where nothing fails',
      review: storyReview,
      rules: { environments: { Production: [] } },
      state: 'success',
    },
    { name: 'a warning', review: warned, rules: {}, state: 'success' },
    {
      name: 'a warning, and those fail',
      review: warned,
      rules: { fail: ['warning'] },
      state: 'failure',
    },
    {
      name: 'an error, where nothing fails',
      review: invalidReview,
      rules: { fail: [] },
      state: 'failure',
    },
    {
      name: 'no verdict, where nothing fails',
      review: unjudgedReview,
      rules: { fail: [] },
      state: 'error',
    },
    {
      name: 'no verdict, where what nobody asked may pass',
      review: unjudgedReview,
      rules: { withoutPlatform: 'pass' },
      state: 'error',
    },
    { name: 'no platform asked', review: declaredReview, rules: {}, state: 'error' },
    {
      name: 'no platform asked, and that may pass',
      review: declaredReview,
      rules: { withoutPlatform: 'pass' },
      state: 'success',
    },
    {
      name: 'held, under rules nobody can read',
      review: heldReview,
      rules: strictRules,
      state: 'failure',
    },
  ] as const)('$name: $state', ({ review, rules, state }) => {
    const judged: Review = { ...review(), rules: rules as NonNullable<Review['rules']> };

    expect(stateOf(judged, targetsOf(judged), null)).toBe(state);
  });

  it('does not pass what nobody asked a platform about, where all of it is no longer declared', () => {
    const review: Review = { ...declaredReview(), rules: {} };
    const gone = targetsOf(review).map((target) => ({ ...target, effect: 'undeclared' as const }));

    expect(gone.length).toBeGreaterThan(0);
    expect(stateOf(review, gone, null)).toBe('error');
  });

  it('calls held what waits for somebody in part, and names the rule that it breaks', () => {
    const review: Review = { ...heldReview(), rules: { fail: ['held'] } };
    const partly = targetsOf(review).map((target) => ({ ...target, effect: 'update' as const }));

    const [status] = statusesOf(review, partly);

    expect(status).toEqual({
      ...{ context: 'fairlead/plan', environment: null, verdict: 'held', state: 'failure' },
      sentence: 'held must not pass here, 1 changed, 1 held in part',
    });
  });
});
