import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';

import { describe, expect, it, onTestFinished } from 'vitest';

import { SecretText } from '../../src/core/words/secret-text.ts';
import type { Forge, LineNote, PullRequest } from '../../src/ports/forge.ts';
import { openForge, type ForgeCredential } from '../../src/review/forges/index.ts';
import { type GithubShape, startGithub } from '../support/forge-shapes/github-shape.ts';
import type { VirtualClock } from '../support/virtual-clock.ts';
import { portsFor, settingsFor, tokenOfOurs } from './forge-stage.ts';

const { signal } = new AbortController();
const marker = '<!-- fairlead:plan -->';

interface Stage {
  readonly shape: GithubShape;
  readonly forge: Forge;
  readonly clock: VirtualClock;
  readonly pull: PullRequest;
  /** `METHOD path` of the requests since the last call. */
  readonly asked: () => readonly string[];
}

async function stage(credential?: (shape: GithubShape) => ForgeCredential): Promise<Stage> {
  const shape = await startGithub();
  const ports = portsFor();
  onTestFinished(async () => {
    ports.transport.close();
    await shape.close();
    expect(shape.faults, 'every request and answer is as published').toEqual([]);
  });
  shape.app.now = () => ports.clock.wall();
  const settings = settingsFor('github', shape.url, 'acme/wallets');
  const forge = openForge(
    { ...settings, ...(credential ? { credential: credential(shape) } : {}) },
    ports,
  );
  const { number, head, branch } = shape.state.openPull({});
  const pull: PullRequest = {
    number,
    title: 'A change',
    author: 'octo-stranger',
    state: 'open',
    base: { branch: 'main', commit: '0'.repeat(40) },
    head: { branch, commit: head },
    isFork: false,
    isPrivate: false,
    fetchRef: `refs/pull/${number}/head`,
    updatedAt: ports.clock.wall(),
  };
  const asked = (): readonly string[] =>
    shape.take().map(({ method, path }) => `${method} ${path}`);
  return { shape, forge, clock: ports.clock, pull, asked };
}

function notes(count: number): readonly LineNote[] {
  return Array.from({ length: count }, (_, i) => ({
    file: 'shop.yaml',
    line: i + 1,
    level: i === 0 ? ('error' as const) : ('notice' as const),
    title: 'merchant',
    message: `note ${i}`,
  }));
}

describe("GitHub's limits", () => {
  const resetIn = (seconds: number): string => String(Math.floor(Date.now() / 1000) + seconds);

  it.each([
    {
      name: 'the hourly one as 403',
      how: { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '' } },
      atLeast: 19_000,
    },
    {
      name: 'the hourly one as 429',
      how: { status: 429, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '' } },
      atLeast: 19_000,
    },
    {
      name: 'the secondary one with its time',
      how: { status: 403, headers: { 'retry-after': '5' } },
      atLeast: 5_000,
    },
    {
      name: 'the secondary one that only says so',
      how: {
        status: 403,
        body: { message: 'You have exceeded a secondary rate limit. Please wait.' },
      },
      atLeast: 60_000,
    },
  ])('$name is waited for', async ({ how, atLeast }) => {
    const { shape, forge, clock, pull } = await stage();
    const headers: Record<string, string> = { ...how.headers };
    if ('x-ratelimit-reset' in headers) headers['x-ratelimit-reset'] = resetIn(20);
    shape.trouble({ at: /\/pulls\//, how: { ...how, headers } });

    expect((await forge.pull(pull.number, signal)).number).toBe(pull.number);

    expect(Math.max(...clock.slept)).toBeGreaterThanOrEqual(atLeast);
    expect(Math.max(...clock.slept)).toBeLessThan(atLeast + 4_000);
  });

  it('of GraphQL comes with status 200 and is waited for', async () => {
    const { shape, forge, pull, asked } = await stage();
    shape.trouble({
      at: /graphql/,
      how: {
        status: 200,
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': resetIn(10) },
        body: { errors: [{ type: 'RATE_LIMITED', message: 'limit' }] },
      },
    });

    expect(await forge.ownComment(pull.number, marker, signal)).toBeUndefined();
    expect(asked()).toHaveLength(2);
  });

  it('is not run into once nothing is left', async () => {
    const { shape, forge, clock, pull, asked } = await stage();
    const answer = { id: 1, body: 'x' };
    shape.trouble({
      at: /comments/,
      how: {
        status: 201,
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': resetIn(30) },
        body: answer,
      },
    });
    await forge.putComment(pull.number, undefined, 'x', signal);
    expect(clock.slept).toEqual([]);

    await forge.pull(pull.number, signal);

    expect(Math.max(...clock.slept)).toBeGreaterThanOrEqual(29_000);
    expect(asked(), 'it waits before it asks').toHaveLength(2);
  });

  it('that lasts longer than the deadline is told before anything is sent', async () => {
    const { shape, forge, pull, asked } = await stage();
    shape.trouble({
      at: /comments/,
      how: {
        status: 201,
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': resetIn(3000) },
        body: { id: 1, body: 'x' },
      },
    });
    await forge.putComment(pull.number, undefined, 'x', signal);
    asked();

    await expect(forge.pull(pull.number, signal)).rejects.toMatchObject({
      code: 'ForgeUnavailable',
    });
    expect(asked()).toEqual([]);
    expect(await forge.ownComment(pull.number, marker, signal), 'GraphQL has its own').toBe(
      undefined,
    );
  });
});

describe("GitHub's refusals", () => {
  it('name the right that GitHub names', async () => {
    const { shape, forge, pull } = await stage();
    shape.trouble({
      at: /comments/,
      how: {
        status: 403,
        headers: { 'x-accepted-github-permissions': 'issues=write; pull_requests=write' },
        body: { message: 'Resource not accessible by integration' },
      },
    });

    await expect(forge.putComment(pull.number, undefined, 'x', signal)).rejects.toMatchObject({
      code: 'ForgeRefused',
      nextStep:
        'give the token the right issues: write or pull_requests: write; a review takes in all: Contents: read, Pull requests: write, Commit statuses: write, Checks: write',
    });
  });

  it.each([
    { type: 'NOT_FOUND', code: 'ForgeNotFound' },
    { type: 'FORBIDDEN', code: 'ForgeRefused' },
    { type: 'INSUFFICIENT_SCOPES', code: 'ForgeRefused' },
    { type: 'SOMETHING', code: 'ForgeUnavailable' },
    { type: undefined, code: 'ForgeUnavailable' },
  ])('of GraphQL with $type are $code', async ({ type, code }) => {
    const { shape, forge, pull } = await stage();
    shape.trouble({ at: /graphql/, how: { status: 200, body: { errors: [{ type }] } }, times: 9 });

    await expect(forge.ownComment(pull.number, marker, signal)).rejects.toMatchObject({ code });
  });
});

describe("GitHub's troubles", () => {
  it('of GraphQL come with status 200 and pass', async () => {
    const { shape, forge, pull } = await stage();
    const body = { data: null, errors: [{ message: 'Something went wrong' }] };
    shape.trouble({ at: /graphql/, how: { status: 200, body } });

    expect(await forge.ownComment(pull.number, marker, signal)).toBe(undefined);
  });
});

describe('an answer without end', () => {
  it('is not read', async () => {
    const { shape, forge, pull } = await stage();
    const headers = { 'content-length': String(64 * 1024 * 1024) };
    shape.trouble({ at: /\/pulls\//, how: { status: 200, headers, body: '{' }, times: 99 });

    await expect(forge.pull(pull.number, signal)).rejects.toMatchObject({
      code: 'ForgeUnavailable',
    });
  });
});

describe('what GitHub has said already', () => {
  it('is asked with its tag, and taken from memory where it is the same', async () => {
    const { shape, forge, pull } = await stage();
    const first = await forge.pull(pull.number, signal);
    shape.take();

    const second = await forge.pull(pull.number, signal);

    expect(second).toEqual(first);
    const [request] = shape.take();
    expect(request?.headers['if-none-match']).toMatch(/^W\/"[0-9a-f]{40}"$/);
  });

  it('is replaced by what is new', async () => {
    const { shape, forge, pull } = await stage();
    await forge.pull(pull.number, signal);
    shape.state.pulls[0]!.head = 'a'.repeat(40);

    expect((await forge.pull(pull.number, signal)).head.commit).toBe('a'.repeat(40));
  });
});

describe('notes at lines', () => {
  it('are a neutral check run, fifty a request', async () => {
    const { shape, forge, pull, asked } = await stage();

    await forge.annotate(pull, notes(120), signal);

    expect(asked().map((line) => line.replace(/\?.*/, ''))).toEqual([
      `GET /api/v3/repos/acme/wallets/commits/${pull.head.commit}/check-runs`,
      'POST /api/v3/repos/acme/wallets/check-runs',
      `PATCH /api/v3/repos/acme/wallets/check-runs/${shape.runs[0]!.id}`,
      `PATCH /api/v3/repos/acme/wallets/check-runs/${shape.runs[0]!.id}`,
    ]);
    expect(shape.runs).toHaveLength(1);
    expect(shape.runs[0]).toMatchObject({ status: 'completed', conclusion: 'neutral' });
    expect(shape.runs[0]!.annotations.map(({ message }) => message)).toEqual(
      notes(120).map(({ message }) => message),
    );
    expect(shape.runs[0]!.annotations[0]).toEqual({
      path: 'shop.yaml',
      start_line: 1,
      end_line: 1,
      annotation_level: 'failure',
      title: 'merchant',
      message: 'note 0',
    });
  });

  it('hide nothing and turn no line around', async () => {
    const { shape, forge, pull } = await stage();
    const message = 'a\u202eb\nc\u200bd';

    await forge.annotate(pull, [{ ...notes(1)[0]!, title: 'x\ny\u2066', message }], signal);

    expect(shape.runs[0]!.annotations[0]).toMatchObject({
      title: 'x\\ny\\u{2066}',
      message: 'a\\u{202e}b\nc\\u{200b}d',
    });
  });

  it('that are there already are not written again, and other ones replace them', async () => {
    const { shape, forge, pull, asked } = await stage();
    await forge.annotate(pull, notes(60), signal);
    asked();

    await forge.annotate(pull, notes(60), signal);
    expect(asked(), 'one look and no write').toHaveLength(1);
    await forge.annotate(pull, notes(2), signal);

    expect(shape.runs.map(({ annotations }) => annotations.length)).toEqual([60, 2]);
  });

  it('that are none leave no run, but replace one', async () => {
    const { shape, forge, pull } = await stage();

    await forge.annotate(pull, [], signal);
    expect(shape.runs).toEqual([]);
    await forge.annotate(pull, notes(1), signal);
    await forge.annotate(pull, [], signal);

    expect(shape.runs.map(({ annotations }) => annotations.length)).toEqual([1, 0]);
  });

  it.each([
    { name: 'the first part', at: /^POST .*check-runs$/, how: 'lose' },
    { name: 'the first part, unsent', at: /^POST .*check-runs$/, how: 'drop' },
    { name: 'a later part', at: /^PATCH .*check-runs/, how: 'lose' },
    { name: 'a later part, unsent', at: /^PATCH .*check-runs/, how: 'drop' },
  ] as const)('stand once though the answer to $name is lost', async ({ at, how }) => {
    const { shape, forge, pull } = await stage();
    shape.trouble({ at, how });

    await forge.annotate(pull, notes(120), signal);

    expect(shape.runs).toHaveLength(1);
    expect(shape.runs[0]!.annotations).toHaveLength(120);
    expect(shape.runs[0]).toMatchObject({ status: 'completed' });
  });
});

describe('SARIF', () => {
  it('arrives packed, for the head of the pull request', async () => {
    const { shape, forge, pull } = await stage();
    const text = JSON.stringify({ version: '2.1.0', runs: [] });

    expect(await forge.uploadSarif(pull, text, signal)).toBe('uploaded');

    expect(shape.sarif).toEqual([
      { commit: pull.head.commit, ref: `refs/pull/${pull.number}/head`, text },
    ]);
  });
});

describe('a GitHub App', () => {
  const app = ({ app: given }: GithubShape): ForgeCredential => ({
    kind: 'app',
    appId: given.id,
    privateKey: new SecretText(given.privateKey),
  });

  it('makes one token of its key and uses it until shortly before its end', async () => {
    const { forge, clock, pull, asked } = await stage(app);

    await Promise.all([forge.pull(pull.number, signal), forge.openPulls('main', signal)]);
    await forge.putComment(pull.number, undefined, 'x', signal);

    const isProof = (line: string): boolean => /installation/.test(line);
    expect(asked().filter(isProof)).toEqual([
      'GET /api/v3/repos/acme/wallets/installation',
      'POST /api/v3/app/installations/5001/access_tokens',
    ]);
    await clock.advance(54 * 60_000);
    await forge.pull(pull.number, signal);
    expect(asked().filter(isProof)).toEqual([]);
    await clock.advance(2 * 60_000);
    await forge.pull(pull.number, signal);
    expect(asked().filter(isProof)).toEqual(['POST /api/v3/app/installations/5001/access_tokens']);
  });

  it('makes another token where GitHub no longer knows the one it has', async () => {
    const { shape, forge, pull } = await stage(app);
    await forge.pull(pull.number, signal);
    shape.tokens.delete('ghs_installation_1');

    await expect(forge.pull(pull.number, signal)).rejects.toMatchObject({ code: 'ForgeRefused' });

    expect((await forge.pull(pull.number, signal)).number).toBe(pull.number);
  });

  it('finds its own comment, which REST could not tell it', async () => {
    const { shape, forge, pull } = await stage(app);
    shape.state.comments.push({ id: 5, pull: pull.number, author: 'stranger', body: marker });

    const own = await forge.putComment(pull.number, undefined, marker, signal);

    expect(await forge.ownComment(pull.number, marker, signal)).toEqual(own);
  });

  it('asks nothing of its installation where that was given', async () => {
    const { forge, pull, asked } = await stage(({ app: { id, privateKey } }) => ({
      kind: 'app',
      appId: id,
      privateKey: new SecretText(privateKey),
      installationId: 5001,
    }));

    await forge.pull(pull.number, signal);

    expect(asked()[0]).toBe('POST /api/v3/app/installations/5001/access_tokens');
  });

  it("with somebody else's key is refused", async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { forge, pull } = await stage(({ app: { id } }) => ({
      kind: 'app',
      appId: id,
      privateKey: new SecretText(pem),
    }));

    await expect(forge.pull(pull.number, signal)).rejects.toMatchObject({ code: 'ForgeRefused' });
  });

  it('with a key that is none says so without showing it', async () => {
    const { forge, pull } = await stage(() => ({
      kind: 'app',
      appId: '1',
      privateKey: new SecretText('-----BEGIN hunter2'),
    }));

    const error: unknown = await forge.pull(pull.number, signal).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'SettingsInvalid' });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('hunter2');
  });

  it('makes a token after a failure as if there had been none', async () => {
    const { shape, forge, pull } = await stage(app);
    shape.trouble({ at: /access_tokens/, how: { status: 404, body: {} } });
    await expect(forge.pull(pull.number, signal)).rejects.toMatchObject({ code: 'ForgeNotFound' });

    expect((await forge.pull(pull.number, signal)).number).toBe(pull.number);
  });
});

describe('the small GitHub of the tests', () => {
  it.each([
    { name: 'an unknown query', path: '/repos/a/b/pulls?stat=open', body: undefined },
    { name: 'an unknown route', path: '/repos/a/b/pull/7', body: undefined },
    {
      name: 'an unknown member',
      path: '/repos/a/b/issues/7/comments',
      body: { body: 'x', text: 1 },
    },
    { name: 'a missing member', path: '/repos/a/b/issues/7/comments', body: {} },
    {
      name: 'an unknown member far inside',
      path: '/repos/a/b/check-runs',
      body: { name: 'x', head_sha: 'y', output: { title: '', summary: '', annotation: [] } },
    },
    {
      name: 'an unknown field of GraphQL',
      path: '/../graphql',
      body: { query: '{ repository(owner: "a", name: "b") { pull } }' },
    },
  ])('does not forgive $name', async ({ path, body }) => {
    const shape = await startGithub();
    onTestFinished(() => shape.close());

    await fetch(`${shape.url}/api/v3${path}`, {
      method: body ? 'POST' : 'GET',
      ...(body ? { body: JSON.stringify(body) } : {}),
      headers: {
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
        authorization: `Bearer ${tokenOfOurs}`,
      },
    });

    expect(shape.faults).not.toEqual([]);
  });
});
