import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server of the control plane, while it runs. */
export interface Running {
  readonly name: string;
  readonly pid: number;
  /** Why it is not running any more, or `undefined`. */
  ended(): string | undefined;
  /** The last lines it said. */
  lastWords(): Promise<string>;
  /** SIGTERM, and SIGKILL after the given time. Twice is as good as once. */
  stop(graceMs: number): Promise<void>;
}

/*
 * The shell becomes the server itself; what it leaves in the background ends the server when our end of its input
 * closes without a word, which is how the end of a test process looks that could not clean up. It outlives what ends
 * the whole group at once: a server may take a minute over a SIGTERM, or for ever where its storage is gone.
 */
const withoutOrphans =
  'exec 3<&0; (trap "" HUP INT TERM; read -r word <&3 || kill -9 $$) & exec 3<&-; exec "$@" </dev/null';

/** Starts a program that ends with this process at the latest; what it says goes to a file. */
export function startServer(name: string, command: readonly string[], log: string): Running {
  const output = openSync(log, 'a');
  const child = spawn('/bin/sh', ['-c', withoutOrphans, name, ...command], {
    stdio: ['pipe', output, output],
  });
  closeSync(output);
  let end: string | undefined;
  const gone = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      end = error.message;
      resolve();
    });
    child.once('exit', (code, signal) => {
      end = `${name} ended: ${signal ?? `code ${code ?? 0}`}`;
      dismiss(child);
      resolve();
    });
  });
  return {
    name,
    pid: child.pid ?? 0,
    ended: () => end,
    async lastWords() {
      const said = await readFile(log, 'utf8');
      return said.trim().split('\n').slice(-5).join('\n');
    },
    async stop(graceMs) {
      if (end !== undefined) return;
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await gone;
      clearTimeout(late);
    },
  };
}

/** The background half of `withoutOrphans` has nothing to do any more. */
function dismiss(child: ChildProcess): void {
  const { stdin } = child;
  if (stdin === null || stdin.destroyed || stdin.writableEnded) return;
  stdin.on('error', () => undefined);
  stdin.end('done\n');
}

/** As many ports of the loopback as asked for that nobody listens on. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(
    servers.map(async (server) => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(
    servers.map(async (server) => {
      server.close();
      await once(server, 'close');
    }),
  );
  return ports;
}

/**
 * Asks again and again until there is an answer.
 *
 * @throws Error  with the last words of the server that ended, or of the first one when time is up
 */
export async function untilReady<T>(
  ask: () => Promise<T | undefined>,
  servers: readonly Running[],
  deadlineMs: number,
): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    const dead = servers.find((server) => server.ended() !== undefined);
    const late = performance.now() > end ? servers[0] : undefined;
    const failed = dead ?? late;
    if (failed !== undefined) {
      const why = dead?.ended() ?? `${failed.name} is not ready after ${deadlineMs} ms`;
      throw new Error(`${why}\n${await failed.lastWords()}`);
    }
    await sleep(100);
  }
}
