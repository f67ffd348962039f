import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';

import { describe, expect, it, onTestFinished } from 'vitest';

import { tokenOfOurs } from './forge-stage.ts';
import type { OpenStage } from './forge-suite.ts';

const marker = '<!-- fairlead:plan -->';
const readsPull = /^GET .*\/(?:pulls|merge_requests)\/\d+$/;

/** Everything that a person or a log could read of an error. */
function readable(error: unknown): string {
  const texts = error instanceof Error ? [error.stack, JSON.stringify(error)] : [];
  return [inspect(error, { depth: 10, showHidden: true }), ...texts].join('\n');
}

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => new Error(`gave ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
}

export function forgeFailures(open: OpenStage): void {
  describe('limits', () => {
    it('are waited for as long as the forge says', async () => {
      const { stage, forge, clock, told, signal } = await open();
      const { number } = await stage.openPull();
      stage.trouble({ at: readsPull, how: { status: 429, headers: { 'retry-after': '7' } } });

      expect((await forge.pull(number, signal)).number).toBe(number);

      expect(clock.slept).toEqual([7_000]);
      expect(told.filter(({ kind }) => kind === 'waiting')).toHaveLength(1);
    });

    it('never make two comments of one', async () => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull();
      stage.trouble({
        at: /^POST/,
        how: { status: 429, headers: { 'retry-after': '1' } },
        times: 2,
      });

      await forge.putComment(number, undefined, marker, signal);

      expect(await stage.comments(number)).toHaveLength(1);
    });

    it('longer than the deadline are told with their end, and nothing more is asked', async () => {
      const { stage, forge, signal, clock } = await open();
      const { number } = await stage.openPull();
      stage.trouble({
        at: readsPull,
        how: { status: 429, headers: { 'retry-after': '3600' } },
        times: 9,
      });
      stage.take();

      const error = await failureOf(forge.pull(number, signal));

      expect(error).toMatchObject({ code: 'ForgeUnavailable', retryAfterMs: 3_600_000 });
      expect(String(error)).toContain('2026-01-01T01:00:00.000Z');
      expect(stage.take()).toHaveLength(1);
      expect(clock.slept).toEqual([]);
    });
  });

  describe('troubles that pass', () => {
    it.each([
      { name: 'an error of the server', how: { status: 500, body: 'oops' } },
      { name: 'a gateway without a server', how: { status: 503, body: '<html>down</html>' } },
      { name: 'a lost answer', how: 'lose' },
      { name: 'a broken connection', how: 'drop' },
      { name: 'a page of a proxy', how: { status: 200, body: '<html>log in</html>' } },
      { name: 'half an answer', how: { status: 200, body: '{"number": ' } },
    ] as const)('$name is asked again', async ({ how }) => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull();
      stage.trouble({ at: readsPull, how, times: 2 });

      expect((await forge.pull(number, signal)).number).toBe(number);
    });

    it('and do not pass end as unavailable', async () => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull();
      stage.trouble({ at: readsPull, how: { status: 500 }, times: 99 });
      stage.take();

      await expect(forge.pull(number, signal)).rejects.toMatchObject({ code: 'ForgeUnavailable' });
      expect(stage.take().length, 'it gives up').toBeLessThan(10);
    });

    it('are not waited for by somebody who leaves', async () => {
      const { stage, forge } = await open();
      const { number } = await stage.openPull();
      const leaving = new AbortController();
      leaving.abort(new Error('closing'));

      await expect(forge.pull(number, leaving.signal)).rejects.toThrow('closing');
    });
  });

  describe('answers that cannot be believed', () => {
    it.each([
      { name: 'of another shape', how: { status: 200, body: { number: 'seven' } } },
      { name: 'null', how: { status: 200, body: 'null' } },
      {
        name: 'without a commit',
        how: { status: 200, body: { head: { sha: '--upload-pack=x' } } },
      },
    ] as const)('$name are none', async ({ how }) => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull();
      stage.trouble({ at: readsPull, how, times: 99 });

      await expect(forge.pull(number, signal)).rejects.toMatchObject({ code: 'ForgeUnavailable' });
    });
  });

  describe('refusals', () => {
    it.each([
      { status: 401, code: 'ForgeRefused', why: 'a token that is no longer good' },
      { status: 403, code: 'ForgeRefused', why: 'a token without the right' },
      { status: 404, code: 'ForgeNotFound', why: 'nothing there, or not for this token' },
      { status: 422, code: 'ForgeRefused', why: 'something the forge does not take' },
    ])('with $status are $code and say what to do', async ({ status, code, why }) => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull();
      stage.trouble({ at: readsPull, how: { status, body: { message: 'no' } }, times: 99 });
      stage.take();

      const error = await failureOf(forge.pull(number, signal));

      expect(error, why).toMatchObject({ code, nextStep: expect.stringMatching(/\w{4,}/) });
      expect(stage.take(), 'a refusal is not asked again').toHaveLength(1);
    });

    it.each([401, 403, 404, 422, 429, 500, 302])(
      'with %i never show the token, though the forge echoes it',
      async (status) => {
        const { stage, forge, told, signal } = await open();
        const { number } = await stage.openPull();
        const echo = { status, body: { message: `bad token ${tokenOfOurs}` } };
        stage.trouble({ how: { ...echo, headers: { location: `/?${tokenOfOurs}` } }, times: 999 });

        const errors = [
          await failureOf(forge.pull(number, signal)),
          await failureOf(forge.ownComment(number, marker, signal)),
          await failureOf(forge.putComment(number, undefined, marker, signal)),
        ];

        for (const error of errors) {
          expect(error).toMatchObject({ name: 'ReconcileError' });
          expect(readable(error)).not.toContain(tokenOfOurs);
        }
        expect(JSON.stringify(told)).not.toContain(tokenOfOurs);
        expect(stage.take().filter(({ path }) => path.includes(tokenOfOurs))).toEqual([]);
      },
    );
  });

  describe('a credential', () => {
    it('follows no redirect to another origin', async () => {
      const { stage, forge, signal } = await open();
      const { number } = await stage.openPull();
      const other = await elsewhere();
      stage.trouble({ how: { status: 302, headers: { location: other.url } }, times: 9 });

      await expect(forge.pull(number, signal)).rejects.toMatchObject({ code: 'ForgeNotFound' });
      expect(other.heard()).toBe(0);
    });

    it('follows no next page to another origin', async () => {
      const { stage, forge, signal } = await open();
      const other = await elsewhere();
      const headers = { link: `<${other.url}/api/v3/pulls>; rel="next"` };
      stage.trouble({ at: /^GET/, how: { status: 200, body: [], headers } });

      await expect(forge.openPulls('main', signal)).rejects.toMatchObject({
        code: 'ForgeUnavailable',
      });
      expect(other.heard()).toBe(0);
    });
  });
}

/** Another server, which must hear nothing. */
async function elsewhere(): Promise<{ readonly url: string; heard(): number }> {
  let heard = 0;
  const server: Server = createServer((_, response) => {
    heard++;
    response.end('[]');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard: () => heard,
  };
}
