import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { root } from '../tools/files.ts';

/** What a finished process used, as the operating system counted it. */
export interface Used {
  readonly code: number;
  readonly cpuMs: number;
  readonly maxRssMiB: number;
  readonly stdout: string;
}

const meter = pathToFileURL(join(root, 'bench', 'meter.mjs')).href;
export const cli = join(root, 'dist', 'fairlead.js');

/** Runs `node ARGS` to its end and reads its own account of itself. @throws Error when it printed none */
export async function measured(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): Promise<Used> {
  const child = spawn(process.execPath, ['--import', meter, ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), LANG: 'C.UTF-8', ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const account = collect(child.stdio[3]);
  const output = collect(child.stdout);
  const [code] = (await once(child, 'close')) as [number | null];
  const { cpuMs, maxRssMiB } = JSON.parse(account.text()) as Pick<Used, 'cpuMs' | 'maxRssMiB'>;
  return { code: code ?? 1, cpuMs, maxRssMiB, stdout: output.text() };
}

function collect(stream: unknown): { readonly text: () => string } {
  const chunks: Buffer[] = [];
  (stream as NodeJS.ReadableStream | null)?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { text: () => Buffer.concat(chunks).toString('utf8') };
}

export interface Server<T> {
  /** What it said when it was ready. */
  readonly ready: T;
  /** Its next line of JSON, after it was given an empty one. */
  readonly ask: <A>() => Promise<A>;
  readonly stop: () => Promise<void>;
}

/** Starts a script of this folder that prints one JSON line when it is ready. */
export async function serve<T>(
  script: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<Server<T>> {
  const child = spawn(process.execPath, [...flags, join(root, 'bench', script), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const next = async (): Promise<unknown> => {
    const [line] = (await Promise.race([
      once(lines, 'line'),
      once(child, 'exit').then(() => {
        throw new Error(`${script} ended early`);
      }),
    ])) as [string];
    return JSON.parse(line);
  };
  return {
    ready: (await next()) as T,
    ask: async <A>() => {
      child.stdin.write('\n');
      return (await next()) as A;
    },
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** A folder that goes away afterwards. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-bench-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
