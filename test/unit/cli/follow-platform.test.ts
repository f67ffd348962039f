import { describe, expect, it } from 'vitest';

import { ReconcileError, type ErrorCode } from '../../../src/core/words/errors.ts';
import { followPlatform } from '../../../src/cli/composition/follow-platform.ts';
import type { Transport, WireRequest } from '../../../src/ports/index.ts';

const { signal } = new AbortController();
const read = '/api/v1/releases/list';
const write = '/api/v1/releases/create';

function request(route: string): WireRequest {
  const url = `http://127.0.0.1:1${route}`;
  return { method: 'POST', url, headers: {}, timeoutMs: 1000, maxBytes: 1000 };
}

/** Platforms at 127.0.0.1:1, :2 and so on, of which all but the last are gone. */
function platforms({ last, code }: { readonly last: number; readonly code: ErrorCode }) {
  const sent: string[] = [];
  const closed: string[] = [];
  let opened = 1;
  const reachAt = (port: number) => {
    const endpoint = `http://127.0.0.1:${port}`;
    const keys = { clientId: 'fairlead-ci', privateKey: '', platformPublicKey: '' };
    const close = () => {
      closed.push(endpoint);
      return Promise.resolve();
    };
    return { ...keys, endpoint, close };
  };
  const direct: Transport = {
    send: ({ url }) => {
      sent.push(url);
      if (!url.startsWith(`http://127.0.0.1:${last}/`))
        return Promise.reject(new ReconcileError(code, 'gone'));
      return Promise.resolve({ status: 200, headers: {}, body: new Uint8Array() });
    },
  };
  const followed = followPlatform(reachAt(1), () => {
    opened += 1;
    return Promise.resolve(reachAt(opened));
  });
  return { transport: followed.over(direct), close: followed.close, sent, closed };
}

describe('a platform whose process ends while others use it', () => {
  it('is opened anew, and what did not arrive is sent again, also a write', async () => {
    const { transport, close, sent, closed } = platforms({ last: 3, code: 'PlatformUnavailable' });

    const { status } = await transport.send(request(write), signal);
    await close();

    expect(status).toBe(200);
    expect(sent).toEqual([1, 2, 3].map((port) => `http://127.0.0.1:${port}${write}`));
    expect(closed, 'whatever this process started ends with it').toHaveLength(3);
  });

  it('is opened once for calls that fail at once', async () => {
    const { transport, sent } = platforms({ last: 2, code: 'PlatformUnavailable' });

    await Promise.all([1, 2, 3].map(() => transport.send(request(read), signal)));

    expect(sent.filter((url) => url.startsWith('http://127.0.0.1:2/'))).toHaveLength(3);
    expect(sent).toHaveLength(6);
  });

  it('is asked again for a read that broke off', async () => {
    const { transport } = platforms({ last: 2, code: 'OutcomeUnknown' });

    expect(await transport.send(request(read), signal)).toMatchObject({ status: 200 });
  });

  it('gets no write twice that may have arrived; the next call goes to where it is', async () => {
    const { transport, sent } = platforms({ last: 2, code: 'OutcomeUnknown' });

    const failed = transport.send(request(write), signal);

    await expect(failed).rejects.toMatchObject({ code: 'OutcomeUnknown' });
    expect(sent).toHaveLength(1);
    expect(await transport.send(request(read), signal)).toMatchObject({ status: 200 });
  });

  it('is not opened anew for anything it says itself', async () => {
    const { transport, sent } = platforms({ last: 2, code: 'SettingsInvalid' });

    const failed = transport.send(request(read), signal);

    await expect(failed).rejects.toMatchObject({ code: 'SettingsInvalid' });
    expect(sent).toHaveLength(1);
  });
});
