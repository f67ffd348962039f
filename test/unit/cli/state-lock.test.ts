import { spawn, type ChildProcess } from 'node:child_process';
import {
  chmod,
  chown,
  lchown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

import { isLocked, lockState } from '../../../src/cli/composition/state-lock.ts';

const program = fileURLToPath(new URL('../../support/lock-process.ts', import.meta.url));

async function stateDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-lock-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return join(dir, 'state');
}

interface Holder {
  readonly child: ChildProcess;
  /** `held`, or an error code. */
  readonly says: string;
}

/** Another process that wants the directory. */
async function another(dir: string, onStarting = (): void => undefined): Promise<Holder> {
  const child = spawn(process.execPath, [program, dir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(async () => {
    await ended(child, 'SIGKILL');
  });
  const says = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line === 'starting') onStarting();
      else resolve(line);
    });
    child.once('error', reject);
    child.once('close', () => {
      reject(new Error('ended without a word'));
    });
  });
  return { child, says };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => {
    child.once('close', resolve);
    child.kill(signal);
  });
}

describe('one controller per state directory', () => {
  it('refuses a second one, and says who is there', async () => {
    const dir = await stateDir();
    const first = await another(dir);

    const second = lockState(dir);

    expect(first.says).toBe('held');
    await expect(second).rejects.toMatchObject({
      code: 'StateInUse',
      message: expect.stringContaining(`process ${String(first.child.pid)} on `) as string,
      exit: 1,
    });
  });

  it('is free the moment its process is killed: nothing is left to clean up', async () => {
    const dir = await stateDir();
    const first = await another(dir);
    expect(await isLocked(dir)).toBe(true);

    await ended(first.child, 'SIGKILL');

    expect(await isLocked(dir)).toBe(false);
    const lock = await lockState(dir);
    expect(await isLocked(dir)).toBe(true);
    expect(JSON.parse(await readFile(join(dir, 'controller.json'), 'utf8'))).toMatchObject({
      pid: process.pid,
    });
    lock.release();
  });

  it('goes to exactly one of several that start at once', async () => {
    const dir = await stateDir();
    await mkdir(dir);

    const all = await Promise.all([1, 2, 3, 4].map(() => another(dir)));

    expect(all.map(({ says }) => says).toSorted()).toEqual([
      'StateInUse',
      'StateInUse',
      'StateInUse',
      'held',
    ]);
  });

  it('is held within one process, too, and given back', async () => {
    const dir = await stateDir();
    const lock = await lockState(dir);

    await expect(lockState(dir)).rejects.toMatchObject({ code: 'StateInUse' });
    lock.release();
    lock.release();

    expect(await isLocked(dir)).toBe(false);
    expect(await readdir(dir), 'the name of the holder goes, the lock file stays').toEqual([
      'controller.lock',
    ]);
    (await lockState(dir)).release();
  });

  it('starts although somebody asks at that very moment whether it runs', async () => {
    const dir = await stateDir();
    (await lockState(dir)).release();
    const asking = new DatabaseSync(join(dir, 'controller.lock'), { readOnly: true });
    asking.exec('BEGIN; SELECT 1 FROM sqlite_schema');

    const started = await another(dir, () => {
      // Long enough for the other process to come to a door that is shut.
      setTimeout(() => {
        asking.close();
      }, 50);
    });

    expect(started.says).toBe('held');
  });

  it('is not disturbed by those who ask while it runs', async () => {
    const dir = await stateDir();
    const { child } = await another(dir);

    const answers = await Promise.all(Array.from({ length: 100 }, () => isLocked(dir)));

    expect(new Set(answers)).toEqual(new Set([true]));
    expect(child.exitCode).toBeNull();
    await expect(lockState(dir)).rejects.toMatchObject({ code: 'StateInUse' });
  });

  it('answers for a directory that is not there', async () => {
    expect(await isLocked(await stateDir())).toBe(false);
  });

  it('forgets a holder that could not be read', async () => {
    const dir = await stateDir();
    const { child } = await another(dir);
    await writeFile(join(dir, 'controller.json'), '{"pid": "many"}');

    await expect(lockState(dir)).rejects.toMatchObject({
      code: 'StateInUse',
      message: expect.stringContaining('another process') as string,
    });
    await ended(child, 'SIGKILL');
  });
});

describe('a directory that cannot be locked', () => {
  it.each([
    {
      name: 'a place where nothing can be made',
      prepare: () => Promise.resolve('/proc/none'),
    },
    {
      name: 'a file in place of the directory',
      prepare: async (dir: string) => {
        await writeFile(dir, '');
        return dir;
      },
    },
    {
      name: 'a lock file that is something else',
      prepare: async (dir: string) => {
        await mkdir(dir);
        await writeFile(join(dir, 'controller.lock'), 'no database '.repeat(100));
        return dir;
      },
    },
  ])('$name', async ({ prepare }) => {
    const dir = await prepare(await stateDir());

    await expect(lockState(dir)).rejects.toMatchObject({ code: 'StateUnusable', exit: 1 });
  });

  it('is told where SQLite would only read: many may hold a reader’s lock', async () => {
    const dir = await stateDir();
    (await lockState(dir)).release();
    await chmod(join(dir, '..'), 0o755);
    await chmod(dir, 0o777);
    await chmod(join(dir, 'controller.lock'), 0o444);

    const attempt = asNobody(() => lockState(dir));

    await expect(attempt).rejects.toMatchObject({ code: 'StateUnusable' });
  });
});

/** Root may write whatever it likes: where the tests run as root, this does not. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

describe('a directory that others may write to', () => {
  const isRoot = process.getuid?.() === 0;

  it.each([
    { name: 'its group', mode: 0o770 },
    { name: 'everybody', mode: 0o777 },
    { name: 'everybody, as in /tmp', mode: 0o1777 },
  ])('is refused where that is $name', async ({ mode }) => {
    const dir = await stateDir();
    await mkdir(dir);
    await chmod(dir, mode);

    await expect(lockState(dir)).rejects.toMatchObject({
      code: 'StateUnusable',
      nextStep: `chmod go-w ${dir}`,
    });

    await chmod(dir, 0o750);
    (await lockState(dir)).release();
  });

  it("is refused where it is a stranger's link, and taken by one of our own, as systemd makes it", async () => {
    const dir = await stateDir();
    await mkdir(`${dir}-real`);
    await symlink(`${dir}-real`, dir);

    (await lockState(dir)).release();
    if (!isRoot) return;
    await lchown(dir, 4321, 4321);
    await expect(lockState(dir)).rejects.toMatchObject({ code: 'StateUnusable' });
  });

  it("is taken where it is root's or our own", async () => {
    const dir = await stateDir();
    await mkdir(dir, { mode: 0o700 });
    if (isRoot) {
      await chown(dir, 4321, 4321);
      await expect(lockState(dir)).rejects.toMatchObject({ nextStep: `chown 0 ${dir}` });
      await chown(dir, 0, 0);
    }

    const lock = await lockState(dir);

    lock.release();
    expect(await isLocked(dir)).toBe(false);
  });
});
