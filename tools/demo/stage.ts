import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../files.ts';

/** What a command printed and how it ended. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The folder the story plays in, and how to run things there. */
export interface Stage {
  readonly folder: string;
  readonly path: (...names: string[]) => string;
  readonly fairlead: (...args: string[]) => Promise<Ran>;
  readonly git: (...args: string[]) => Promise<Ran>;
  readonly environment: Readonly<Record<string, string>>;
  /** Starts a long-running process that ends with the stage. */
  readonly start: (...args: string[]) => ChildProcess;
  readonly close: (keep: boolean) => Promise<void>;
}

const secret = 'demo-key-0123456789';

export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-demo-'));
  const path = (...names: string[]) => join(folder, ...names);
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    XDG_STATE_HOME: path('state'),
    FAIRLEAD_CONNECTIONS: path('fairlead.yaml'),
    BOOKS_API_KEY: secret,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    LANG: 'C.UTF-8',
    ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}),
  };
  const children: ChildProcess[] = [];
  const cli = join(root, 'dist', 'fairlead.js');
  return {
    folder,
    path,
    environment,
    fairlead: (...args) => run(process.execPath, [cli, ...args], { cwd: folder, env: environment }),
    git: (...args) => run('git', args, { cwd: folder, env: environment }),
    start: (...args) => {
      const child = spawn(process.execPath, [cli, ...args], {
        cwd: folder,
        env: environment,
        stdio: ['ignore', 'pipe', 'inherit'],
        // With --keep it outlives the story.
        detached: true,
      });
      children.push(child);
      return child;
    },
    close: async (keep) => {
      if (keep) {
        for (const child of children) child.unref();
        return;
      }
      await Promise.all(children.map(stop));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Runs a command to its end. */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Ran> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    ...(options.env ? { env: options.env } : {}),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout: string[] = [];
  const stderr: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 1, stdout: stdout.join(''), stderr: stderr.join('') };
}
