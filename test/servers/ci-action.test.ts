import { generateKeyPairSync } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { root } from '../../tools/files.ts';
import { createActionStage, type ActionStage } from './ci-action-stage.ts';

const example = join(root, 'examples/quick-start');
const declaration = await readFile(join(example, 'declarations/coffee.yaml'), 'utf8');
const file = 'releases/coffee.yaml';

const edited = declaration.replaceAll(/M-\d+/g, 'M-88');

async function started(): Promise<ActionStage> {
  const stage = await createActionStage();
  await stage.commit('main', '', { [file]: declaration, 'README.md': 'wallets\n' });
  return stage;
}

function comments({ github }: ActionStage): readonly string[] {
  return github.state.comments.map(({ body }) => body);
}

function planStatus({ github }: ActionStage, commit: string): string | undefined {
  return github.state.statuses
    .filter((status) => status.commit === commit && status.context === 'fairlead/plan')
    .at(-1)?.state;
}

describe('the action', () => {
  it('comments on a pull request, and edits that comment at the next push', async () => {
    const stage = await started();
    const head = await stage.commit('topic', 'origin/main', { [file]: edited });
    const number = await stage.open(head);

    const first = await stage.action({ pull: String(number), base: 'main', paths: 'releases/' });
    const next = await stage.commit('topic', 'origin/topic', { 'releases/none.txt': 'x' });
    stage.github.state.pulls[0]!.head = next;
    await stage.inRepository('update-ref', `refs/pull/${String(number)}/head`, next);
    const second = await stage.action({ pull: String(number), base: 'main', paths: 'releases/' });

    expect(first.code, first.said).toBe(0);
    expect(second.code, second.said).toBe(0);
    expect(comments(stage)).toHaveLength(1);
    expect(comments(stage)[0]).toContain('coffee');
    expect(comments(stage)[0]).toContain(next.slice(0, 7));
    expect(planStatus(stage, head)).toBeDefined();
    expect(stage.github.faults).toEqual([]);
  });

  it('leaves nothing behind, and no token in any argument', async () => {
    const stage = await started();
    const number = await stage.open(await stage.commit('topic', 'origin/main', { [file]: edited }));

    const ran = await stage.action({ pull: String(number), base: 'main' });
    const words = await stage.gitWords();

    expect(ran.code, ran.said).toBe(0);
    expect(await readdir(stage.temp)).toEqual([]);
    expect(words).toContain('fetch');
    expect(words + ran.said).not.toContain('token-of-ours');
    expect(words + ran.said).not.toContain(Buffer.from('x-access-token:token').toString('base64'));
    expect(words, 'no file of a pull request is ever written').not.toMatch(
      /checkout|worktree|reset/,
    );
  });

  it.each([
    { name: 'no number', inputs: { base: 'main' }, says: 'no number' },
    { name: 'a number that is a word', inputs: { pull: '7; id', base: 'main' }, says: 'no number' },
    { name: 'no token', inputs: { pull: '7', base: 'main', token: '' }, says: 'no token' },
    { name: 'another command', inputs: { command: '../x' }, says: 'review or snapshot' },
  ])('fails in one line with $name', async ({ inputs, says }) => {
    const stage = await started();

    const ran = await stage.action(inputs);

    expect(ran.code).toBe(1);
    expect(ran.said).toContain(says);
    expect(comments(stage)).toEqual([]);
  });

  it('takes a hostile name of a branch for a name', async () => {
    const stage = await started();
    const number = await stage.open(await stage.commit('topic', 'origin/main', { [file]: edited }));
    const base = '$(touch${IFS}pwned);`id`';

    const ran = await stage.action({ pull: String(number), base });

    expect(ran.said).not.toContain('uid=');
    expect(await readdir(join(stage.temp, '../work'))).toEqual([]);
  });
});

describe('the action on forks', () => {
  const keys = generateKeyPairSync('ed25519');
  const signing = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const verifying = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();

  function platform(stage: ActionStage): string {
    return JSON.stringify({
      apiVersion: 'fairlead.dev/v1alpha1',
      kind: 'PlatformConnection',
      metadata: { name: 'default' },
      spec: {
        ...{ platformId: 'emulator', driver: 'emulator' },
        dataDir: join(stage.temp, '../platform'),
        worldFile: join(example, 'world.yaml'),
      },
    });
  }

  async function published(stage: ActionStage) {
    return stage.action(
      {
        ...{ command: 'snapshot', settings: platform(stage) },
        'snapshot-signing-key': signing,
      },
      { FAIRLEAD_GIT_URL: stage.origin },
    );
  }

  const fork = (number: number, key = verifying) => ({
    ...{ pull: String(number), base: 'main', paths: 'releases/' },
    ...{ 'snapshot-branch': 'fairlead-snapshot', 'snapshot-public-key': key },
  });

  it('stands on the snapshot that the default branch signed', async () => {
    const stage = await started();
    const first = await published(stage);
    const head = await stage.commit('topic', 'origin/main', { [file]: edited });
    const number = await stage.open(head, true);

    // Were they used, the review would fail: there are none.
    const ran = await stage.action(fork(number), { FAIRLEAD_CONNECTIONS: '/none/settings.yaml' });

    expect(first.code, first.said).toBe(0);
    expect(await stage.inRepository('ls-tree', '--name-only', 'fairlead-snapshot')).toBe(
      'platform.snapshot.yaml',
    );
    expect(await stage.inRepository('rev-list', '--count', 'fairlead-snapshot')).toBe('1');
    expect(ran.code, ran.said).toBe(0);
    expect(comments(stage)).toHaveLength(1);
    expect(comments(stage)[0]).toContain('snapshot');
    expect(planStatus(stage, head)).toBeDefined();
  });

  it('refuses a snapshot that somebody else signed, and turns nothing green', async () => {
    const stage = await started();
    await published(stage);
    const head = await stage.commit('topic', 'origin/main', { [file]: edited });
    const number = await stage.open(head, true);
    const other = generateKeyPairSync('ed25519').publicKey;

    const ran = await stage.action(
      fork(number, other.export({ type: 'spki', format: 'pem' }).toString()),
    );

    expect(ran.code).not.toBe(0);
    expect(planStatus(stage, head)).not.toBe('success');
  });

  it.each([
    { name: 'no snapshot was published', key: verifying, says: 'no branch fairlead-snapshot' },
    { name: 'no key verifies it', key: '', says: 'FAIRLEAD_SNAPSHOT_PUBLIC_KEY' },
  ])('says so where $name', async ({ key, says }) => {
    const stage = await started();
    const number = await stage.open(
      await stage.commit('topic', 'origin/main', { [file]: edited }),
      true,
    );

    const ran = await stage.action(fork(number, key));

    expect(ran.code).toBe(1);
    expect(ran.said).toContain(says);
    expect(comments(stage)).toEqual([]);
  });

  it('uses nothing that a fork brings along: settings, hooks, attributes, a program of its own', async () => {
    const stage = await started();
    await published(stage);
    const head = await stage.commit('topic', 'origin/main', {
      [file]: edited,
      'releases/connections.yaml': platform(stage),
      '.gitattributes': '* filter=evil diff=evil merge=evil\n',
      '.gitmodules': '[submodule "a"]\n\tpath = a\n\turl = ../a\n',
      'package.json': '{"scripts":{"preinstall":"touch pwned","build":"touch pwned"}}',
      'ci/review.sh': 'touch pwned\n',
      'dist/fairlead.js': 'require("fs").writeFileSync("pwned", "")\n',
    });
    const number = await stage.open(head, true);

    const ran = await stage.action(fork(number));

    expect(ran.said).not.toContain('pwned');
    expect(await readdir(join(stage.temp, '../work'))).toEqual([]);
    expect(comments(stage)).toHaveLength(1);
  });
});
