import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { onTestFinished } from 'vitest';

import type { CallEntry } from '../../src/emulator/calls.ts';
import { built } from './built.ts';

/** What a run of the program came to. */
export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs the program otherwise than as Node with its path: a command, and arguments before those of the program. */
  readonly program?: readonly [string, ...string[]];
  /** Called with the running process, to send it signals. */
  readonly during?: (child: ChildProcess) => void;
}

/** A folder with nothing of the person running the tests, in which the built program runs as its own process. */
export interface Place {
  readonly dir: string;
  readonly path: (name: string) => string;
  readonly write: (name: string, text: string) => Promise<string>;
  readonly read: (name: string) => Promise<string>;
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<Ran>;
  /** Starts `fairlead emulator` as a process of its own, and writes `connections.yaml`. */
  readonly emulator: (world: string, args?: readonly string[]) => Promise<EmulatorProcess>;
  readonly env: Readonly<Record<string, string>>;
}

/** Removed, with every process started in it, when the test ends. */
export async function createPlace(): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-cli-'));
  const children: ChildProcess[] = [];
  onTestFinished(async () => {
    await Promise.all(children.map(ended));
    await rm(dir, { recursive: true, force: true });
  });
  const path = (name: string) => join(dir, name);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    XDG_CONFIG_HOME: path('.config'),
    XDG_STATE_HOME: path('.state'),
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Test Author',
    GIT_AUTHOR_EMAIL: 'author@example.test',
    GIT_COMMITTER_NAME: 'Test Committer',
    GIT_COMMITTER_EMAIL: 'committer@example.test',
  };
  const write = async (name: string, text: string): Promise<string> => {
    await mkdir(dirname(path(name)), { recursive: true });
    await writeFile(path(name), text);
    return path(name);
  };
  const start = (
    args: readonly string[],
    more: Readonly<Record<string, string>> = {},
    [command, ...before]: readonly [string, ...string[]] = [process.execPath, built().cli],
  ) => {
    const child = spawn(command, [...before, ...args], {
      cwd: dir,
      env: { ...env, ...more },
    });
    children.push(child);
    return child;
  };
  return {
    dir,
    path,
    write,
    env,
    read: (name) => readFile(path(name), 'utf8'),
    run: async (args, { input = '', env: more, program, during } = {}) => {
      const child = start(args, more, program);
      const result = collect(child);
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
      during?.(child);
      return result;
    },
    emulator: async (world, args = []) => {
      const file = await write('world.yaml', world);
      const out = path('connections.yaml');
      const child = start(['emulator', '--world', file, '--connection-out', out, ...args]);
      const text = await firstOutput(child, 'Ctrl-C');
      const url = /http:\/\/\S+?:\d+/.exec(text)?.[0] ?? '';
      return createConsole(url, child, text);
    },
  };
}

/** A platform in a process of its own, and what stands behind its counter. */
export interface EmulatorProcess {
  readonly url: string;
  readonly banner: string;
  readonly child: ChildProcess;
  /** Does what a person does in the console; the answer's `result` must say S. */
  readonly act: (action: string, body: object) => Promise<void>;
  /** Sets faults, rate limit or the call log; no result is looked at. */
  readonly control: (name: string, body: object) => Promise<void>;
  readonly calls: () => Promise<readonly CallEntry[]>;
  /** The platform's whole state, as YAML. */
  readonly world: () => Promise<string>;
  readonly stop: (signal?: NodeJS.Signals) => Promise<Ran>;
}

function createConsole(url: string, child: ChildProcess, banner: string): EmulatorProcess {
  const post = async (name: string, body: object): Promise<unknown> => {
    const response = await fetch(`${url}/console/${name}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`console ${name}: ${await response.text()}`);
    return response.json();
  };
  const result = collect(child);
  return {
    url,
    banner,
    child,
    act: async (action, body) => {
      const answer = (await post(action, body)) as { result?: { resultStatus?: string } };
      if (answer.result?.resultStatus !== 'S')
        throw new Error(`console ${action}: ${JSON.stringify(answer)}`);
    },
    control: async (name, body) => {
      await post(name, body);
    },
    calls: async () => (await (await fetch(`${url}/console/calls`)).json()) as readonly CallEntry[],
    world: async () => (await fetch(`${url}/console/world`)).text(),
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      return result;
    },
  };
}

async function collect(child: ChildProcess): Promise<Ran> {
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  child.stdout?.on('data', (chunk: Buffer) => chunks.stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => chunks.stderr.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const [stdout, stderr] = [chunks.stdout, chunks.stderr].map((all) =>
        Buffer.concat(all).toString('utf8'),
      );
      resolve({ code, signal, stdout: stdout ?? '', stderr: stderr ?? '' });
    });
  });
}

/** What a process says until some words occur. @throws with everything it said when it ends before */
async function firstOutput(child: ChildProcess, words: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const listen = (chunk: Buffer): void => {
      text += chunk.toString('utf8');
      if (text.includes(words)) resolve(text);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('close', (code) => {
      reject(new Error(`ended with ${String(code)}: ${text}`));
    });
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve();
    });
    child.kill('SIGKILL');
  });
}
