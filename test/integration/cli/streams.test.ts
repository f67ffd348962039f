import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import { built } from '../../support/built.ts';
import { createPlace, type Place } from '../../support/cli.ts';
import { coffee, world } from '../../support/cli-world.ts';

const exec = promisify(execFile);
const settings = ['--connections', 'connections.yaml'];
const escape = '\u001b[';

async function ready(): Promise<Place> {
  const place = await createPlace();
  await place.write('coffee.yaml', coffee);
  await place.emulator(world);
  return place;
}

interface ErrorDocument {
  readonly formatVersion: number;
  readonly kind: string;
  readonly error: { readonly code: string; readonly message: string; readonly nextStep: string };
  readonly problems: readonly object[];
}

describe('what goes where', () => {
  it.each([
    { args: ['plan', 'coffee.yaml', '-o', 'json'], code: 'SettingsNotFound', exit: 1 },
    { args: ['plan', '-o', 'json'], code: 'Usage', exit: 1 },
    { args: ['plan', 'coffee.yaml', '--colour', '--output=json'], code: 'Usage', exit: 1 },
    { args: ['apply', 'broken.yaml', '--yes', '-o', 'json'], code: 'DeclarationsInvalid', exit: 5 },
    { args: ['get', 'programs', '-o', 'json'], code: 'SettingsNotFound', exit: 1 },
    { args: ['validate', 'none.yaml', '-o', 'sarif'], code: 'SourceUnavailable', exit: 1 },
    { args: ['explain', 'x', 'coffee.yaml', '-o', 'json'], code: 'NotFound', exit: 1 },
    {
      args: ['run', '--config', 'none.yaml', '--once', '-o', 'json'],
      code: 'SettingsNotFound',
      exit: 1,
    },
  ])('a failure with -o json is one JSON document: $args', async ({ args, code, exit }) => {
    const place = await createPlace();
    await place.write('coffee.yaml', coffee);
    await place.write('broken.yaml', coffee.replace('version:', 'versoin:'));

    const ran = await place.run(args);

    const document = JSON.parse(ran.stdout) as ErrorDocument;
    expect(ran.code).toBe(exit);
    expect(document).toMatchObject({ formatVersion: 1, kind: 'Error', error: { code } });
    expect(document.error.message.length).toBeGreaterThan(0);
    expect(document.error.nextStep.length).toBeGreaterThan(0);
  });

  it('a reader that leaves early is no failure', async () => {
    const place = await ready();

    const { stdout } = await exec(
      'bash',
      [
        '-c',
        `"$NODE" "$CLI" schema | head -1; echo "codes \${PIPESTATUS[*]}"; "$NODE" "$CLI" plan coffee.yaml --connections connections.yaml 2>err.txt | true; echo "codes \${PIPESTATUS[*]}"; cat err.txt`,
      ],
      { cwd: place.dir, env: { ...place.env, NODE: process.execPath, CLI: built().cli } },
    );

    expect(stdout).toBe('{\ncodes 0 0\ncodes 0 0\n');
  });

  it('stderr that nobody reads is no failure either', async () => {
    const place = await ready();
    const child = spawn(
      process.execPath,
      [built().cli, 'plan', 'coffee.yaml', '--out', 'p.json', ...settings],
      { cwd: place.dir, env: place.env },
    );
    child.stderr.destroy();
    child.stdout.resume();

    const [code] = (await once(child, 'close')) as [number | null];

    expect(code).toBe(0);
  });

  it('results go to stdout and everything else to stderr', async () => {
    const place = await ready();

    const { stdout, stderr } = await place.run([
      'plan',
      'coffee.yaml',
      '-o',
      'json',
      '--out',
      'p.json',
      '--log-level',
      'trace',
      ...settings,
    ]);

    expect(JSON.parse(stdout)).toMatchObject({ kind: 'Plan' });
    expect(stderr).toContain('listReleases');
    expect(stderr).toContain('wrote p.json');
  });

  it.each([
    { command: 'plan', args: ['plan', 'coffee.yaml', '--out', '/dev/full', ...settings] },
    { command: 'snapshot', args: ['snapshot', '--out', '/dev/full', ...settings] },
  ])('a full disk: $command --out says so, and fails', async ({ args }) => {
    const place = await ready();

    const { code, stderr } = await place.run(args);

    expect(code).toBe(1);
    expect(stderr).toContain('the disk is full');
    expect(stderr).toContain('next:');
  });

  it('a reader that has left breaks no apply off', async () => {
    const place = await createPlace();
    await place.write('coffee.yaml', coffee);
    const platform = await place.emulator(world);

    const { stdout } = await exec(
      'bash',
      [
        '-c',
        `"$NODE" "$CLI" apply coffee.yaml --yes --connections connections.yaml | true; echo "codes \${PIPESTATUS[*]}"`,
      ],
      { cwd: place.dir, env: { ...place.env, NODE: process.execPath, CLI: built().cli } },
    );

    const creates = (await platform.calls()).filter(
      ({ operation }) => operation === 'createRelease',
    );
    expect(stdout).toContain('codes 0 0');
    expect(creates).toHaveLength(2);
  });

  it('a full standard output is told in a sentence and fails, so that no script takes half a plan for one', async () => {
    const place = await createPlace();

    const { stdout } = await exec(
      'bash',
      ['-c', `"$NODE" "$CLI" schema Plan 2>&1 > /dev/full; echo "code $?"`],
      { cwd: place.dir, env: { ...place.env, NODE: process.execPath, CLI: built().cli } },
    );

    expect(stdout).toBe(
      'fairlead: standard output could not be written (the disk is full)\ncode 1\n',
    );
  });
});

describe('colours', () => {
  it.each([
    { name: 'a pipe has none', env: {}, args: [], colored: false },
    { name: 'FORCE_COLOR asks for them', env: { FORCE_COLOR: '1' }, args: [], colored: true },
    { name: 'NO_COLOR wins', env: { FORCE_COLOR: '1', NO_COLOR: '1' }, args: [], colored: false },
    { name: '--no-color wins', env: { FORCE_COLOR: '1' }, args: ['--no-color'], colored: false },
    {
      name: 'a dumb terminal has none',
      env: { FORCE_COLOR: '1', TERM: 'dumb' },
      args: [],
      colored: false,
    },
    { name: 'FORCE_COLOR=0 asks for none', env: { FORCE_COLOR: '0' }, args: [], colored: false },
  ])('$name', async ({ env, args, colored }) => {
    const place = await createPlace();
    await place.write('coffee.yaml', coffee);

    const { stdout } = await place.run(['explain', 'coffee-2.4.0', 'coffee.yaml', ...args], {
      env,
    });

    expect(stdout.includes(escape)).toBe(colored);
  });

  it('values that would act on the terminal are made visible', async () => {
    const place = await createPlace();
    await place.emulator(world.replace('name: Coffee', 'name: "Cof\\u001B[31mfee\\u202E"'));

    const { stdout } = await place.run(['get', 'programs', ...settings]);

    expect(stdout).not.toContain(escape);
    expect(stdout).toContain('\\u{001b}[31m');
    expect(stdout).toContain('\\u{202e}');
  });

  it('JSON never has any', async () => {
    const place = await ready();

    const { stdout } = await place.run(['plan', 'coffee.yaml', '-o', 'json', ...settings], {
      env: { FORCE_COLOR: '1' },
    });

    expect(stdout).not.toContain(escape);
  });
});
