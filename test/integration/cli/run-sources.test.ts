import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';

import { createPlace, type EmulatorProcess, type Place } from '../../support/cli.ts';
import { coffee, world } from '../../support/cli-world.ts';
import { startGitHttp } from '../../support/git-http.ts';

const exec = promisify(execFile);
const once = ['run', '--config', 'fairlead.yaml', '--once', '--state', 'state'];

async function git(place: Place, ...args: string[]): Promise<string> {
  const { stdout } = await exec('git', args, { cwd: place.path('team'), env: place.env });
  return stdout.trim();
}

/** A repository, and settings that follow it. @param spec  of the GitSource, as YAML */
async function setUp(
  spec: (place: Place) => string,
): Promise<{ place: Place; platform: EmulatorProcess }> {
  const place = await createPlace();
  const platform = await place.emulator(world);
  await place.write('team/coffee.yaml', coffee);
  await git(place, 'init', '-q', '-b', 'main');
  await git(place, 'add', '.');
  await git(place, 'commit', '-qm', 'First');
  await place.write(
    'fairlead.yaml',
    `${(await place.read('connections.yaml')).trimEnd()}
---
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: team }
spec: ${spec(place)}
---
apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec: { allowFileUrls: true }
`,
  );
  return { place, platform };
}

async function writes(platform: EmulatorProcess): Promise<number> {
  return (await platform.calls()).filter(({ operation }) => /^(create|patch)/.test(operation))
    .length;
}

describe('run --once', () => {
  it('holds a ref that went back until it is allowed', async () => {
    const { place, platform } = await setUp((at) => `{ url: "file://${at.path('team')}" }`);
    await place.write('team/coffee.yaml', coffee.replaceAll('M-77-T', 'M-78-T'));
    await git(place, 'commit', '-qam', 'Second');
    expect((await place.run(once)).code).toBe(0);
    const before = await writes(platform);
    await git(place, 'reset', '-q', '--hard', 'HEAD~1');

    const held = await place.run(once);
    const written = await writes(platform);
    const id = /--allow (c-[0-9a-f]{12})/.exec(held.stdout + held.stderr)?.[1] ?? '';
    const allowed = await place.run([...once, '--allow', id]);
    const again = await place.run(once);

    expect(held.code).toBe(1);
    expect(held.stdout + held.stderr).toContain('SourceRewound');
    expect(written).toBe(before);
    expect(allowed.code, allowed.stderr).toBe(0);
    expect(allowed.stderr).not.toContain('names no change');
    expect(await writes(platform)).toBeGreaterThan(before);
    expect(again.code, again.stderr).toBe(0);
  });

  it('fails for a folder that is not in the commit, and writes nothing', async () => {
    const { place, platform } = await setUp(
      (at) => `{ url: "file://${at.path('team')}", path: relaeses }`,
    );

    const { code, stdout, stderr } = await place.run(once);

    expect(code).toBe(1);
    expect(stdout + stderr).toContain('path "relaeses" does not exist in commit');
    expect(await writes(platform)).toBe(0);
  });

  it('removes a key that a crash left', async () => {
    const { place } = await setUp((at) => `{ url: "file://${at.path('team')}" }`);
    await place.write('state/git/ssh-a1b2c3/key', 'canary');

    const { code, stderr } = await place.run(once);

    expect(code, stderr).toBe(0);
    expect(await readdir(place.path('state/git'))).not.toContain('ssh-a1b2c3');
  });

  it('reads a private repository with the token that a file beside the settings holds', async () => {
    const token = 'canary-of-the-source';
    const server = { url: '' };
    const { place, platform } = await setUp(
      () => `{ url: "URL/team/.git", credentials: { token: { file: token.txt } } }`,
    );
    const http = await startGitHttp({ root: place.dir, user: 'git', password: token });
    onTestFinished(() => http.stop());
    server.url = http.url;
    await place.write(
      'fairlead.yaml',
      (await place.read('fairlead.yaml')).replace('URL', http.url),
    );

    const without = await place.run(once);
    await place.write('token.txt', 'another token');
    const wrong = await place.run(once);
    await place.write('token.txt', `${token}\n`);
    const right = await place.run(once);

    expect([without.code, wrong.code, right.code], right.stderr + right.stdout).toEqual([1, 1, 0]);
    expect(without.stderr + without.stdout).toContain('token.txt');
    expect(wrong.stderr + wrong.stdout).toContain('credentials of the GitSource');
    expect(await writes(platform)).toBe(2);
    for (const { stdout, stderr } of [without, wrong, right])
      expect(stdout + stderr).not.toContain(token);
  });

  it.each([
    { name: 'two refs', spec: '{ url: "https://git.example/a", ref: { branch: main, tag: v1 } }' },
    { name: 'no range', spec: '{ url: "https://git.example/a", ref: { semver: newest } }' },
    {
      name: 'an ssh key for https',
      spec: '{ url: "https://git.example/a", credentials: { sshKey: { env: KEY } } }',
    },
    {
      name: 'a token for ssh',
      spec: '{ url: "ssh://git@git.example/a", credentials: { token: { env: KEY } } }',
    },
    { name: 'a credential in the url', spec: '{ url: "https://a:canary@git.example/a" }' },
    { name: 'http to another machine', spec: '{ url: "http://git.example/a" }' },
  ])('asks nobody for a source with $name', async ({ spec }) => {
    const { place, platform } = await setUp(() => spec);

    const { code, stdout, stderr } = await place.run(once);

    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(/SettingsInvalid|the settings in .* are invalid/);
    expect(stdout + stderr).not.toContain('canary');
    expect(await writes(platform)).toBe(0);
  });
});
