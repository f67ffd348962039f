import { describe, expect, it } from 'vitest';

import { SecretText } from '../../../src/core/words/secret-text.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import type { Clock } from '../../../src/ports/index.ts';
import {
  codeQualityReport,
  type ForgeSettings,
  openForge,
} from '../../../src/review/forges/index.ts';
import { addressesOf } from '../../../src/review/forges/shared-addresses.ts';
import { pauseAfter, waitOf } from '../../../src/review/forges/shared-limits.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const noon = Date.UTC(2026, 10, 22, 12);
const clock: Clock = { wall: () => epochMs(noon), mono: () => 0, sleep: async () => undefined };

const settings: ForgeSettings = {
  name: 'github',
  webUrl: 'https://github.com',
  repository: 'acme/wallets',
  credential: { kind: 'token', token: new SecretText('secret') },
  deadlineMs: 1000,
};
const ports = {
  transport: { send: async () => Promise.reject(new Error('nothing is asked')) },
  clock,
  random: { next: () => 0.5 },
  telemetry: { emit: () => undefined },
};

describe('where a forge is asked', () => {
  it.each([
    { name: 'github', web: 'https://github.com', api: 'https://api.github.com' },
    { name: 'github', web: 'https://github.com/', api: 'https://api.github.com' },
    { name: 'github', web: 'https://acme.ghe.com', api: 'https://api.acme.ghe.com' },
    { name: 'github', web: 'https://git.acme.example', api: 'https://git.acme.example/api/v3' },
    { name: 'gitlab', web: 'https://gitlab.com', api: 'https://gitlab.com/api/v4' },
    {
      name: 'gitlab',
      web: 'https://acme.example/gitlab/',
      api: 'https://acme.example/gitlab/api/v4',
    },
    {
      name: 'gitea',
      web: 'https://acme.example:3000/git',
      api: 'https://acme.example:3000/git/api/v1',
    },
    // Names that only end alike are others.
    { name: 'github', web: 'https://evilgithub.com', api: 'https://evilgithub.com/api/v3' },
  ] as const)('of $name at $web is $api', ({ name, web, api }) => {
    expect(addressesOf({ name, webUrl: web, repository: 'acme/wallets' }).api).toBe(api);
  });

  it('is what was said, if it was', () => {
    const apiUrl = 'https://proxy.acme.example/gh/';

    expect(addressesOf({ ...settings, apiUrl }).api).toBe('https://proxy.acme.example/gh');
  });

  it.each([
    { name: 'no URL', given: { webUrl: 'github.com' } },
    { name: 'another protocol', given: { webUrl: 'file:///etc/passwd' } },
    { name: 'credentials', given: { webUrl: 'https://name:hunter2@github.com' } },
    { name: 'a query', given: { webUrl: 'https://github.com/?a=b' } },
    { name: 'a path that climbs', given: { repository: 'acme/..' } },
    { name: 'a path that climbs first', given: { repository: '../acme' } },
    { name: 'one name', given: { repository: 'wallets' } },
    { name: 'groups where there are none', given: { repository: 'a/b/c' } },
    { name: 'a query in the name', given: { repository: 'acme/wallets?x' } },
    { name: 'an empty name', given: { repository: 'acme/' } },
    { name: 'a line feed', given: { repository: 'acme/wallets\n' } },
  ])('refuses $name and repeats no password', ({ given }) => {
    let thrown: unknown;
    try {
      addressesOf({ ...settings, ...given });
    } catch (error) {
      thrown = error;
    }

    expect(thrown).toMatchObject({ code: 'SettingsInvalid' });
    expect(String(thrown)).not.toContain('hunter2');
  });

  it.each([
    { name: 'github', credential: { kind: 'jobToken', token: new SecretText('x') } },
    { name: 'gitlab', credential: { kind: 'app', appId: '1', privateKey: new SecretText('x') } },
  ] as const)('refuses a credential that $name does not know', ({ name, credential }) => {
    expect(() => openForge({ ...settings, name, credential }, ports)).toThrow(
      expect.objectContaining({ code: 'SettingsInvalid' }),
    );
  });
});

describe('the address of a line', () => {
  it.each([
    {
      name: 'github',
      repository: 'acme/wallets',
      url: 'https://forge.example/acme/wallets/blob/c0ffee/a%20b/%28c%29%23%3F%5Bd%5D.yaml#L12',
    },
    {
      name: 'gitlab',
      repository: 'acme/shops/wallets',
      url: 'https://forge.example/acme/shops/wallets/-/blob/c0ffee/a%20b/%28c%29%23%3F%5Bd%5D.yaml#L12',
    },
  ] as const)('on $name breaks out of nothing', ({ name, repository, url }) => {
    const forge = openForge(
      { ...settings, name, repository, webUrl: 'https://forge.example' },
      ports,
    );

    expect(forge.lineUrl('c0ffee', 'a b/(c)#?[d].yaml', 12)).toBe(url);
  });
});

describe('the wait that a refusal asks for', () => {
  const answer = (headers: Record<string, string>) => ({ status: 429, headers, body: undefined });
  const later = (seconds: number): string => String(noon / 1000 + seconds);

  it.each([
    { name: 'seconds', headers: { 'retry-after': '7' }, ms: 7_000 },
    { name: 'none', headers: {}, ms: undefined },
    { name: 'nonsense', headers: { 'retry-after': 'soon' }, ms: undefined },
    { name: 'less than nothing', headers: { 'retry-after': '-3' }, ms: undefined },
    { name: 'a date', headers: { 'retry-after': 'Sun, 22 Nov 2026 12:00:09 GMT' }, ms: 9_000 },
    { name: 'a date long ago', headers: { 'retry-after': 'Sun, 22 Nov 2020 12:00:09 GMT' }, ms: 0 },
    {
      name: "a date on the forge's clock",
      headers: {
        'retry-after': 'Sun, 22 Nov 2026 13:00:09 GMT',
        date: 'Sun, 22 Nov 2026 13:00:00 GMT',
      },
      ms: 9_000,
    },
    {
      name: 'nothing left until a moment, as GitHub says it',
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': later(60) },
      ms: 61_000,
    },
    {
      name: 'nothing left until a moment, as GitLab says it',
      headers: { 'ratelimit-remaining': '0', 'ratelimit-reset': later(60) },
      ms: 61_000,
    },
    {
      name: 'something left',
      headers: { 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': later(60) },
      ms: undefined,
    },
    {
      name: 'the longer word first',
      headers: { 'retry-after': '5', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': later(60) },
      ms: 5_000,
    },
  ])('is $ms for $name', ({ headers, ms }) => {
    expect(waitOf(answer(headers), clock)).toBe(ms);
  });

  it('is kept in mind after a success that used up the rest', () => {
    expect(
      pauseAfter(answer({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': later(5) }), clock),
    ).toBe(6_000);
    expect(
      pauseAfter(answer({ 'x-ratelimit-remaining': '1', 'x-ratelimit-reset': later(5) }), clock),
    ).toBe(undefined);
  });
});

describe('a limit that ends in the far future', () => {
  it.each([
    { name: 'its reset', why: '2057', headers: { 'x-ratelimit-reset': '2755000000' } },
    { name: 'Retry-After', why: '31 years', headers: { 'retry-after': '999999999' } },
  ])('by $name: is said so, and the forge is asked again after an hour', async ({ headers }) => {
    const clock = createVirtualClock();
    let isLimited = true;
    let asked = 0;
    const send = async () => {
      asked += 1;
      const limit = { 'x-ratelimit-remaining': '0', ...headers };
      return isLimited
        ? { status: 403, headers: limit, body: Buffer.from('{}') }
        : { status: 200, headers: {}, body: Buffer.from('[]') };
    };
    const forge = openForge(settings, { ...ports, clock, transport: { send } });
    const list = async () => forge.openPulls('main', AbortSignal.timeout(60_000));

    const first = await list().catch((error: unknown) => error);
    isLimited = false;
    await clock.advance(3_601_000);
    const after = await list();

    expect(first).toMatchObject({ code: 'ForgeUnavailable', retryAfterMs: 3_600_000 });
    expect(String(first)).toContain('longer than any limit lasts');
    expect(after).toEqual([]);
    expect(asked).toBe(2);
  });
});

describe('the code-quality report', () => {
  const note = {
    file: 'shop.yaml',
    line: 3,
    level: 'warning',
    title: 'payee',
    message: 'changes',
  } as const;
  const read = (text: string): { fingerprint: string; location: { lines: { begin: number } } }[] =>
    JSON.parse(text) as never;

  it('has the form that GitLab reads', () => {
    expect(read(codeQualityReport([note]))).toEqual([
      {
        description: 'payee: changes',
        check_name: 'fairlead',
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        severity: 'minor',
        location: { path: 'shop.yaml', lines: { begin: 3 } },
      },
    ]);
    expect(codeQualityReport([])).toBe('[]\n');
  });

  it('knows a note again that moved, and tells equal ones apart', () => {
    const [first] = read(codeQualityReport([note]));
    const [moved, second] = read(
      codeQualityReport([
        { ...note, line: 30 },
        { ...note, line: 31 },
      ]),
    );
    const [other] = read(codeQualityReport([{ ...note, file: 'other.yaml' }]));

    expect(moved?.fingerprint).toBe(first?.fingerprint);
    expect(second?.fingerprint).not.toBe(first?.fingerprint);
    expect(other?.fingerprint).not.toBe(first?.fingerprint);
  });
});

describe('comments of GitHub', () => {
  it('are not asked for without end, whatever cursor a forge gives', async () => {
    let asked = 0;
    const pageInfo = { hasNextPage: true, endCursor: 'the same' };
    const pullRequest = { comments: { nodes: [], pageInfo } };
    const body = JSON.stringify({ data: { repository: { pullRequest } } });
    const send = async () => {
      asked += 1;
      if (asked > 1_000) throw new Error('without end');
      return { status: 200, headers: {}, body: new TextEncoder().encode(body) };
    };
    const forge = openForge({ ...settings }, { ...ports, transport: { send } });

    const found = forge.ownComment(7, '<!-- ours', new AbortController().signal);

    await expect(found).rejects.toMatchObject({ code: 'ForgeUnavailable' });
    expect(asked).toBe(200);
  });
});
