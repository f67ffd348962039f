import { accessSync, constants } from 'node:fs';
import { channel } from 'node:diagnostics_channel';
import type { ChildProcess } from 'node:child_process';
import { simpleGit, type SimpleGit } from 'simple-git';
import { ReconcileError } from '../../core/words/errors.ts';
import type { Clock } from '../../ports/index.ts';
import { createTools, type Tools } from './signing/tools.ts';
import { sshCommand } from './access.ts';
import { noRoom, type Room, watchRoom } from './room.ts';
import { told } from './telling.ts';

/** What git may know of the process it runs in; nothing else of its environment reaches it. */
export interface GitEnvironment {
  readonly path: string;
  /** Where ssh finds its keys and known hosts. Git's own settings there are not read. */
  readonly home?: string;
  readonly sshAuthSock?: string;
  /** Variables of curl and git by name: a proxy, and whom to trust. A GitSource with authorities of its own trusts those. */
  readonly https?: Readonly<Record<string, string>>;
}

export interface GitOptions {
  readonly environment: GitEnvironment;
  readonly clock: Clock;
  readonly allowFileUrls: boolean;
  /** What one mirror may take, and all of an untrusted namespace together. Default 512 MiB. */
  readonly mirrorBytes?: number;
}

const defaultMirrorBytes = 512 * 1024 * 1024;

export interface GitCall {
  /** An existing directory: a mirror, a checkout, or any for a call that needs no repository. */
  readonly directory: string;
  /** Fixed words and values that passed a constructor of `strings.ts`. */
  readonly args: readonly string[];
  /** What git reads from standard input. */
  readonly input?: Buffer;
  readonly deadlineMs: number;
  /** Variables of this call alone: how it reaches a remote. Never seen by `ps`. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What no message may show, whatever a server sends back. */
  readonly hidden?: readonly string[];
  /** Git is ended when it is passed. */
  readonly room?: Room;
}

/** Runs git with fixed settings. @throws ReconcileError `SourceUnavailable`; the signal's reason when it is aborted */
export interface Git {
  text(call: GitCall, signal: AbortSignal): Promise<string>;
  /** Output of `cat-file`, as bytes. */
  objects(call: Omit<GitCall, 'args'>, signal: AbortSignal): Promise<Buffer>;
  /** What judges signatures; git itself is never asked, for its settings and its one letter say too little. */
  readonly tools: Tools;
  /** Works on one repository after the other: two that share a mirror never change it at once. */
  alone<T>(directory: string, work: () => Promise<T>): Promise<T>;
  /** See `GitOptions.mirrorBytes`. */
  readonly mirrorBytes: number;
}

/** Settings that stand before every command; what the repository or its owner set is overruled. */
const config = [
  'protocol.version=2',
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'credential.helper=',
  'gc.auto=0',
  'maintenance.auto=false',
  'fetch.writeCommitGraph=false',
  // Larger ones go to disk as they come: not into memory first, and where the watch over a mirror's room sees them.
  'core.bigFileThreshold=1m',
  'http.followRedirects=false',
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=30',
  // Only plumbing that reads objects runs here; whose files they are is no danger to it.
  'safe.directory=*',
];

function environmentOf({ environment, allowFileUrls }: GitOptions): Record<string, string> {
  return {
    PATH: environment.path,
    ...(environment.home === undefined ? {} : { HOME: environment.home }),
    ...(environment.sshAuthSock === undefined ? {} : { SSH_AUTH_SOCK: environment.sshAuthSock }),
    ...environment.https,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/false',
    GIT_SSH_COMMAND: sshCommand({}),
    GIT_ALLOW_PROTOCOL: allowFileUrls ? 'https:ssh:file:http' : 'https:ssh',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_LITERAL_PATHSPECS: '1',
  };
}

/** The one place that starts git. */
export function createGit(options: GitOptions): Git {
  const binary = groupLeader(options.environment.path);
  const common = environmentOf(options);
  const start = (call: Omit<GitCall, 'args'>, group: Group): SimpleGit => {
    const env = { ...common, ...call.variables };
    return simpleGit({
      baseDir: call.directory,
      binary,
      config,
      allowEnvironment: Object.keys(env).filter((name) => name.startsWith('GIT_')),
      unsafe: {
        allowUnsafeConfigPaths: true,
        allowUnsafeAskPass: true,
        allowUnsafeSshCommand: true,
        allowUnsafeHooksPath: true,
        allowUnsafeFsMonitor: true,
        allowUnsafeCredentialHelper: true,
        allowUnsafeConfigEnvCount: true,
      },
      // Alone, simple-git takes a failure that printed nothing for a success: a killed git, or a quiet one.
      errors: (error, { exitCode, stdErr }) =>
        error ??
        (exitCode === 0 ? undefined : new Error(Buffer.concat(stdErr).toString() || 'no reason')),
      input: () => {
        group.claim();
        return call.input;
      },
    }).env(env);
  };
  const queues = new Map<string, Promise<unknown>>();

  return {
    mirrorBytes: options.mirrorBytes ?? defaultMirrorBytes,
    tools: createTools({ path: options.environment.path, clock: options.clock }),
    alone: (directory, work) => {
      const turn = (queues.get(directory) ?? Promise.resolve()).then(work);
      // Only that it is over is kept, not what it brought.
      const over = turn.then(
        () => undefined,
        () => undefined,
      );
      queues.set(directory, over);
      return turn;
    },
    text: (call, signal) =>
      within(call, { clock: options.clock, signal }, (group) =>
        start(call, group).raw(...call.args),
      ),
    objects: (call, signal) =>
      within(call, { clock: options.clock, signal }, async (group) => {
        const output: unknown = await start(call, group).binaryCatFile(['--batch']);
        if (!Buffer.isBuffer(output)) throw new TypeError('cat-file gave no bytes');
        return output;
      }),
  };
}

/**
 * `setsid` makes git the leader of a process group of its own, so that a deadline ends its helpers too: ssh or
 * git-remote-https would outlive it. Where there is no setsid, git alone is ended, and its helpers by their own limits.
 */
function groupLeader(path: string): ['setsid', 'git'] | ['git'] {
  const found = path.split(':').some((directory) => {
    try {
      accessSync(`${directory}/setsid`, constants.X_OK);
      return directory !== '';
    } catch {
      return false;
    }
  });
  return found ? ['setsid', 'git'] : ['git'];
}

/** The process group of one call. */
interface Group {
  /** To be called right after the spawn, in the same turn: takes the process that was made last. */
  claim(): void;
  kill(): void;
  release(): void;
}

function watchGroup(): Group {
  const created = channel('child_process');
  let last: ChildProcess | undefined;
  let own: ChildProcess | undefined;
  const remember = (message: unknown): void => {
    if (isCreation(message)) last = message.process;
  };
  created.subscribe(remember);
  return {
    claim() {
      own = last;
      // A git that ended early would otherwise break us with EPIPE; its exit code tells the story.
      own?.stdin?.on('error', () => undefined);
    },
    kill() {
      if (own?.pid === undefined) return;
      try {
        process.kill(-own.pid, 'SIGKILL');
      } catch {
        own.kill('SIGKILL');
      }
    },
    release() {
      created.unsubscribe(remember);
    },
  };
}

function isCreation(message: unknown): message is { readonly process: ChildProcess } {
  return typeof message === 'object' && message !== null && 'process' in message;
}

interface Limits {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

async function within<T>(
  call: Omit<GitCall, 'args'>,
  { clock, signal }: Limits,
  work: (group: Group) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const group = watchGroup();
  const over = new AbortController();
  let why: ReconcileError | undefined;
  const end = (reason: ReconcileError): void => {
    why ??= reason;
    group.kill();
  };
  const deadline = clock.sleep(call.deadlineMs, over.signal).then(
    () => end(timedOut(call.deadlineMs)),
    () => undefined,
  );
  const { room } = call;
  const watched = room && watchRoom(room, { clock, signal: over.signal }, () => end(noRoom(room)));
  const stop = (): void => group.kill();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await work(group);
  } catch (error) {
    signal.throwIfAborted();
    throw why ?? told(error, call.hidden ?? []);
  } finally {
    signal.removeEventListener('abort', stop);
    over.abort();
    await Promise.all([deadline, watched]);
    group.release();
  }
}

/** The cause of an error that says nothing of repository or remote but that they were slow. */
const deadlinePassed = new Error('the deadline has passed');

export function isLate({ cause }: ReconcileError): boolean {
  return cause === deadlinePassed;
}

function timedOut(deadlineMs: number): ReconcileError {
  return new ReconcileError(
    'SourceUnavailable',
    `git did not finish within ${deadlineMs / 1000} s and was ended`,
    {
      cause: deadlinePassed,
      nextStep: 'see whether the Git server answers, or raise timeoutSeconds of the GitSource',
    },
  );
}
