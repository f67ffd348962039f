import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/cli/system.ts';
import type { GitSource } from '../../src/core/kinds/git-source.ts';
import type { FollowedSource } from '../../src/ports/controller.ts';
import { followGit } from '../../src/source/git/follow.ts';
import { createGit } from '../../src/source/git/run.ts';
import { never, useStage, type Signing } from './signing-stage.ts';

/* A repository that is followed as the controller does it, its mirror holding as little history as will do. */

const stage = useStage();
const state = mkdtempSync(join(tmpdir(), 'fl-followed-'));
let signed: Signing;
let allowedSigners = '';

beforeAll(() => {
  const key = stage.sshKey('team');
  signed = { ssh: key };
  allowedSigners = `ada@example.com ${stage.sshPublic(key)}`;
});
afterAll(() => rm(state, { recursive: true, force: true }));

function follow(spec: Partial<GitSource['spec']>): FollowedSource {
  return followGit({
    name: stage.git(['branch', '--show-current']),
    spec: { url: `file://${stage.work}`, ...spec },
    stateDirectory: state,
    git: createGit({
      environment: { path: process.env['PATH'] ?? '', home: '/nonexistent' },
      clock: systemClock,
      allowFileUrls: true,
    }),
    clock: systemClock,
    allowFileUrls: true,
    signers: async () => ({ allowedSigners }),
  });
}

/** The commit a look brings, or the code of what it throws with the commit that is named. */
async function looked(source: FollowedSource): Promise<string> {
  try {
    const look = await source.look(new Set(), never);
    return look.kind === 'changed' ? look.source.commit.id : look.kind;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code} ${/commit ([0-9a-f]{12})/.exec(message)?.[1] ?? ''}`;
  }
}

const commits = (since: string) =>
  ({
    ref: { branch: stage.git(['branch', '--show-current']) },
    signatures: { verify: 'commits', since, allowedSigners: { file: 'signers' } },
  }) as const;

describe('a source with a signature policy', () => {
  it('stays at what was verified until what follows is signed', async () => {
    const since = stage.fresh();
    const good = stage.commit({ sign: signed });
    const source = follow(commits(since));
    expect(await looked(source)).toBe(good);
    await source.completed(good);

    const bad = stage.commit();
    const above = stage.commit({ sign: signed });
    expect(above).not.toBe(bad);
    expect([await looked(source), await looked(source)]).toEqual([
      `SourceRefused ${bad.slice(0, 12)}`,
      `SourceRefused ${bad.slice(0, 12)}`,
    ]);

    stage.git(['reset', '--quiet', '--hard', good]);
    const mended = stage.commit({ sign: signed });
    expect(await looked(source)).toBe(mended);
  });

  it('looks for what a merge brings, also where that is older than the last completed commit', async () => {
    const since = stage.fresh();
    const main = stage.git(['branch', '--show-current']);
    const first = stage.commit({ sign: signed, at: '2020-01-01T00:00:00Z' });
    for (const [side, sign] of [
      ['signed', signed],
      ['unsigned', undefined],
    ] as const) {
      stage.git(['switch', '--quiet', '--create', `${main}-${side}`, first]);
      stage.commit({ ...(sign === undefined ? {} : { sign }), at: '2020-02-01T00:00:00Z' });
      stage.commit({ sign: signed, at: '2021-01-01T00:00:00Z' });
    }
    stage.git(['switch', '--quiet', main]);
    const completed = stage.commit({ sign: signed, at: '2026-01-01T00:00:00Z' });
    const source = follow(commits(since));
    expect(await looked(source)).toBe(completed);
    await source.completed(completed);

    const merged = stage.merge(`${main}-signed`, { sign: signed, at: '2026-01-02T00:00:00Z' });
    expect(await looked(source)).toBe(merged);
    await source.completed(merged);

    stage.merge(`${main}-unsigned`, { sign: signed, at: '2026-01-03T00:00:00Z' });
    const unsigned = stage.git(['rev-parse', `${main}-unsigned~1`]);
    expect(await looked(source)).toBe(`SourceRefused ${unsigned.slice(0, 12)}`);
  });

  it('follows the newest tag of a range if it was signed for that name', async () => {
    stage.fresh();
    stage.tag('v1.0.0', { sign: signed });
    const source = follow({
      ref: { semver: '>=1 <2' },
      signatures: { verify: 'tag', allowedSigners: { file: 'signers' } },
    });
    const first = stage.git(['rev-parse', 'HEAD']);
    expect(await looked(source)).toBe(first);

    const second = stage.commit();
    stage.tag('v1.1.0', { sign: signed });
    expect(await looked(source)).toBe(second);

    // The tag object of a release that the range leaves out, under a name that lies in it.
    stage.commit();
    stage.tag('v0.9.0', { sign: signed });
    stage.git(['update-ref', 'refs/tags/v1.9.0', stage.git(['rev-parse', 'refs/tags/v0.9.0'])]);
    expect(await looked(source)).toBe('SourceRefused ');
  });
});
