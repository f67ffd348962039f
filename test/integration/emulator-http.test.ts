import { request } from 'node:http';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startEmulator } from '../../src/emulator/server.ts';
import { signatureEncodings } from '../../src/protocol/signature.ts';
import { client, foreign, openStage, start, type Sent, type Stage } from './emulator-stage.ts';

const key = {
  ...{ workspace: 'acme', miniProgram: 'coffee', version: '1.0.0' },
  ...{ app: 'megapay', environment: 'Production' },
};
const create = 'v1/releases/create';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.emulator.close());
beforeEach(() => stage.reset());

describe('signatures', () => {
  it.each(signatureEncodings)(
    'a request signed as %s is answered, and the answer signed',
    async (encoding) => {
      const got = await stage.send({ encoding });

      expect(got).toMatchObject({ status: 200, code: 'SUCCESS', signed: 'fits' });
      expect(got?.headers).toMatchObject({
        'client-id': client,
        'response-time': '2026-01-02T03:04:05.000Z',
      });
    },
  );

  it.each<{ name: string; sent: Sent; code: string; signed: 'fits' | 'none' }>([
    {
      name: 'another key',
      sent: { privateKey: foreign.privateKey },
      code: 'INVALID_SIGNATURE',
      signed: 'none',
    },
    {
      name: 'other bytes than signed',
      sent: { bytes: '{"workspace":"acme" }' },
      code: 'INVALID_SIGNATURE',
      signed: 'none',
    },
    {
      name: 'no signature',
      sent: { headers: { signature: '' } },
      code: 'INVALID_SIGNATURE',
      signed: 'none',
    },
    {
      name: 'nonsense for a signature',
      sent: { headers: { signature: 'algorithm=RSA256, signature=%%%' } },
      code: 'INVALID_SIGNATURE',
      signed: 'none',
    },
    {
      name: 'another algorithm',
      sent: { headers: { signature: 'algorithm=ECC224, signature=AAAA' } },
      code: 'INVALID_SIGNATURE',
      signed: 'none',
    },
    {
      name: 'an unknown client',
      sent: { client: 'nobody' },
      code: 'INVALID_CLIENT',
      signed: 'none',
    },
    {
      name: 'a client without a key',
      sent: { client: 'keyless' },
      code: 'KEY_NOT_FOUND',
      signed: 'none',
    },
    {
      name: 'a key version that is not there',
      sent: { keyVersion: 3 },
      code: 'KEY_NOT_FOUND',
      signed: 'none',
    },
    { name: 'epoch milliseconds', sent: { time: String(start) }, code: 'SUCCESS', signed: 'fits' },
    {
      name: 'an offset',
      sent: { time: '2026-01-02T08:34:05.000+05:30' },
      code: 'SUCCESS',
      signed: 'fits',
    },
    {
      name: 'five minutes late',
      sent: { time: '2026-01-02T02:59:05.000Z' },
      code: 'SUCCESS',
      signed: 'fits',
    },
    {
      name: 'over five minutes late',
      sent: { time: '2026-01-02T02:59:04.999Z' },
      code: 'TIMESTAMP_INVALID',
      signed: 'fits',
    },
    {
      name: 'five minutes early',
      sent: { time: '2026-01-02T03:09:05.000Z' },
      code: 'SUCCESS',
      signed: 'fits',
    },
    {
      name: 'over five minutes early',
      sent: { time: '2026-01-02T03:09:05.001Z' },
      code: 'TIMESTAMP_INVALID',
      signed: 'fits',
    },
    { name: 'no time', sent: { time: 'now' }, code: 'TIMESTAMP_INVALID', signed: 'fits' },
  ])('$name: $code', async ({ sent, code, signed }) => {
    const got = await stage.send(sent);

    expect(got, 'business failures are HTTP 200').toMatchObject({ status: 200, code, signed });
  });

  it('a request that is not believed changes nothing', async () => {
    const size = stage.emulator.host.world().releases.size;

    await stage.send({
      route: create,
      body: { ...key, config: {} },
      privateKey: foreign.privateKey,
    });

    expect(stage.emulator.host.world().releases.size).toBe(size);
  });
});

describe('messages', () => {
  it.each<{ name: string; sent: Sent; code: string }>([
    { name: 'PUT', sent: { method: 'PUT' }, code: 'METHOD_NOT_SUPPORTED' },
    { name: 'an unknown route', sent: { route: 'v1/releases/delete' }, code: 'INVALID_API' },
    {
      name: 'an unknown member',
      sent: { body: { workspace: 'acme', all: true } },
      code: 'PARAM_ILLEGAL',
    },
    { name: 'a missing member', sent: { body: {} }, code: 'PARAM_ILLEGAL' },
    {
      name: 'a wrong type',
      sent: { body: { workspace: 'acme', pageSize: '9' } },
      code: 'PARAM_ILLEGAL',
    },
    {
      name: 'an environment there is not',
      sent: { route: create, body: { ...key, environment: 'Staging', config: {} } },
      code: 'PARAM_ILLEGAL',
    },
    {
      name: 'variables in the global configuration',
      sent: {
        route: 'v1/miniprograms/config/patch',
        body: { workspace: 'acme', miniProgram: 'coffee', patch: { environmentVariables: {} } },
      },
      code: 'PARAM_ILLEGAL',
    },
    {
      name: 'a mark of 257 characters',
      sent: { route: create, body: { ...key, config: {}, mark: 'm'.repeat(257) } },
      code: 'PARAM_ILLEGAL',
    },
    { name: 'no JSON', sent: { body: '{"workspace"' }, code: 'PARAM_ILLEGAL' },
    { name: 'an array', sent: { body: '[]' }, code: 'PARAM_ILLEGAL' },
    { name: 'nothing', sent: { body: '' }, code: 'PARAM_ILLEGAL' },
  ])('$name: $code', async ({ sent, code }) => {
    const got = await stage.send(sent);

    expect(got).toMatchObject({ status: 200, code });
  });

  it('a body over 1 MiB is not read', async () => {
    const got = await stage.send({ body: { workspace: 'a'.repeat((1 << 20) + 1) } });

    expect(got?.status ?? 413, 'an answer, or a closed connection').toBe(413);
    expect(await stage.calls()).toEqual([]);
  });
});

describe('the rate limit', () => {
  it.each([
    { form: 'seconds', header: '1' },
    { form: 'date', header: 'Fri, 02 Jan 2026 03:04:06 GMT' },
    { form: 'nonsense', header: 'soon' },
    { form: 'huge', header: '99999999999' },
    { form: 'none', header: undefined },
  ])('answers 429, signed, with Retry-After as $form', async ({ form, header }) => {
    await stage.console('rate-limit', { requestsPerSecond: 1, burst: 1, retryAfter: form });
    await stage.send();

    const second = await stage.send();
    stage.nowMs += 1000;
    const later = await stage.send();

    expect(second).toMatchObject({
      status: 429,
      code: 'REQUEST_TRAFFIC_EXCEED_LIMIT',
      signed: 'fits',
    });
    expect(second?.headers['retry-after']).toBe(header);
    expect(later?.status).toBe(200);
  });
});

describe('the console', () => {
  it('is not for web pages', async () => {
    const response = await fetch(`${stage.emulator.url}/console/calls`, {
      headers: { origin: 'http://evil.example' },
    });

    expect(response.status).toBe(403);
  });

  it.each(['evil.example', 'evil.example:8080', '127.0.0.1.evil.example'])(
    'answers nobody who came by another name: %j',
    async (host) => {
      const { port } = new URL(stage.emulator.url);
      const status = await new Promise((resolve, reject) => {
        const options = { port, path: '/console/world', headers: { host } };
        request({ host: '127.0.0.1', ...options }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });

      expect(status).toBe(403);
    },
  );

  it('refuses bodies it does not understand, with the reason', async () => {
    const answer = await stage.console('apply', { workspace: 'acme' });

    expect(answer['error']).toContain('miniProgram');
  });

  it('names the member that it does not know, and the one it does', async () => {
    const answer = await stage.console('apply', { ...key, version: '1.0.0', enviroment: 'Test' });

    expect(answer['error']).toBe('the body has no "enviroment"; did you mean environment?');
  });

  it.each(['/console/', '/console'])(
    'tells what there is to somebody who looks around: %s',
    async (path) => {
      const answer = await (await fetch(`${stage.emulator.url}${path}`)).json();

      expect(answer).toMatchObject({ GET: expect.arrayContaining(['/console/world']) });
      expect(answer).toMatchObject({ POST: expect.arrayContaining(['/console/apply']) });
    },
  );

  it('logs every call in order, with what became of it', async () => {
    const body = {
      ...key,
      version: '1.1.0',
      config: { merchantId: 'M-77' },
      requestId: 'r-1',
      mark: 'm',
    };
    await stage.send({ route: create, body });
    await stage.send({ route: create, body: { ...body, requestId: 'r-2' } });
    await stage.send({ privateKey: foreign.privateKey });

    const log = await stage.calls();

    expect(log).toMatchObject([
      {
        ...{ client, operation: 'createRelease', key: 'acme/coffee/1.1.0/megapay/Production' },
        ...{ resultStatus: 'S', resultCode: 'SUCCESS', requestId: 'r-1', at: start },
        fields: ['merchantId', 'mark'],
        http: { status: 200, performed: 1 },
      },
      { resultStatus: 'F', resultCode: 'RELEASE_TARGET_ALREADY_SELECTED', requestId: 'r-2' },
      { operation: 'listReleases', resultCode: 'INVALID_SIGNATURE', http: { performed: 0 } },
    ]);
    expect(log.map(({ seq }) => seq - (log[0]?.seq ?? 0))).toEqual([0, 1, 2]);
    expect(JSON.stringify(log), 'no value in the log').not.toContain('M-77');
  });

  it('listens on loopback only', async () => {
    await expect(startEmulator({ listen: { host: '0.0.0.0' } })).rejects.toThrow(RangeError);
  });
});
