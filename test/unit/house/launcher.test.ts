import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { root } from '../../../tools/files.ts';

/** Stands for an old Node: the launcher asks `process.versions` only. */
const pretendOldNode = `
  Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } });`;

/** Stands for the program. */
const program = `
  const [, , verb, ...rest] = process.argv;
  if (verb === 'exit') process.exit(Number(rest[0]));
  else if (verb === 'crash') process.kill(process.pid, 'SIGKILL');
  else if (verb === 'warn') process.emitWarning('SQLite is an experimental feature', 'ExperimentalWarning');
  else if (verb === 'wait') {
    process.on('SIGINT', () => process.exit(130));
    process.on('SIGTERM', () => process.exit(143));
    setInterval(() => {}, 1000);
    console.log('waiting');
  } else if (verb === 'outlive') {
    process.on('SIGTERM', () => {
      console.log('told to stop');
      process.exit(143);
    });
    setInterval(() => {}, 1000);
    console.log('waiting');
  } else console.log(JSON.stringify([verb, ...rest, process.env.FAIRLEAD_LAUNCHED ?? 'unset']));`;

let checkout: string;

beforeEach(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'fairlead-launcher-'));
  await mkdir(join(checkout, 'dist'));
  await copyFile(join(root, 'src/cli/launcher.cjs'), join(checkout, 'dist/fairlead.js'));
  await writeFile(join(checkout, 'dist/main.mjs'), program);
  await writeFile(join(checkout, 'old-node.cjs'), pretendOldNode);
});

afterEach(async () => {
  await rm(checkout, { recursive: true });
});

async function giveOwnNode(target = process.execPath): Promise<void> {
  await mkdir(join(checkout, 'node_modules/.bin'), { recursive: true });
  await symlink(target, join(checkout, 'node_modules/.bin/node'));
}

interface Started {
  readonly isOld: boolean;
  readonly args: readonly string[];
  readonly signal?: NodeJS.Signals;
}

async function launch({ isOld, args, signal }: Started) {
  const preload = isOld ? ['--require', join(checkout, 'old-node.cjs')] : [];
  const child = spawn(process.execPath, [...preload, join(checkout, 'dist/fairlead.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (signal && stdout.includes('waiting')) child.kill(signal);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return await new Promise((resolve) => {
    child.once('close', (code, endedBy) => resolve({ code, endedBy, stdout, stderr }));
  });
}

describe('the launcher on a Node that is new enough', () => {
  it('runs the program in the same process, arguments and exit code included', async () => {
    const ran = await launch({ isOld: false, args: ['exit', '3'] });

    expect(ran).toEqual({ code: 3, endedBy: null, stdout: '', stderr: '' });
  });

  it('keeps the warning about node:sqlite off stderr', async () => {
    const ran = await launch({ isOld: false, args: ['warn'] });

    expect(ran).toEqual({ code: 0, endedBy: null, stdout: '', stderr: '' });
  });
});

describe('the launcher on a Node that is too old', () => {
  it('says in one line which Node is needed when the checkout brings none', async () => {
    const ran = await launch({ isOld: true, args: ['version'] });

    expect(ran).toEqual({
      code: 1,
      endedBy: null,
      stdout: '',
      stderr:
        'fairlead needs Node 22.19 or newer, and this is 20.20.2: install a newer Node, or run `npm ci` in the checkout, which brings one.\n',
    });
  });

  it('says the same when the Node of the checkout does not start', async () => {
    await giveOwnNode(join(checkout, 'old-node.cjs'));

    const ran = await launch({ isOld: true, args: ['version'] });

    expect(ran).toMatchObject({ code: 1, stdout: '' });
  });

  it('starts again with the Node of the checkout and leaves no trace in its environment', async () => {
    await giveOwnNode();

    const ran = await launch({ isOld: true, args: ['plan', '--out', 'a b'] });

    expect(ran).toMatchObject({ code: 0, stdout: '["plan","--out","a b","unset"]\n' });
  });

  it('ends with the exit code of the program', async () => {
    await giveOwnNode();

    const ran = await launch({ isOld: true, args: ['exit', '5'] });

    expect(ran).toMatchObject({ code: 5, endedBy: null });
  });

  it('ends by the signal that ended the program', async () => {
    await giveOwnNode();

    const ran = await launch({ isOld: true, args: ['crash'] });

    expect(ran).toMatchObject({ code: null, endedBy: 'SIGKILL' });
  });

  it('takes the program along when it is killed', async () => {
    await giveOwnNode();

    // Its output ends with the last process that holds it.
    const ran = await launch({ isOld: true, args: ['outlive'], signal: 'SIGKILL' });

    expect(ran).toMatchObject({ endedBy: 'SIGKILL', stdout: 'waiting\ntold to stop\n' });
  });

  it.each([
    { signal: 'SIGINT', code: 130 },
    { signal: 'SIGTERM', code: 143 },
  ] as const)('passes $signal on and waits for the program', async ({ signal, code }) => {
    await giveOwnNode();

    const ran = await launch({ isOld: true, args: ['wait'], signal });

    expect(ran).toMatchObject({ code, stdout: 'waiting\n' });
  });
});
