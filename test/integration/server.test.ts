import { connect } from 'node:net';

import { describe, expect, it } from 'vitest';

import { rawClient } from '../support/raw-http.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { board, call, ends, head, scene } from './server-stage.ts';

describe('pages', () => {
  it.each([
    { line: 'GET /', status: 200, body: 'Fairlead\n\n/healthz' },
    { line: 'GET /healthz', status: 200, body: 'ok\nfairlead 0.1.0\n' },
    { line: 'HEAD /healthz', status: 200, body: '' },
    {
      line: 'GET /readyz',
      status: 503,
      body: 'not  source shop: not read yet: cannot read https://git.example.com/shop.git\nnot ready\n',
    },
    {
      line: 'GET /readyz?verbose',
      status: 503,
      body: 'ok   connection main: swept 10 s ago\nnot  source shop',
    },
    { line: 'GET /metrics', status: 200, body: '# HELP fairlead_build_info ' },
    { line: 'GET /nothing', status: 404, body: 'there is no such page; see /\n' },
    { line: 'POST /healthz', status: 404, body: 'there is no such page; see /\n' },
    { line: 'GET /%zz', status: 400, body: 'bad request\n' },
    { line: 'GET /webhooks/forge', status: 405, body: 'POST only\n' },
    { line: 'PUT /webhooks/forge', status: 405, body: 'POST only\n' },
  ])('answers $line with $status', async ({ line, status, body }) => {
    const { client } = await scene();

    const { statuses, text } = await client.send(head(line, { connection: 'close' }));

    expect(statuses).toEqual([status]);
    expect(text).toContain(`\r\n\r\n${body}`);
    expect(text.toLowerCase()).not.toMatch(/canary|access-control|set-cookie|x-powered-by/);
  });

  it('are ready once everything was read', async () => {
    const { client } = await scene({
      status: () => {
        const known = board(createVirtualClock());
        const [source] = known.sources;
        return { ...known, sources: [{ ...source!, commit: { id: 'f00' } }] };
      },
    });

    const { statuses, text } = await client.send(head('GET /readyz'));

    expect(statuses).toEqual([200]);
    expect(text).toMatch(/\r\n\r\nready\n$/);
  });

  it('tell nothing of a failure of their own, and go on', async () => {
    const { client, told } = await scene({
      status: () => {
        throw new TypeError('canary in /srv/fairlead/status.ts');
      },
    });

    const { statuses, text } = await client.send(head('GET /readyz'));

    expect(statuses).toEqual([500]);
    expect(text).toMatch(/\r\n\r\ninternal error\n$/);
    expect(told.map(({ kind }) => kind)).toEqual(['ignored']);
    expect((await client.send(head('GET /'))).statuses).toEqual([200]);
  });

  it.each([
    { page: 'GET /metrics', host: 'evil.example.com', status: 403 },
    { page: 'GET /metrics', host: '127.0.0.1.evil.example.com', status: 403 },
    { page: 'GET /metrics', host: 'localhost:8080', status: 200 },
    { page: 'GET /metrics', host: '[::1]:8080', status: 200 },
    { page: 'GET /webhooks/forge', host: 'fairlead.example.com', status: 405 },
  ])(
    'on loopback, $page under the name $host is answered with $status',
    async ({ page, host, status }) => {
      const { client } = await scene();

      expect((await client.send(head(page, { host }))).statuses).toEqual([status]);
    },
  );

  it('are served at one address under the name localhost', async () => {
    const { url, client } = await scene({ host: 'localhost' });

    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await client.send(head('GET /healthz'))).statuses).toEqual([200]);
  });

  it('say where to listen when the address is taken', async () => {
    const { url } = await scene();
    const port = Number(new URL(url).port);

    await expect(scene({ port })).rejects.toMatchObject({ code: 'SettingsInvalid' });
  });
});

describe('a connection', () => {
  const limits = { headersMs: 100, requestMs: 200, checkEveryMs: 20 };

  it.each([
    {
      name: 'headers that never end',
      start: 'POST /webhooks/forge HTTP/1.1\r\nhost: 127.0.0.1\r\n',
    },
    { name: 'a body that never ends', start: call('{}', { 'content-length': 100 }) },
  ])('is ended for $name, and others are answered meanwhile', async ({ start }) => {
    const { url, client, hints } = await scene({ limits });
    const slow = rawClient(url);

    const ended = slow.send(start);
    const meanwhile = await client.send(head('GET /healthz'));
    const { statuses, closed } = await ended;

    expect(meanwhile.statuses).toEqual([200]);
    expect(closed).toBe(true);
    expect(statuses).toEqual([408]);
    expect(hints).toEqual([]);
  });

  it('is refused above the limit, and there is room again when one ends', async () => {
    const { url } = await scene({ limits: { connections: 3 } });
    const clients = Array.from({ length: 4 }, () => rawClient(url));
    ends.push(() => {
      for (const client of clients) client.close();
    });

    const answers: number[][] = [];
    for (const client of clients) {
      const { statuses } = await client.send(head('GET /healthz'));
      answers.push([...statuses]);
    }
    await clients[0]!.hangUp();
    let again: readonly number[] = [];
    // The server learns a moment later that the connection is gone.
    while (again.length === 0) again = (await clients[3]!.send(head('GET /healthz'))).statuses;

    expect(answers).toEqual([[200], [200], [200], []]);
    expect(again).toEqual([200]);
  });

  it('in the middle of a call is answered when the server ends', async () => {
    const { url, hints, close } = await scene({ limits: { lastWordsMs: 60_000 } });
    const { hostname, port } = new URL(url);
    const request = call('{}', { expect: '100-continue' });
    const socket = connect(Number(port), hostname).setEncoding('latin1');
    ends.push(() => socket.destroy());
    const chunks = socket[Symbol.asyncIterator]();
    socket.write(request.slice(0, -2));
    expect((await chunks.next()).value).toMatch(/^HTTP\/1\.1 100 /);

    const closed = close();
    socket.write('{}');

    expect((await chunks.next()).value).toMatch(/^HTTP\/1\.1 202 /);
    await closed;
    expect(hints).toEqual(['shop', 'toys']);
  });

  it('keeps the server from ending for a moment only, and an idle one not at all', async () => {
    const { url, hints, close } = await scene({ limits: { lastWordsMs: 50 } });
    const [idle, busy] = [rawClient(url), rawClient(url)];
    await idle.send(head('GET /healthz'));
    const answer = busy.send(call('{}', { 'content-length': 100 }));
    await idle.send(head('GET /healthz'));

    await close();

    expect((await answer).closed).toBe(true);
    expect((await rawClient(url).send(head('GET /healthz'))).statuses).toEqual([]);
    expect(hints).toEqual([]);
  });
});
