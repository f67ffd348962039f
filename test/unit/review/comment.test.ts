import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';

import type { Review } from '../../../src/core/render/review.ts';
import { reviewDocument } from '../../../src/core/render/review-document.ts';
import { linkingInk } from '../../../src/core/render/review-links.ts';
import {
  maxCharacters,
  reviewComment,
  reviewMarkdown,
} from '../../../src/core/render/review-markdown.ts';
import { undo } from '../../../src/core/plan/sentences.ts';
import { ReviewSchema } from '../../../src/core/render/review-schema.ts';
import { compare } from '../../../src/review/compare.ts';
import { root } from '../../../tools/files.ts';
import { reviewOf } from '../../support/review.ts';
import { coffee, decision, field, plan, release, testers, unset, value } from '../render/build.ts';
import { declaredReview, heldReview, invalidReview, storyReview, unjudgedReview } from './story.ts';

const goldens = [
  { name: 'story', review: storyReview, why: 'creates, a changed record, a block, and a ride' },
  { name: 'held', review: heldReview, why: 'who gets paid asks first, and how it is let pass' },
  { name: 'invalid', review: invalidReview, why: 'what is wrong and where' },
  { name: 'unjudged', review: unjudgedReview, why: 'no verdict is not a good one' },
  { name: 'declared', review: declaredReview, why: 'without a platform it says so' },
  { name: 'nothing', review: () => reviewOf({}), why: 'one line' },
];

describe('the comment', () => {
  it.each(goldens)('reads like test/fixtures/review/$name.md: $why', async ({ name, review }) => {
    await expect(reviewMarkdown(review())).toMatchFileSnapshot(
      join(root, 'test', 'fixtures', 'review', `${name}.md`),
    );
  });

  it('is one line where nothing happens', () => {
    expect(reviewMarkdown(reviewOf({})).trim().split('\n')).toHaveLength(1);
  });

  it('blames nobody for what was pending before, and names it', () => {
    const [target] = reviewDocument(storyReview()).targets.filter(
      ({ effect }) => effect === 'update',
    );

    expect(target?.fields.map(({ path }) => path)).toEqual(['testers']);
    expect(target?.riding).toEqual(['clientId']);
    expect(reviewMarkdown(storyReview())).toContain('Rides along: 1 change');
  });

  it('counts testers and names none, in Markdown and in JSON', () => {
    const outputs = [reviewMarkdown(storyReview()), JSON.stringify(reviewDocument(storyReview()))];

    for (const output of outputs)
      expect(testers(42).filter((id) => output.includes(id))).toEqual([]);
    expect(outputs[0]).toContain('30 testers added (12 → 42), none removed');
  });
});

/** As many new records, each with other values, in one program or in as many. */
function manyTargets(count: number, programs: number): Review {
  const plans = Array.from({ length: programs }, (_, p) => {
    const program = { ...coffee, miniProgram: `35${String(p).padStart(14, '0')}` };
    const changes = Array.from({ length: count / programs }, (_, i) =>
      release(
        {
          ...program,
          version: '2.5.0',
          app: `app-${i}`,
          environment: i % 2 ? 'Sandbox' : 'Production',
        },
        'create',
        {
          undo: undo.create,
          live: {
            version: '2.4.0',
            status: 'FullRelease',
            values: { merchantId: value(`M-${i}`) },
          },
          fields: [
            field('merchantId', unset, value(`M-${p}-${i}-${'9'.repeat(100)}`)),
            field('serverDomains', unset, value([`https://api-${p}-${i}.acme.example`])),
          ],
        },
      ),
    );
    return plan(changes, { key: program, name: `program ${p}` });
  });
  const compared = plans.flatMap(
    (one) =>
      compare({ key: one.key, before: undefined, after: { plan: one, decision: decision(one) } }) ??
      [],
  );
  return reviewOf({}, { plans, programs: compared });
}

describe('the JSON', () => {
  const isReview = new Ajv({ allErrors: true }).compile(JSON.parse(JSON.stringify(ReviewSchema)));

  it.each(goldens)('is as its schema says: $name', ({ review }) => {
    const document: unknown = JSON.parse(JSON.stringify(reviewDocument(review())));

    expect(isReview(document), JSON.stringify(isReview.errors)).toBe(true);
  });
});

describe('a comment about much', () => {
  it.each([
    { name: '300 targets of one program', count: 300, programs: 1 },
    { name: '300 targets of 300 programs', count: 300, programs: 300 },
    { name: '3,000 targets', count: 3000, programs: 30 },
  ])('$name fits a forge, and the words still come first', ({ count, programs }) => {
    const text = reviewMarkdown(manyTargets(count, programs));
    const [head = '', , ...rest] = text.split('\n');

    expect(text.length).toBeLessThan(maxCharacters);
    expect(head).toMatch(/^### Fairlead: .*\*\*Production on \d+\*\*$/);
    expect(rest[0]).toMatch(/^> \*\*Who gets paid\*\*/);
    expect(text).toContain('The ');
    expect(text).toMatch(/more rows?, counted/);
    expect(text.trimEnd().endsWith('</sub>')).toBe(true);
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
  });

  it('fits with a long link at every place, too', () => {
    const ink = linkingInk(
      (file, line) => `https://forge.example/${'x'.repeat(300)}/${file}#L${String(line)}`,
    );
    const text = reviewComment(manyTargets(300, 30), { ink, isEdited: true });

    expect(text.length).toBeLessThan(maxCharacters);
    expect(text).toMatch(/^### Fairlead: .*\*\*Production on \d+\*\*\n\n> \*\*Who gets paid\*\*/);
    expect(text).toMatch(/more targets found no room here/);
  });

  it('keeps everything in the JSON', () => {
    expect(reviewDocument(manyTargets(300, 1)).targets).toHaveLength(300);
  });

  it('fits where problems and failures are many, and long', () => {
    const long = 'x'.repeat(5000);
    const failed = { key: coffee, name: long, code: 'X', message: long, nextStep: long };
    const text = reviewMarkdown(
      reviewOf(
        {},
        {
          unjudged: Array.from({ length: 100 }, () => failed),
          problems: {
            fresh: Array.from({ length: 200 }, () => ({
              ...{ rule: 'rule', severity: 'error' as const, message: long },
            })),
            older: { errors: 0, warnings: 0 },
          },
          others: {
            ...{ isListed: true, unread: [], left: 0 },
            overlaps: Array.from({ length: 200 }, (_, i) => ({
              ...{ pull: i + 1, key: coffee, kind: 'claim' as const, fields: [] },
            })),
          },
          diff: manyTargets(300, 300).diff,
          programs: manyTargets(300, 300).programs,
          byHand: ['megapay'],
        },
      ),
    );

    expect(text.length).toBeLessThan(maxCharacters);
    expect(text).toMatch(/^### Fairlead: 200 errors/);
  });
});

describe('the data beside the comment', () => {
  it('has one status an environment, the worst of it, in words of our own', () => {
    expect(reviewDocument(storyReview()).statuses).toEqual([
      {
        context: 'fairlead/plan',
        environment: null,
        verdict: 'blocked',
        state: 'failure',
        sentence: '2 created, 1 changed, 1 blocked, 1 due with the next version',
      },
      {
        context: 'fairlead/production',
        environment: 'Production',
        verdict: 'blocked',
        state: 'failure',
        sentence: '2 created, 1 blocked, 1 due with the next version',
      },
      {
        context: 'fairlead/sandbox',
        environment: 'Sandbox',
        verdict: 'changes',
        state: 'success',
        sentence: '1 changed',
      },
    ]);
  });

  it('never calls well what has no verdict', () => {
    expect(reviewDocument(unjudgedReview()).statuses[0]).toMatchObject({ verdict: 'unjudged' });
    expect(reviewDocument(invalidReview()).statuses[0]).toMatchObject({ verdict: 'invalid' });
  });

  it('says which line decides who gets paid in Production, and which is stuck', () => {
    const { annotations, lines } = reviewDocument(storyReview());

    expect(
      annotations.map(({ file, line, title }) => `${file}:${String(line)} ${title}`).sort(),
    ).toEqual([
      'programs/coffee.yaml:14 review-payee',
      'programs/coffee.yaml:15 review-payee',
      'releases/coffee-2.4.0.yaml:31 review-payee',
      'releases/coffee-2.5.0.yaml:6 review-blocked',
    ]);
    expect(lines).toContainEqual({
      ...{ file: 'profiles/qa.yaml', line: 5, fields: ['testers'], environments: ['Sandbox'] },
      ...{ apps: ['megapay'], programs: ['coffee'] },
    });
  });
});
