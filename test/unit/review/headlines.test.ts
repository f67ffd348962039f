import { describe, expect, it } from 'vitest';

import { reviewDocument } from '../../../src/core/render/review-document.ts';
import { reviewMarkdown } from '../../../src/core/render/review-markdown.ts';
import { field, release, unset, value } from '../render/build.ts';
import { brokenReview, fresh, gateReview, situations, supersededReview } from './situations.ts';
import { declaredReview } from './story.ts';

describe('the first line', () => {
  it.each(situations)('of $name: $why', ({ review, headline }) => {
    const [first = ''] = reviewMarkdown(review()).split('\n');

    expect(first.replace(/^### Fairlead: /, '').replace(/ <sub>.*/, '')).toBe(headline);
  });
});

describe('what a newer version supersedes', () => {
  it.each(['goes', 'held'] as const)('is no change, where it %s before', (pending) => {
    const review = supersededReview(pending);
    const { targets, sentences, statuses } = reviewDocument(review);
    const text = reviewMarkdown(review);

    expect(targets.map(({ effect }) => effect)).toEqual(['settled', 'create']);
    expect(sentences[0]).toBe('Who gets paid is set in PRODUCTION of megapay: M-88.');
    expect(statuses[0]?.sentence).toBe('1 created, 1 left to a newer version');
    expect(text).toContain('nothing now: `2.5.0` gets the change');
    expect(text).not.toContain('but is held');
  });
});

describe('who gets paid', () => {
  it('names the versions where there are several, and no version where there is one', () => {
    const older = release('2.4.0 tapngo/Sandbox', 'update', {
      fields: [field('merchantId', value('M-7'), value('M-8'))],
    });
    const newer = release('2.5.0 megapay/Production', 'create', {
      fields: [field('merchantId', unset, value('M-88'))],
    });

    expect(reviewDocument(fresh([newer, older])).sentences.slice(0, 2)).toEqual([
      'Who gets paid is set in PRODUCTION of megapay (2.5.0): M-88.',
      'Who gets paid changes in Sandbox of tapngo (2.4.0): M-7 -> M-8.',
    ]);
    expect(reviewDocument(fresh([older])).sentences[0]).toBe(
      'Who gets paid changes in Sandbox of tapngo: M-7 -> M-8.',
    );
  });
});

describe('what must be done', () => {
  it('has a command to copy, alone, and why in words', () => {
    expect(reviewMarkdown(gateReview())).toMatch(
      /^- ✋ `megapay` \*\*Production\*\*: somebody must approve it, as it changes who gets paid in Production: `fairlead approve c-[0-9a-f]{12}`$/m,
    );
  });

  it('names no correction twice', () => {
    const text = reviewMarkdown(brokenReview());

    expect(text).toContain('Did you mean merchantId?');
    expect(text).not.toContain('Correct MiniProgramRelease');
    expect(text).toContain('- ⛔ correct the error above: until then none of it is applied');
    const remarks = reviewDocument(brokenReview()).annotations;
    expect(remarks.map(({ title }) => title)).toEqual(['unknown-field']);
  });

  it('says how to learn what happens, where no platform was asked', () => {
    expect(reviewMarkdown(declaredReview())).toMatch(
      /^- 📝 .*`FAIRLEAD_SETTINGS`.*signed snapshot/m,
    );
  });
});

describe('the fold', () => {
  it('says why a field stays, also where its target waits as a whole', () => {
    const waiting = release('2.6.0 megapay/Production', 'waiting', {
      reasons: ['VersionNotUploaded'],
      fields: [field('merchantId', unset, value('M-88'))],
    });

    expect(reviewMarkdown(fresh([waiting]))).toContain('| stays as it is: VersionNotUploaded |');
  });

  it.each(situations)('has no reason that is missing: $name', ({ review }) => {
    expect(reviewMarkdown(review())).not.toMatch(/\| (?:locked:|stays as it is:?) *\|/);
  });
});
