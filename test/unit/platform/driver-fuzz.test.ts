import fc from 'fast-check';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';

import type { RequestId } from '../../../src/core/model/write.ts';
import { ReconcileError } from '../../../src/core/words/errors.ts';
import { SecretText } from '../../../src/core/words/secret-text.ts';
import {
  collect,
  driverOver,
  key,
  never,
  record,
  type Scripted,
  success,
} from './fake-platform.ts';

/** What a platform, or something in its place, may say: near the truth, or nowhere near. */
const anyBody = fc.oneof(
  fc.json().map((raw): Scripted => ({ raw })),
  fc.uint8Array({ maxLength: 64 }).map((raw): Scripted => ({ raw })),
  fc.object().map((body): Scripted => ({ body: { ...success, ...body } })),
  fc
    .record({ resultStatus: fc.constantFrom('S', 'F', 'U', 'A', 'X'), resultCode: fc.string() })
    .map((result): Scripted => ({ body: { result, echo: 'canary-value' } })),
  fc.object().map((change): Scripted => ({ body: { ...success, release: record(change) } })),
  fc.array(fc.object(), { maxLength: 3 }).map((changes): Scripted => ({
    body: { ...success, releases: changes.map((c) => record(c)) },
  })),
);
const anyAnswer = fc
  .tuple(anyBody, fc.constantFrom(200, 200, 200, 400, 404, 429, 500, 302), fc.boolean())
  .map(([body, status, isSigned]): Scripted => ({
    ...body,
    status,
    ...(isSigned ? {} : { headers: { signature: undefined } }),
  }));

async function judge(promise: Promise<unknown>): Promise<void> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) return;
  expect(error).toBeInstanceOf(ReconcileError);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary-value');
}

describe('whatever a platform answers', () => {
  it('a read gives a record or a classified failure', async () => {
    await fc.assert(
      fc.asyncProperty(anyAnswer, async (answer) => {
        await judge(driverOver([answer]).driver.release(key, never));
        await judge(collect(driverOver([answer]).driver.releases({ workspace: 'acme' }, never)));
        await judge(collect(driverOver([answer]).driver.miniPrograms('acme', ['A'], never)));
        await judge(driverOver([]).driver.platform(never));
        await judge(driverOver([], { platform: answer }).driver.platform(never));
      }),
      { numRuns: 400 },
    );
  });

  it('a write without a signed verdict is never called failed', async () => {
    const config = { 'environmentVariables/A': new SecretText('canary-value') } as const;
    const verdicts = ['RateLimited', 'SignatureRefused'];
    await fc.assert(
      fc.asyncProperty(anyAnswer, async (answer) => {
        const { driver } = driverOver([answer]);
        const written = driver.write(
          { operation: 'createRelease', key, config },
          'i'.repeat(43) as RequestId,
          never,
        );
        await judge(written);
        const code = await written.then(
          () => 'done',
          (error: unknown) => (error as ReconcileError).code,
        );
        const isSigned = answer.headers === undefined;
        if (!isSigned && !verdicts.includes(code)) expect(code).toBe('OutcomeUnknown');
      }),
      { numRuns: 400 },
    );
  });
});
