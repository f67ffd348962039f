import { execFileSync, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { expect, onTestFinished, vi } from 'vitest';

import type {
  ControllerStatus,
  ProgramStatus,
  SourceStatus,
} from '../../src/core/model/controller.ts';
import { startGitHttp, type GitHttp } from './git-http.ts';
import { loopbackTls } from './loopback-tls.ts';
import { createPlace, type EmulatorProcess, type Place, type Ran } from './cli.ts';
import { world as usualWorld } from './cli-world.ts';

/*
 * A controller as people run it: the built program, a platform in a process of its own, and a Git server that asks for a
 * password.
 */

export const gitPassword = 'canary-git-password';
const webhookSecret = 'canary-webhook-secret';

/** Long enough for a machine that does much else; what waits, waits for a condition. */
export const patient = { timeout: 30_000, interval: 50 };

/** A bare repository below the server's root, and the work tree a team commits in. */
export interface TeamRepository {
  readonly work: string;
  /** Replaces these files (undefined: deletes), commits and pushes. @returns the commit */
  commit(files: Readonly<Record<string, string | undefined>>, how?: CommitHow): Promise<string>;
  /** Replaces these files and stages that. */
  stage(files: Readonly<Record<string, string | undefined>>): Promise<void>;
  git(...args: readonly string[]): string;
}

interface CommitHow {
  readonly message?: string;
  readonly author?: string;
}

export async function createTeamRepository(place: Place, name: string): Promise<TeamRepository> {
  const bare = place.path(`git/${name}.git`);
  const work = place.path(`work/${name}`);
  await mkdir(work, { recursive: true });
  const options = { encoding: 'utf8', env: place.env, stdio: 'pipe' } as const;
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', work, ...args], options).trim();
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', bare], options);
  git('init', '-q', '-b', 'main');
  git('remote', 'add', 'origin', bare);
  const stage: TeamRepository['stage'] = async (files) => {
    for (const [file, text] of Object.entries(files)) {
      const path = join(work, file);
      await mkdir(dirname(path), { recursive: true });
      if (text === undefined) await rm(path, { force: true });
      else await writeFile(path, text);
    }
    git('add', '--all');
  };
  return {
    ...{ work, git, stage },
    async commit(files, { message = 'Change', author } = {}) {
      await stage(files);
      const by = author === undefined ? [] : [`--author=${author}`];
      git('commit', '-q', '--allow-empty', '-m', message, ...by);
      git('push', '-q', '--force', 'origin', 'main');
      return git('rev-parse', 'HEAD');
    },
  };
}

/** One line of the log, as JSON. */
export type LogLine = Readonly<Record<string, unknown>> & {
  readonly level: string;
  readonly msg: string;
};

export interface Controller {
  readonly child: ChildProcess;
  /** Everything on stderr so far. */
  readonly said: () => string;
  readonly log: () => readonly LogLine[];
  readonly url: () => string;
  readonly ended: Promise<Ran>;
  /** Ends it, and waits until it is gone. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<Ran>;
  readonly stateDir: string;
  readonly status: () => Promise<ControllerStatus>;
}

export interface StageOptions {
  readonly world?: string;
  /** Documents of the settings besides the connection; a function of where the Git server is. */
  readonly settings?: (git: GitHttp) => string;
  /** Fields of the connection's spec, as lines of YAML with two spaces before them. */
  readonly connection?: string;
}

export interface Stage {
  readonly place: Place;
  readonly platform: EmulatorProcess;
  readonly git: GitHttp;
  readonly team: TeamRepository;
  /** Starts a controller and waits until it serves. Without a name its state directory is `state`. */
  readonly controller: (how?: {
    readonly config?: string;
    readonly state?: string;
    readonly env?: Readonly<Record<string, string>>;
  }) => Promise<Controller>;
  /** Writes `fairlead.yaml` anew. */
  readonly configure: (settings: string, file?: string) => Promise<void>;
  /** Commands from a second terminal. */
  readonly tell: (...args: readonly string[]) => Promise<Ran>;
  /** Writes so far: `operation key`, in order. */
  readonly writes: () => Promise<readonly string[]>;
}

export const environmentOfController = { GIT_PASSWORD: gitPassword, HOOK: webhookSecret };

/** Looks so rarely that only a hint makes it look, and sweeps often. */
export function usualSettings(
  git: GitHttp,
  {
    lookSeconds = 86_400,
    sweepSeconds = 1,
    name = 'team',
    installation = 'default',
    timeoutSeconds = 5,
  } = {},
): string {
  return `apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: ${name} }
spec:
  url: ${git.url}/${name}.git
  intervalSeconds: ${String(lookSeconds)}
  timeoutSeconds: ${String(timeoutSeconds)}
  caFile: ca.pem
  credentials: { username: team, password: { env: GIT_PASSWORD } }
---
apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec:
  allowFileUrls: true
  installation: ${installation}
  intervals: { sweepSeconds: ${String(sweepSeconds)} }
  server:
    webhooks: [{ name: hook, form: generic, secret: { env: HOOK } }]
`;
}

/** Removed, with every process, when the test ends. */
export async function createStage(options: StageOptions = {}): Promise<Stage> {
  const place = await createPlace();
  const root = place.path('git');
  await mkdir(root, { recursive: true });
  const git = await startGitHttp({ root, user: 'team', password: gitPassword, tls: loopbackTls });
  await place.write('ca.pem', loopbackTls.cert);
  onTestFinished(() => git.stop());
  const team = await createTeamRepository(place, 'team');
  const platform = await place.emulator(options.world ?? usualWorld, [
    '--data',
    place.path('platform'),
  ]);
  const connection = `${(await place.read('connections.yaml')).trimEnd()}\n${options.connection ?? '  requestsPerSecond: 200'}\n`;
  const configure = async (settings: string, file = 'fairlead.yaml'): Promise<void> => {
    await place.write(file, `${connection}---\n${settings}`);
  };
  await configure((options.settings ?? usualSettings)(git));
  return {
    ...{ place, git, team, platform, configure },
    tell: (...args) => place.run([...args, '--state', 'state']),
    writes: async () =>
      (await platform.calls())
        .filter(({ operation }) => /^(create|patch)/.test(operation))
        .map(({ operation, key }) => `${operation} ${key}`),
    controller: ({ config = 'fairlead.yaml', state = 'state', env = {} } = {}) =>
      startController(place, {
        args: ['run', '--config', config, '--state', state, '--listen', '127.0.0.1:0'],
        env: { ...environmentOfController, ...env },
        stateDir: place.path(state),
      }),
  };
}

/** @throws with what it said, when it ends before it serves */
export async function startController(
  place: Place,
  {
    args,
    env,
    program,
    stateDir,
  }: {
    readonly args: readonly string[];
    readonly program?: readonly [string, ...string[]];
    readonly env: Readonly<Record<string, string>>;
    readonly stateDir: string;
  },
): Promise<Controller> {
  const chunks: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<ChildProcess>();
  const ended = place.run(args, {
    env,
    ...(program ? { program } : {}),
    during(child) {
      child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
      resolve(child);
    },
  });
  const child = await promise;
  const said = () => Buffer.concat(chunks).toString('utf8');
  const url = () => /serving (http:\S+)/.exec(said())?.[1] ?? '';
  let isOver = false;
  void ended.then(() => (isOver = true));
  while (url() === '') {
    if (isOver) throw new Error(`the controller ended: ${said()}`);
    await new Promise((done) => setTimeout(done, 20));
  }
  return {
    ...{ child, said, url, ended, stateDir },
    log: () =>
      said()
        .split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line) => JSON.parse(line) as LogLine),
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
    status: async () =>
      JSON.parse(await readFile(join(stateDir, 'status.json'), 'utf8')) as ControllerStatus,
  };
}

/** The one program that is declared, once it is so. */
export function programWhen(
  { status }: Pick<Controller, 'status'>,
  is: (program: ProgramStatus) => boolean,
): Promise<ProgramStatus> {
  return vi.waitFor(async () => {
    const found = (await status()).programs.find(is);
    expect(found, JSON.stringify((await status()).programs)).toBeDefined();
    return found!;
  }, patient);
}

export function sourceWhen(
  { status }: Pick<Controller, 'status'>,
  is: (source: SourceStatus) => boolean,
): Promise<SourceStatus> {
  return vi.waitFor(async () => {
    const found = (await status()).sources.find(is);
    expect(found, JSON.stringify((await status()).sources)).toBeDefined();
    return found!;
  }, patient);
}

/** The platform holds these words. */
export function worldWith({ platform }: Pick<Stage, 'platform'>, text: string): Promise<void> {
  return vi.waitFor(async () => {
    expect(await platform.world()).toContain(text);
  }, patient);
}

let deliveries = 0;

/** What a forge does after a push. @returns the answer's status */
export async function callWebhook(
  url: string,
  {
    body = '{}',
    secret = webhookSecret,
  }: { readonly body?: string; readonly secret?: string } = {},
): Promise<number> {
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  deliveries += 1;
  const response = await fetch(`${url}/webhooks/hook`, {
    method: 'POST',
    body,
    headers: { 'X-Signature-256': `sha256=${signature}`, 'X-Delivery': `d-${String(deliveries)}` },
  });
  await response.text();
  return response.status;
}
