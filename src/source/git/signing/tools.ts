import { spawn } from 'node:child_process';
import { ReconcileError } from '../../../core/words/errors.ts';
import type { Clock } from '../../../ports/index.ts';

/** The programs that judge signatures, and how a person gets them. */
const packages = { gpg: 'gnupg', 'ssh-keygen': 'openssh-client' } as const;

export interface ToolCall {
  readonly tool: keyof typeof packages;
  /** Fixed words and names of files that we made. */
  readonly args: readonly string[];
  readonly directory: string;
  readonly input?: Uint8Array;
}

export interface ToolResult {
  readonly code: number;
  /** Standard output alone: what a tool says to people is not for us. */
  readonly output: string;
}

/** Runs gpg and ssh-keygen, which know nothing of the process they run for, not even its home. */
export interface Tools {
  /** @throws ReconcileError `SourceUnavailable` when the tool cannot be started; the signal's reason when it is aborted */
  run(call: ToolCall, signal: AbortSignal): Promise<ToolResult>;
  /**
   * Gives the work a signal that ends with the deadline, and everything run under it too.
   *
   * @throws ReconcileError `SourceUnavailable` when the deadline passed first
   */
  within<T>(
    deadlineMs: number,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T>;
}

export interface ToolOptions {
  /** Where the tools are looked for. */
  readonly path: string;
  readonly clock: Clock;
}

/** Dates that carry no zone are read as UTC, on every machine alike. */
const fixed = { LC_ALL: 'C', TZ: 'UTC', HOME: '/nonexistent' };

export function createTools({ path, clock }: ToolOptions): Tools {
  return {
    run: (call, signal) => run(call, { ...fixed, PATH: path }, signal),
    async within(deadlineMs, signal, work) {
      const over = new AbortController();
      const both = AbortSignal.any([signal, over.signal]);
      const finished = new AbortController();
      const deadline = clock.sleep(deadlineMs, finished.signal).then(
        () => over.abort(timedOut(deadlineMs)),
        () => undefined,
      );
      try {
        both.throwIfAborted();
        return await work(both);
      } finally {
        finished.abort();
        await deadline;
      }
    },
  };
}

function timedOut(deadlineMs: number): ReconcileError {
  return new ReconcileError(
    'SourceUnavailable',
    `signatures could not be verified within ${deadlineMs / 1000} s`,
    {
      nextStep: 'wait: the next look goes on from there; or raise timeoutSeconds of the GitSource',
    },
  );
}

/** Most a tool may say; more than any honest answer. */
const maxOutputBytes = 8 * 1024 * 1024;

async function run(
  call: ToolCall,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ToolResult> {
  signal.throwIfAborted();
  const result = await ended(call, env, signal);
  signal.throwIfAborted();
  return result;
}

function ended(
  { tool, args, directory, input }: ToolCall,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(tool, args, {
      cwd: directory,
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
      signal,
      killSignal: 'SIGKILL',
    });
    const chunks: Buffer[] = [];
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.byteLength;
      if (bytes > maxOutputBytes) child.kill('SIGKILL');
      else chunks.push(chunk);
    });
    // A tool that ended early has its say through its exit code.
    child.stdin.on('error', () => undefined);
    // An aborted tool reports an error too; what counts then is that it is gone.
    child.on('error', (cause) => {
      if (child.pid === undefined) reject(notStarted(tool, cause));
    });
    child.on('close', (code) => {
      resolve({ code: code ?? -1, output: Buffer.concat(chunks).toString('utf8') });
    });
    child.stdin.end(input);
  });
}

function notStarted(tool: ToolCall['tool'], cause: Error): ReconcileError {
  return new ReconcileError(
    'SourceUnavailable',
    `signatures cannot be verified: ${tool} cannot be started`,
    { cause, nextStep: `install ${packages[tool]}, and see that ${tool} is on the PATH` },
  );
}
