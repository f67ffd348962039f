import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judge, type Evidence, type WireCall } from './day-judge.ts';

/* A judge that sees nothing would find every day good: each wrong is planted once. */

let work = '';
const git = (...args: readonly string[]) => execFileSync('git', ['-C', work, ...args]);

function text(merchant: string, more = ''): string {
  return `kind: MiniProgram
metadata: { name: tea }
spec: { workspace: acme, id: "1" }
---
kind: MiniProgramRelease
metadata: { name: tea-1 }
spec:
  miniProgram: tea
  version: 1.0.0
  targets:
    - { app: megapay, environment: Test, config: { merchantId: ${merchant} } }
${more}`;
}

/** M-1 at 1000, M-2 at 2000, a broken file at 3000, M-3 at 4000. */
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'fairlead-judge-'));
  git('init', '-q', '-b', 'main');
  const texts = [text('M-1'), text('M-2'), text('M-0', '  - ]'), text('M-3')];
  for (const [index, content] of texts.entries()) {
    writeFileSync(join(work, 'tea.yaml'), content);
    git('add', '.');
    git('commit', '-qm', 'change');
    git('update-ref', `refs/day/000${String(index + 1)}-${String((index + 1) * 1_000)}`, 'HEAD');
  }
});

afterAll(() => {
  rmSync(work, { recursive: true, force: true });
});

const key = {
  workspace: 'acme',
  miniProgram: '1',
  version: '1.0.0',
  app: 'megapay',
  environment: 'Test',
};

function create(at: number, requestId = 'r'): WireCall {
  const body = { ...key, requestId, config: { merchantId: 'M-1' } };
  return { at, endedAt: at + 10, route: '/api/v1/releases/create', body };
}

function patch(at: number, merchantId: string | null, endedAt = at + 10): WireCall {
  const body = { ...key, requestId: `p-${String(at)}`, patch: { merchantId } };
  return { at, endedAt, route: '/api/v1/releases/config/patch', body };
}

function get(at: number): WireCall {
  return { at, endedAt: at + 10, route: '/api/v1/releases/get', body: key };
}

function world(merchant: string, environment = 'Test'): string {
  const release = `{ version: 1.0.0, app: megapay, environment: ${environment}, config: { merchantId: ${merchant} } }`;
  return `workspaces: [{ id: acme, miniPrograms: [{ id: "1", releases: [${release}] }] }]`;
}

function evidence(more: Partial<Evidence> = {}): Evidence {
  return {
    wire: [create(1_100), patch(2_100, 'M-2'), patch(4_100, 'M-3')],
    log: [],
    world: world('M-3'),
    repositories: [work],
    kills: [],
    restedAt: 5_000,
    ...more,
  };
}

const good = evidence().wire;

describe('the judge of a day', () => {
  it('finds nothing wrong with a good one, and counts', () => {
    const log = [{ at: 5_100, operation: 'listReleases', key: 'acme', resultStatus: 'S' }];

    expect(judge(evidence({ log }))).toEqual({
      wrong: [],
      counts: {
        ...{ commits: 4, kills: 0, killsInsideAPass: 0 },
        ...{ writes: 3, records: 1, readsAfterRest: 1 },
      },
    });
  });

  it.each([
    {
      name: 'a value that was not reached',
      more: { world: world('M-2') },
      finds: /is "M-2", not "M-3"/,
    },
    {
      name: 'a record nobody declared',
      more: { world: world('M-3', 'Sandbox') },
      finds: /never declared/,
    },
    {
      name: 'one key twice',
      more: { world: world('M-3').replace(/\[(\{ version.*?\} \})\]/, '[$1, $1]') },
      finds: /exists 2 times/,
    },
    {
      name: 'another request id',
      more: { wire: [create(1_050, 'q'), ...good] },
      finds: /2 request ids/,
    },
    {
      name: 'a value of no commit',
      more: { wire: [...good, patch(4_200, 'M-9')] },
      finds: /no commit/,
    },
    {
      name: 'a value of a broken file',
      more: { wire: [...good, patch(4_200, 'M-0')] },
      finds: /no commit/,
    },
    {
      name: 'a value before its commit',
      more: { wire: [create(1_100), patch(3_900, 'M-3')] },
      finds: /no commit/,
    },
    {
      name: 'a value of a rewound branch',
      more: { wire: [...good, patch(4_200, 'M-2')] },
      finds: /no commit/,
    },
    {
      name: 'a value taken away',
      more: { wire: [...good, patch(4_200, null)] },
      finds: /no commit/,
    },
    {
      name: 'no rest',
      more: { wire: [...good, patch(5_200, 'M-3')] },
      finds: /after everything rested/,
    },
  ])('sees $name', ({ more, finds }) => {
    const { wrong } = judge(evidence(more));

    expect(wrong.filter((one) => finds.test(one))).not.toEqual([]);
  });

  it.each([
    {
      name: 'while a write is under way',
      wire: [patch(4_100, 'M-3', 4_900)],
      at: 4_500,
      inside: 1,
    },
    {
      name: 'between reading and writing',
      wire: [get(4_100), patch(6_000, 'M-3')],
      at: 4_500,
      inside: 1,
    },
    { name: 'after the write', wire: [get(4_100), patch(4_200, 'M-3')], at: 4_500, inside: 0 },
    { name: 'after reading what was right', wire: [get(4_100)], at: 4_500, inside: 0 },
    {
      name: 'before a later commit is written',
      wire: [get(3_100), patch(6_000, 'M-3')],
      at: 3_500,
      inside: 0,
    },
    { name: 'in another process', wire: [get(100), patch(6_000, 'M-3')], at: 4_500, inside: 0 },
  ])('judges a kill $name', ({ wire, at, inside }) => {
    const { counts } = judge(evidence({ wire, kills: [{ startedAt: 1_000, at }] }));

    expect(counts).toMatchObject({ kills: 1, killsInsideAPass: inside });
  });
});
