import { type SpecData, Validator } from '@seriousme/openapi-schema-validator';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import * as requests from '../../../src/protocol/generated/requests.js';
import * as responses from '../../../src/protocol/generated/responses.js';
import { operations } from '../../../src/protocol/operations.ts';
import { examples } from '../../../tools/platform-api/examples.ts';

const root = join(import.meta.dirname, '../../..');

describe('the documentation of the contract', () => {
  it.each(operations)('shows a valid %s', (operation) => {
    const { request, response } = examples[operation];

    expect(requests[operation](request)).toBe(true);
    expect(responses[operation](response)).toBe(true);
  });

  it('is a valid OpenAPI 3.1 document with an operation for each', async () => {
    const text = await readFile(join(root, 'docs/openapi.json'), 'utf8');
    const validator = new Validator();

    const { valid, errors } = await validator.validate(JSON.parse(text) as SpecData);

    expect(errors).toBeUndefined();
    expect([valid, validator.version]).toEqual([true, '3.1']);
    const paths = validator.resolveRefs()['paths'] as Record<
      string,
      { post: { operationId: string } }
    >;
    expect(Object.values(paths).map(({ post }) => post.operationId)).toEqual(operations);
    expect(JSON.stringify(paths)).not.toContain('"$ref"');
  });

  it('would not pass if a member were wrong', async () => {
    const text = await readFile(join(root, 'docs/openapi.json'), 'utf8');
    const broken = text.replaceAll('"responses"', '"answers"');

    expect((await new Validator().validate(JSON.parse(broken) as SpecData)).valid).toBe(false);
  });
});
