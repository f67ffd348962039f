import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';

import { ReconcileError } from '../../../src/core/words/errors.ts';
import type { ObservedConfig } from '../../../src/core/words/fields.ts';
import { reveal } from '../../../src/core/words/secret-text.ts';
import {
  collect,
  driverOver,
  failed,
  key,
  never,
  platformAnswer,
  record,
  type Scripted,
  success,
} from './fake-platform.ts';

/** One byte for each character: no UTF-8, if one is beyond ASCII. */
const latin1 = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));

describe('a call', () => {
  it('is signed over the path it is sent to', async () => {
    const { driver, sent } = driverOver([{ body: { ...success, release: null } }]);

    await driver.release(key, never);

    expect(sent[0]?.request).toMatchObject({
      method: 'POST',
      url: 'https://api.megapay.example/api/v1/releases/get',
      headers: {
        'Content-Type': 'application/json; charset=UTF-8',
        'Client-Id': 'fairlead-ci',
        'Request-Time': '2026-01-02T03:04:05.000Z',
        Signature:
          'stub /api/v1/releases/get fairlead-ci 2026-01-02T03:04:05.000Z ' +
          '{"workspace":"acme","miniProgram":"3500020208396321","version":"2.4.0","app":"megapay","environment":"Sandbox"}',
      },
    });
  });

  it('goes where the connection says', async () => {
    const { driver, sent } = driverOver([{ body: { ...success, release: null } }], {
      endpoint: 'https://gate.example:8443',
      pathPrefix: '/acl/api/',
      routes: { getRelease: 'v2/one/release' },
      signedPath: 'withoutPrefix',
      requestTime: 'epochMs',
      timeoutMs: 1234,
    });

    await driver.release(key, never);

    expect(sent[0]?.request.url).toBe('https://gate.example:8443/acl/api/v2/one/release');
    expect(sent[0]?.request.timeoutMs).toBe(1234);
    expect(sent[0]?.request.headers['Request-Time']).toBe('1767323045000');
    expect(sent[0]?.request.headers['Signature']).toMatch(/^stub \/v2\/one\/release /);
  });

  it('goes nowhere if the endpoint is no URL', async () => {
    const { driver, sent } = driverOver([], { endpoint: 'https://exa mple' });

    await expect(driver.platform(never)).rejects.toMatchObject({ code: 'SettingsInvalid' });
    expect(sent).toEqual([]);
  });

  it('asks what the platform is once, and then remembers it', async () => {
    const { driver, events } = driverOver([
      { body: { ...success, release: null } },
      { body: { ...success, release: null } },
    ]);

    await Promise.all([driver.release(key, never), driver.release(key, never)]);
    const info = await driver.platform(never);

    expect(events.map((event) => event.kind === 'call' && event.operation)).toEqual([
      'getPlatform',
      'getRelease',
      'getRelease',
    ]);
    expect(info).toMatchObject({ id: 'megapay', emulator: false, time: 1_767_323_045_500 });
  });

  it('asks again after a failure', async () => {
    const answers: Scripted[] = [{ status: 503, body: {} }, platformAnswer()];
    const { driver } = driverOver([], { platform: () => answers.shift() ?? {} });
    await expect(driver.platform(never)).rejects.toMatchObject({ code: 'PlatformUnavailable' });

    const info = await driver.platform(never);

    expect(info.id).toBe('megapay');
  });

  it('is not given up because somebody else who waited for it was aborted', async () => {
    const answers: Scripted[] = [{ throws: new Error('aborted') }, platformAnswer()];
    const { driver } = driverOver([], { platform: () => answers.shift() ?? {} });
    const impatient = new AbortController();
    const first = driver.platform(impatient.signal);
    const second = driver.platform(never);
    impatient.abort();

    await expect(first).rejects.toThrow('aborted');
    expect((await second).id).toBe('megapay');
  });
});

describe('another platform than the connection names', () => {
  it('is neither read nor written', async () => {
    const { driver, sent } = driverOver([], { platformId: 'otherpay' });

    expect(await driver.platform(never)).toMatchObject({ id: 'megapay' });
    await expect(driver.release(key, never)).rejects.toMatchObject({ code: 'PlatformMismatch' });
    await expect(collect(driver.releases({ workspace: 'acme' }, never))).rejects.toMatchObject({
      code: 'PlatformMismatch',
    });
    await expect(
      driver.write({ operation: 'createRelease', key, config: {} }, 'id' as never, never),
    ).rejects.toMatchObject({ code: 'PlatformMismatch' });
    expect(sent).toEqual([]);
  });
});

describe('what is believed', () => {
  const good = { ...success, release: record() };
  it.each<{ name: string; why: string; answer: Scripted; code: string }>([
    {
      name: 'no signature',
      why: 'anybody could have said it',
      answer: { body: good, headers: { signature: undefined } },
      code: 'ResponseUntrusted',
    },
    {
      name: 'a wrong signature',
      why: 'somebody else said it',
      answer: { body: good, headers: { signature: 'bad' } },
      code: 'ResponseUntrusted',
    },
    {
      name: 'no Response-Time',
      why: 'the signature covers it',
      answer: { body: good, headers: { 'response-time': undefined } },
      code: 'ResponseUntrusted',
    },
    {
      name: 'a Response-Time that is none',
      why: 'it says nothing of when',
      answer: { body: good, headers: { 'response-time': 'now' } },
      code: 'ResponseUntrusted',
    },
    {
      name: 'an answer of an hour ago',
      why: 'a recording verifies too',
      answer: { body: good, headers: { 'response-time': '2026-01-02T02:04:05Z' } },
      code: 'ResponseUntrusted',
    },
    {
      name: 'an answer to another client',
      why: 'it is not ours',
      answer: { body: good, headers: { 'client-id': 'other' } },
      code: 'ResponseUntrusted',
    },
    {
      name: 'another record',
      why: 'it is not what was asked',
      answer: { body: { ...success, release: record({ version: '2.5.0' }) } },
      code: 'ResponseUntrusted',
    },
    {
      name: 'truncated JSON',
      why: 'F8',
      answer: { raw: '{"result":{"resultStatus":"S"' },
      code: 'ResponseUntrusted',
    },
    {
      name: 'bytes that are no UTF-8',
      why: 'F8',
      answer: { raw: latin1(JSON.stringify({ ...success, release: record({ testQrCode: 'ä' }) })) },
      code: 'ResponseUntrusted',
    },
    { name: 'an empty body', why: 'F8', answer: { raw: '' }, code: 'ResponseUntrusted' },
    {
      name: 'another content type',
      why: 'F8',
      answer: { body: good, headers: { 'content-type': 'text/html' } },
      code: 'ResponseUntrusted',
    },
    {
      name: 'a status nobody knows',
      why: 'a release of ours in an unknown state',
      answer: { body: { ...success, release: record({ status: 'Paused' }) } },
      code: 'ResponseUntrusted',
    },
    {
      name: 'a redirect',
      why: 'F8',
      answer: { raw: '', status: 307, headers: { location: 'https://else.example' } },
      code: 'ResponseUntrusted',
    },
    {
      name: '200 with an error',
      why: 'F7',
      answer: { body: failed('ACCESS_DENIED') },
      code: 'AccessDenied',
    },
    {
      name: 'a refused signature, unsigned',
      why: 'F8: the platform cannot sign it',
      answer: { body: failed('INVALID_SIGNATURE'), headers: { signature: undefined } },
      code: 'SignatureRefused',
    },
    {
      name: '429',
      why: 'F6',
      answer: { body: failed('REQUEST_TRAFFIC_EXCEED_LIMIT'), status: 429 },
      code: 'RateLimited',
    },
    {
      name: '502 of a proxy',
      why: 'F7',
      answer: {
        raw: '<html>',
        status: 502,
        headers: { signature: undefined, 'content-type': 'text/html' },
      },
      code: 'PlatformUnavailable',
    },
    {
      name: 'U',
      why: 'F7',
      answer: { body: failed('UNKNOWN_EXCEPTION', 'U') },
      code: 'PlatformUnavailable',
    },
    {
      name: 'A',
      why: 'F7',
      answer: { body: failed('ACCEPTED', 'A') },
      code: 'PlatformUnavailable',
    },
    {
      name: 'a lost answer',
      why: 'F3: reading changes nothing',
      answer: { throws: new ReconcileError('OutcomeUnknown', 'reset') },
      code: 'PlatformUnavailable',
    },
  ])('$name: $code', async ({ answer, code, why }) => {
    const { driver, done } = driverOver([answer]);

    await expect(driver.release(key, never), why).rejects.toMatchObject({ code });
    expect(done()).toBe(true);
  });

  it.each([
    { name: 'seconds', header: '7', expected: 7_000 },
    { name: 'a date', header: 'Fri, 02 Jan 2026 03:05:05 GMT', expected: 60_000 },
    { name: 'nonsense', header: 'soon', expected: undefined },
    { name: 'huge', header: '99999999999', expected: 3_600_000 },
    { name: 'nothing', header: undefined, expected: undefined },
  ])('Retry-After as $name', async ({ header, expected }) => {
    const answer = { status: 429, body: {}, headers: { 'retry-after': header } };
    const { driver } = driverOver([answer]);

    const error: unknown = await driver.release(key, never).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'RateLimited' });
    expect((error as ReconcileError).retryAfterMs).toBe(expected);
  });

  it('lets a programming error through as it is', async () => {
    const bug = new TypeError('bug');
    const { driver } = driverOver([{ throws: bug }]);

    await expect(driver.release(key, never)).rejects.toBe(bug);
  });
});

describe('a record', () => {
  it('becomes what the engine compares, its variables sealed', async () => {
    const config = {
      merchantId: 'M-77',
      testers: ['b', 'a', 'b'],
      environmentVariables: [{ name: 'API_KEY', value: 'canary-value' }, { name: 'HIDDEN' }],
    };
    const wire = record({ config, frozen: { clientId: 'C' }, mark: 'm', testQrCode: 'qr' });
    const { driver } = driverOver([{ body: { ...success, release: wire } }]);

    const release = await driver.release(key, never);

    expect(release).toMatchObject({
      key,
      id: 'r-1',
      status: 'NewVersionCreated',
      revision: '1',
      mark: 'm',
      testQrCode: 'qr',
      frozen: { clientId: { kind: 'text', text: 'C' } },
      config: {
        merchantId: { kind: 'text', text: 'M-77' },
        testers: { kind: 'list', items: ['a', 'b'] },
        'environmentVariables/HIDDEN': { kind: 'hidden' },
      },
    });
    const sealed = (release?.config as ObservedConfig)['environmentVariables/API_KEY'];
    expect(sealed?.kind === 'sealed' && reveal(sealed.secret)).toBe('canary-value');
    expect(
      inspect(release, { depth: 9, showHidden: true }) + JSON.stringify(release),
    ).not.toContain('canary');
  });

  it('may be said to be missing in three ways', async () => {
    const { driver } = driverOver([
      { body: { ...success, release: null } },
      { body: failed('RELEASE_NOT_FOUND') },
      { body: failed('VERSION_NOT_FOUND') },
    ]);

    const found = [1, 2, 3].map(() => driver.release(key, never));

    expect(await Promise.all(found)).toEqual([undefined, undefined, undefined]);
  });
});
