import { createHmac } from 'node:crypto';
import { connect } from 'node:net';

import { describe, expect, it } from 'vitest';

import { ReconcileError } from '../../src/core/words/errors.ts';
import { SecretText } from '../../src/core/words/secret-text.ts';
import type { Webhook } from '../../src/server/server.ts';
import { call, ends, head, hook, mebibyte, scene, secret, sign } from './server-stage.ts';

describe('a call of a webhook', () => {
  it('is a hint for each of its sources, and answered at once', async () => {
    const { client, hints } = await scene();

    const { statuses } = await client.send(call('{"ref":"refs/heads/main"}'));

    expect(statuses).toEqual([202]);
    expect(hints).toEqual(['shop', 'toys']);
  });

  it.each([
    { name: 'bytes that are no text', body: '\u0000\u0001\ufffd', headers: {} },
    { name: 'no body', body: '', headers: {} },
    {
      name: 'a form',
      body: 'payload=%7B%7D',
      headers: { 'content-type': 'x-www-form-urlencoded' },
    },
    { name: 'broken JSON', body: '{"a":', headers: { 'content-type': 'application/json' } },
    { name: 'one mebibyte', body: 'x'.repeat(mebibyte), headers: {} },
  ])('is believed whatever the body says: $name', async ({ body, headers }) => {
    const { client, hints } = await scene();

    const { statuses } = await client.send(call(body, { 'content-type': 'a/b', ...headers }));

    expect(statuses).toEqual([202]);
    expect(hints).toEqual(['shop', 'toys']);
  });

  it.each<{ name: string; why: string; request: string; status: number }>([
    {
      name: 'ping',
      why: 'forges send one when the hook is set up: nothing moved',
      request: call('{}', { 'x-github-event': 'ping' }),
      status: 202,
    },
    {
      name: 'a wrong signature',
      why: 'anybody can call',
      request: call('{}', { 'x-hub-signature-256': sign('{ }') }),
      status: 401,
    },
    {
      name: 'no signature',
      why: 'no proof',
      request: call('{}', { 'x-hub-signature-256': '' }),
      status: 401,
    },
    {
      name: 'a name that is not set',
      why: 'no secret, no endpoint',
      request: call('{}', { name: 'other' }),
      status: 404,
    },
    {
      name: 'a long name',
      why: 'what is looked up is bounded',
      request: call('{}', { name: 'n'.repeat(300) }),
      status: 414,
    },
    {
      name: 'a delivery id without end',
      why: 'what is remembered is bounded',
      request: call('{}', { 'x-github-delivery': 'd'.repeat(1000) }),
      status: 400,
    },
    {
      name: 'headers without end',
      why: 'what is held of a request is bounded',
      request: call('{}', { 'x-long': 'x'.repeat(20_000) }),
      status: 431,
    },
    {
      name: 'a declared length over one mebibyte',
      why: 'it is refused before it is sent',
      request: call('', { 'content-length': mebibyte + 1 }),
      status: 413,
    },
    {
      name: 'both a length and chunks',
      why: 'two readers could see two requests',
      request: call('{}', { 'transfer-encoding': 'chunked' }),
      status: 400,
    },
  ])('gives no hint: $name', async ({ request, status, why }) => {
    const { client, hints } = await scene();

    const { statuses } = await client.send(request);

    expect(statuses, why).toEqual([status]);
    expect(hints).toEqual([]);
  });

  it('answers a wrong signature as it answers a missing one', async () => {
    const { client } = await scene();
    const body = (text: string): string => text.slice(text.indexOf('\r\n\r\n'));

    const wrong = await client.send(call('{}', { 'x-hub-signature-256': sign('{ }') }));
    const missing = await client.send(call('{}', { 'x-hub-signature-256': 'sha1=00' }));

    expect(body(wrong.text)).toBe(body(missing.text));
  });

  it('may come in chunks', async () => {
    const { client, hints } = await scene();
    const headers = { 'x-hub-signature-256': sign('hello'), 'transfer-encoding': 'chunked' };

    const { statuses } = await client.send(
      head('POST /webhooks/forge', headers),
      '2\r\nhe\r\n',
      '3\r\nllo\r\n0\r\n\r\n',
    );

    expect(statuses).toEqual([202]);
    expect(hints).toEqual(['shop', 'toys']);
  });

  it('is read to one mebibyte and no further, without a declared length too', async () => {
    const { url, hints } = await scene();
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    ends.push(() => socket.destroy());
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    const headers = { 'x-hub-signature-256': sign('x'), 'transfer-encoding': 'chunked' };
    socket.write(head('POST /webhooks/forge', headers));
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    let sent = 0;
    while (!socket.destroyed && answer === '') {
      const goesOn = socket.write(chunk);
      sent += 65_536;
      if (!goesOn)
        await Promise.race([closed, new Promise((resolve) => socket.once('drain', resolve))]);
      else await new Promise((resolve) => setImmediate(resolve));
    }
    await closed;

    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    // What the sockets themselves hold comes on top.
    expect(sent).toBeLessThan(16 * mebibyte);
    expect(hints).toEqual([]);
  });

  it('whose body ends early is none', async () => {
    const { client, hints } = await scene();

    await client.hangUp(call('{}', { 'content-length': 100 }));
    const { statuses } = await client.send(head('GET /metrics'));

    expect(statuses).toEqual([200]);
    expect(hints).toEqual([]);
  });

  it('counts once for each delivery id, for an hour, and only where it is believed', async () => {
    const { client, hints, clock } = await scene();
    const delivered = call('{}', { 'x-github-delivery': 'd1' });
    const forged = call('{}', { 'x-github-delivery': 'd1', 'x-hub-signature-256': sign('') });

    const statuses: number[] = [];
    for (const request of [forged, delivered, delivered])
      statuses.push(...(await client.send(request)).statuses);

    expect(statuses).toEqual([401, 202, 202]);
    expect(hints).toEqual(['shop', 'toys']);

    await clock.advance(3_600_000);
    await client.send(delivered);
    expect(hints).toEqual(['shop', 'toys', 'shop', 'toys']);
  });

  it('is believed by the secret of this moment', async () => {
    let current = 'old';
    const rotating: Webhook = { ...hook, secret: async () => new SecretText(current) };
    const { client, hints } = await scene({ webhooks: [rotating] });

    const before = await client.send(call('{}'));
    current = secret;
    const after = await client.send(call('{}'));

    expect([before.statuses, after.statuses]).toEqual([[401], [202]]);
    expect(hints).toEqual(['shop', 'toys']);
  });

  it.each<{ name: string; open: () => Promise<SecretText> }>([
    {
      name: 'cannot be read',
      open: () => Promise.reject(new ReconcileError('SecretUnavailable', 'no file')),
    },
    { name: 'is empty', open: () => Promise.resolve(new SecretText('')) },
  ])('is refused while the secret $name', async ({ open }) => {
    const { client, hints, told } = await scene({ webhooks: [{ ...hook, secret: open }] });
    const unsigned = `sha256=${createHmac('sha256', '').update('{}').digest('hex')}`;

    const first = await client.send(call('{}', { 'x-hub-signature-256': unsigned }));
    const second = await client.send(call('{}'));

    expect([first.statuses, second.statuses]).toEqual([[503], [503]]);
    expect(hints).toEqual([]);
    expect(told.map((event) => event.kind === 'condition' && event.state)).toEqual(['NoSecret']);
  });

  it('finds webhooks that were set while the server runs', async () => {
    const webhooks: Webhook[] = [];
    const { client, hints } = await scene({ webhooks: () => webhooks });

    const before = await client.send(call('{}'));
    webhooks.push(hook);
    const after = await client.send(call('{}'));

    expect([before.statuses, after.statuses]).toEqual([[404], [202]]);
    expect(hints).toEqual(['shop', 'toys']);
  });

  it('is counted by result, and told once when signatures are wrong', async () => {
    const { client, told } = await scene();

    for (let index = 0; index < 5; index += 1)
      await client.send(call('{}', { 'x-hub-signature-256': sign('') }));
    await client.send(call('{}'));
    await client.send(call('{}', { name: 'made-up' }));
    const { text } = await client.send(head('GET /metrics'));

    expect(text).toContain('fairlead_webhook_requests_total{name="forge",result="refused"} 5\n');
    expect(text).toContain('fairlead_webhook_requests_total{name="forge",result="hinted"} 1\n');
    expect(text).toContain('fairlead_webhook_requests_total{name="",result="unknown"} 1\n');
    expect(told.map((event) => event.kind === 'condition' && event.state)).toEqual([
      'Refusing',
      'Ready',
    ]);
  });

  it.each([
    { form: 'gitea', headers: { 'x-gitea-signature': sign('{}').slice('sha256='.length) } },
    { form: 'gitlab', headers: { 'x-gitlab-token': secret } },
    { form: 'generic', headers: { 'x-signature-256': sign('{}') } },
  ] as const)('may have the form $form', async ({ form, headers }) => {
    const { client, hints } = await scene({ webhooks: [{ ...hook, form }] });
    const request = head('POST /webhooks/forge', { ...headers, 'content-length': 2 });

    expect((await client.send(`${request}{}`)).statuses).toEqual([202]);
    expect(hints).toEqual(['shop', 'toys']);
  });
});
