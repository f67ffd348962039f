import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';

import { publishedDocument } from '../../../src/cli/composition/review-forge.ts';
import { reviewDocument } from '../../../src/core/render/review-document.ts';
import { ReviewSchema } from '../../../src/core/render/review-schema.ts';
import { ReconcileError } from '../../../src/core/words/errors.ts';
import { memoryForge } from '../../support/forge-memory.ts';
import { at, job } from './job.ts';
import { heldReview, storyReview } from './story.ts';

const isReview = new Ajv({ allErrors: true }).compile(JSON.parse(JSON.stringify(ReviewSchema)));

describe('the JSON of what was published', () => {
  it('is as its schema says, with what could not be written and what others want', async () => {
    const memory = memoryForge();
    const [change] = storyReview().programs.flatMap(({ own }) => own.changes);
    const overlap = { pull: 12, kind: 'fields' as const, fields: ['merchantId' as const] };
    const others = {
      ...{ isListed: true, unread: [3], left: 1 },
      overlaps: [{ ...overlap, key: change!.change.key }],
    };
    memory.before = (call) => {
      if (call === 'annotate')
        throw new ReconcileError('ForgeRefused', 'no right', { nextStep: 'grant checks: write' });
    };

    const result = await job(memory, { review: (head) => at({ ...heldReview(), others }, head) });
    if (result.kind !== 'reviewed') throw new Error(result.message);
    const document: unknown = JSON.parse(
      JSON.stringify({ ...reviewDocument(result.review), published: publishedDocument(result) }),
    );

    expect(isReview(document), JSON.stringify(isReview.errors)).toBe(true);
    expect(document).toMatchObject({
      published: {
        ...{ pull: 7, comment: 'created', annotations: 'failed', sarif: 'unchanged' },
        statuses: [
          { context: 'fairlead/production', state: 'success' },
          { context: 'fairlead/plan', state: 'success' },
        ],
        unwritten: [{ what: 'annotations', code: 'ForgeRefused', nextStep: 'grant checks: write' }],
      },
      others: { overlaps: [{ pull: 12, kind: 'fields', fields: ['merchantId'] }] },
    });
  });
});
