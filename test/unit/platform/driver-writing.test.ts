import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';

import type { MarkCondition, PlatformWrite, RequestId } from '../../../src/core/model/write.ts';
import { revision } from '../../../src/core/model/observed.ts';
import { markCondition } from '../../../src/core/plan/request-id.ts';
import { ReconcileError } from '../../../src/core/words/errors.ts';
import { SecretText } from '../../../src/core/words/secret-text.ts';
import {
  driverOver,
  failed,
  key,
  never,
  platformAnswer,
  record,
  type Scripted,
  success,
} from './fake-platform.ts';

const id = 'i'.repeat(43) as RequestId;
const absent = 'absent' as MarkCondition;
const condition = { ifRevision: revision('1'), ifMark: absent };
const programKey = { platform: 'megapay', workspace: 'acme', miniProgram: '3500020208396321' };

const create: PlatformWrite = {
  operation: 'createRelease',
  key,
  config: {
    merchantId: 'M-77',
    testers: ['a'],
    'environmentVariables/B': 'public',
    'environmentVariables/A': new SecretText('canary-value'),
  },
  mark: 'm',
};
const patch: PlatformWrite = {
  operation: 'patchReleaseConfig',
  key,
  patch: {
    merchantId: null,
    testers: ['b'],
    'environmentVariables/A': new SecretText('canary-value'),
    'environmentVariables/B': null,
  },
  mark: 'm',
  condition,
};
const global: PlatformWrite = {
  operation: 'patchGlobalConfig',
  key: programKey,
  patch: { clientId: 'C', serverDomains: null },
  condition,
};
const globalAnswer = (change: object = {}) => ({
  workspace: 'acme',
  miniProgram: '3500020208396321',
  globalConfig: {},
  globalRevision: '8',
  ...change,
});
const releaseKey = {
  workspace: 'acme',
  miniProgram: '3500020208396321',
  version: '2.4.0',
  app: 'megapay',
  environment: 'Sandbox',
};

describe('a write', () => {
  it('creates with the configuration, variables by name, secrets opened', async () => {
    const { driver, sent } = driverOver([{ body: { ...success, release: record({ mark: 'm' }) } }]);

    const written = await driver.write(create, id, never);

    expect(sent[0]?.route).toBe('/api/v1/releases/create');
    expect(sent[0]?.body).toEqual({
      ...releaseKey,
      config: {
        merchantId: 'M-77',
        testers: ['a'],
        environmentVariables: [
          { name: 'A', value: 'canary-value' },
          { name: 'B', value: 'public' },
        ],
      },
      mark: 'm',
      requestId: id,
    });
    expect(written).toMatchObject({ kind: 'release', release: { key, revision: '1', mark: 'm' } });
  });

  it('patches what it names, under its conditions', async () => {
    const { driver, sent } = driverOver([{ body: { ...success, release: record({ mark: 'm' }) } }]);

    await driver.write(patch, id, never);

    expect(sent[0]?.route).toBe('/api/v1/releases/config/patch');
    expect(sent[0]?.body).toEqual({
      ...releaseKey,
      patch: {
        merchantId: null,
        testers: ['b'],
        environmentVariables: { upsert: [{ name: 'A', value: 'canary-value' }], remove: ['B'] },
      },
      ifRevision: '1',
      ifMark: 'absent',
      mark: 'm',
      requestId: id,
    });
  });

  it('patches the global configuration', async () => {
    const { driver, sent } = driverOver([{ body: { ...success, miniProgram: globalAnswer() } }]);

    const written = await driver.write(global, id, never);

    expect(sent[0]?.route).toBe('/api/v1/miniprograms/config/patch');
    expect(sent[0]?.body).toEqual({
      workspace: 'acme',
      miniProgram: '3500020208396321',
      patch: { clientId: 'C', serverDomains: null },
      ifRevision: '1',
      ifMark: 'absent',
      requestId: id,
    });
    expect(written).toEqual({ kind: 'global', global: { revision: '8', config: {} } });
  });

  it('may be of a mark alone', async () => {
    const { driver, sent } = driverOver([{ body: { ...success, release: record({ mark: 'm' }) } }]);

    await driver.write({ ...patch, patch: {} }, id, never);

    expect(sent[0]?.body).toMatchObject({ patch: {}, mark: 'm' });
  });
});

describe('what became of a write', () => {
  const good = { ...success, release: record({ mark: 'm' }) };
  it.each<{ name: string; answer: Scripted; code: string }>([
    {
      name: 'an unsigned answer may hide anything',
      answer: { body: good, headers: { signature: undefined } },
      code: 'OutcomeUnknown',
    },
    {
      name: 'a forged answer may hide anything',
      answer: { body: good, headers: { signature: 'bad' } },
      code: 'OutcomeUnknown',
    },
    {
      name: 'a forged refusal too',
      answer: { body: failed('INVALID_SIGNATURE'), headers: { signature: 'bad' } },
      code: 'OutcomeUnknown',
    },
    {
      name: 'an unsigned 429 may stand before it',
      answer: { raw: '', status: 429, headers: { signature: undefined } },
      code: 'OutcomeUnknown',
    },
    {
      name: 'an old answer may be a recording',
      answer: { body: good, headers: { 'response-time': '2026-01-02T02:04:05Z' } },
      code: 'OutcomeUnknown',
    },
    {
      name: 'an answer about another record settles nothing',
      answer: { body: { ...success, release: record({ app: 'tapngo' }) } },
      code: 'OutcomeUnknown',
    },
    {
      name: 'success without a record settles nothing',
      answer: { body: success },
      code: 'OutcomeUnknown',
    },
    {
      name: '500 may come after the deed',
      answer: { body: failed('PROCESS_FAIL'), status: 500 },
      code: 'OutcomeUnknown',
    },
    { name: 'U', answer: { body: failed('UNKNOWN_EXCEPTION', 'U') }, code: 'OutcomeUnknown' },
    { name: 'A', answer: { body: failed('ACCEPTED', 'A') }, code: 'OutcomeUnknown' },
    { name: 'truncated JSON', answer: { raw: '{"result":' }, code: 'OutcomeUnknown' },
    {
      name: 'another content type',
      answer: { body: good, headers: { 'content-type': 'text/plain' } },
      code: 'OutcomeUnknown',
    },
    { name: 'a redirect', answer: { raw: '', status: 308 }, code: 'OutcomeUnknown' },
    {
      name: 'a lost answer',
      answer: { throws: new ReconcileError('OutcomeUnknown', 'reset') },
      code: 'OutcomeUnknown',
    },
    {
      name: 'surely not sent',
      answer: { throws: new ReconcileError('PlatformUnavailable', 'refused') },
      code: 'PlatformUnavailable',
    },
    {
      name: 'a signed 429 was not done',
      answer: { body: failed('REQUEST_TRAFFIC_EXCEED_LIMIT'), status: 429 },
      code: 'RateLimited',
    },
    {
      name: 'our signature was refused',
      answer: { body: failed('INVALID_SIGNATURE'), headers: { signature: undefined } },
      code: 'SignatureRefused',
    },
    { name: 'the revision moved on', answer: { body: failed('REVISION_MISMATCH') }, code: 'Stale' },
    {
      name: 'the record exists',
      answer: { body: failed('RELEASE_TARGET_ALREADY_SELECTED') },
      code: 'AlreadySelected',
    },
    {
      name: 'a refusal',
      answer: { body: failed('DOMAIN_EDIT_NOT_GRANTED') },
      code: 'PlatformRefused',
    },
  ])('$name: $code', async ({ answer, code }) => {
    const { driver, sent } = driverOver([answer]);

    const error: unknown = await driver.write(create, id, never).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code });
    expect(sent).toHaveLength(1);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('canary');
  });
});

describe('a platform that cannot do everything', () => {
  const lacking = (change: object) => ({ platform: platformAnswer(change) });

  it('gets no request id if it remembers none', async () => {
    const { driver, sent } = driverOver(
      [{ body: { ...success, release: record({ mark: 'm' }) } }],
      lacking({ requestIds: false }),
    );

    await driver.write(create, id, never);

    expect(sent[0]?.body).not.toHaveProperty('requestId');
  });

  it('gets no mark if it stores none, and no write that is a mark alone', async () => {
    const { driver, sent } = driverOver(
      [{ body: { ...success, release: record() } }],
      lacking({ marks: false }),
    );

    await driver.write(create, id, never);
    await expect(driver.write({ ...patch, patch: {} }, id, never)).rejects.toMatchObject({
      code: 'Stale',
    });

    expect(sent).toHaveLength(1);
    expect(sent[0]?.body).not.toHaveProperty('mark');
  });

  it('that drops a mark is from then on one that stores none', async () => {
    const { driver, events, sent } = driverOver([
      { body: { ...success, release: record() } },
      { body: { ...success, release: record() } },
    ]);

    await driver.write(create, id, never);
    const { capabilities } = await driver.platform(never);
    await driver.write(create, id, never);

    expect(capabilities.marks).toBe(false);
    expect(sent.map(({ body }) => body['mark'])).toEqual(['m', undefined]);
    expect(events.filter(({ kind }) => kind === 'ignored')).toHaveLength(1);
  });
});

describe('a platform without conditional writes', () => {
  const lacking = { platform: platformAnswer({ conditionalWrites: false }) };
  const found = (change: object) => ({ body: { ...success, release: record(change) } });
  const nothing = { body: { ...success, release: null } };

  it('is read before each write and again after it', async () => {
    const { driver, sent, done } = driverOver(
      [found({}), found({ revision: 'as sent' }), found({ revision: '2', mark: 'm' })],
      lacking,
    );

    const written = await driver.write(patch, id, never);

    expect(sent.map(({ route }) => route)).toEqual([
      '/api/v1/releases/get',
      '/api/v1/releases/config/patch',
      '/api/v1/releases/get',
    ]);
    expect(sent[1]?.body).not.toHaveProperty('ifRevision');
    expect(sent[1]?.body).not.toHaveProperty('ifMark');
    expect(written).toMatchObject({ kind: 'release', release: { revision: '2' } });
    expect(done()).toBe(true);
  });

  it.each([
    { name: 'another revision', now: found({ revision: '2' }) },
    { name: 'a mark that was not there', now: found({ mark: 'theirs' }) },
    { name: 'no record', now: nothing },
  ])('sends nothing if it meets $name', async ({ now }) => {
    const { driver, sent } = driverOver([now], lacking);

    await expect(driver.write(patch, id, never)).rejects.toMatchObject({ code: 'Stale' });
    expect(sent).toHaveLength(1);
  });

  it('goes on if it meets the mark that the plan saw', async () => {
    const { driver } = driverOver(
      [found({ mark: 'ours' }), found({}), found({ mark: 'm' })],
      lacking,
    );
    const seen = { ...patch, condition: { ...condition, ifMark: markCondition('ours') } };

    await expect(driver.write(seen, id, never)).resolves.toMatchObject({ kind: 'release' });
  });

  it('creates nothing that is there already', async () => {
    const { driver, sent } = driverOver([found({})], lacking);

    await expect(driver.write(create, id, never)).rejects.toMatchObject({
      code: 'AlreadySelected',
    });
    expect(sent).toHaveLength(1);
  });

  it.each<{ name: string; after: Scripted }>([
    { name: 'cannot be read', after: { status: 503, body: {} } },
    { name: 'is not there', after: nothing },
  ])('does not know what a write came to if the record $name after it', async ({ after }) => {
    const { driver } = driverOver([nothing, found({}), after], lacking);

    await expect(driver.write(create, id, never)).rejects.toMatchObject({ code: 'OutcomeUnknown' });
  });

  it('reads the program before and after its global configuration is written', async () => {
    const list = (globalRevision: string): Scripted => ({
      body: { ...success, miniPrograms: [globalAnswer({ globalRevision })] },
    });
    const answer = { body: { ...success, miniProgram: globalAnswer() } };
    const { driver, sent } = driverOver([list('1'), answer, list('9')], lacking);

    const written = await driver.write(global, id, never);

    expect(sent.map(({ body }) => body['miniPrograms'] !== undefined)).toEqual([true, false, true]);
    expect(written).toEqual({ kind: 'global', global: { revision: '9', config: {} } });
  });
});
