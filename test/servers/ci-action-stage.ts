import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';

import { root } from '../../tools/files.ts';
import { built } from '../support/built.ts';
import { startGithub, type GithubShape } from '../support/forge-shapes/github-shape.ts';
import { startGitHttp, type GitHttp } from '../support/git-http.ts';

const run = promisify(execFile);
const token = 'token-of-ours';

interface Ran {
  readonly code: number | null;
  readonly said: string;
}

/** A repository on a small GitHub, and the action of this checkout beside it, as a runner has it. */
export interface ActionStage {
  readonly github: GithubShape;
  /** Commits files on a branch of the repository, from `from`; a file of undefined is removed. */
  readonly commit: (
    branch: string,
    from: string,
    files: Readonly<Record<string, string>>,
  ) => Promise<string>;
  /** Opens a pull request whose head is that commit. */
  readonly open: (commit: string, isFork?: boolean) => Promise<number>;
  /** Runs the action's steps as a runner does, but for the one that brings Node. */
  readonly action: (
    inputs: Readonly<Record<string, string>>,
    variables?: Readonly<Record<string, string>>,
  ) => Promise<Ran>;
  /** Every word of every git that ran, with its arguments. */
  readonly gitWords: () => Promise<string>;
  /** Where the runner keeps what lasts as long as a job. */
  readonly temp: string;
  readonly origin: string;
  readonly inRepository: (...args: readonly string[]) => Promise<string>;
  readonly git: GitHttp;
}

interface Step {
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

/** Removed when the test ends. */
export async function createActionStage(): Promise<ActionStage> {
  const home = await mkdtemp(join(tmpdir(), 'fl-action-'));
  const github = await startGithub();
  const origin = join(home, 'served/acme/wallets.git');
  const git = await startGitHttp({
    root: join(home, 'served'),
    ...{ user: 'x-access-token', password: token },
  });
  onTestFinished(async () => {
    await git.stop();
    await github.close();
    await rm(home, { recursive: true, force: true });
  });
  const { temp, action: actionDir, work, bin } = await folders(home);
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', origin]);
  await cp(join(root, 'ci'), join(actionDir, 'ci'), { recursive: true });
  await symlink(dirname(built().cli), join(actionDir, 'dist'));
  await writeFile(join(bin, 'git'), gitThatTells(home, await whichGit()), { mode: 0o755 });
  const inRepository = async (...args: readonly string[]): Promise<string> =>
    (await run('git', ['-C', origin, ...args])).stdout.trim();
  const commit: ActionStage['commit'] = async (branch, from, files) => {
    const tree = await mkdtemp(join(home, 'tree-'));
    await run('git', ['clone', '--quiet', origin, tree]);
    if (from !== '') await run('git', ['-C', tree, 'checkout', '--quiet', '-B', branch, from]);
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(tree, file)), { recursive: true });
      await writeFile(join(tree, file), text);
    }
    await run('git', ['-C', tree, 'add', '--all']);
    await run('git', ['-C', tree, 'commit', '--quiet', '--message', `change ${branch}`]);
    await run('git', ['-C', tree, 'push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`]);
    return (await run('git', ['-C', tree, 'rev-parse', 'HEAD'])).stdout.trim();
  };
  return {
    ...{ github, commit, temp, origin, inRepository, git },
    open: async (head, isFork = false) => {
      const pull = github.state.openPull({ isFork });
      pull.head = head;
      await inRepository('update-ref', `refs/pull/${String(pull.number)}/head`, head);
      return pull.number;
    },
    action: async (inputs, variables = {}) => {
      const path = `${bin}:${process.env['PATH'] ?? ''}`;
      const around = { PATH: path, HOME: home, ...gitQuiet, ...runner(github, actionDir, temp) };
      const own = { FAIRLEAD_GIT_URL: `${git.url}/acme/wallets.git`, ...variables };
      return runSteps({ inputs: { token, ...inputs }, variables: { ...around, ...own }, work });
    },
    gitWords: async () => readFile(join(home, 'git-words'), 'utf8').catch(() => ''),
  };
}

const gitQuiet = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

function runner({ url }: GithubShape, actionDir: string, temp: string) {
  return {
    ...{ GITHUB_ACTIONS: 'true', GITHUB_SERVER_URL: url, GITHUB_REPOSITORY: 'acme/wallets' },
    ...{ GITHUB_ACTION_PATH: actionDir, RUNNER_TEMP: temp },
  };
}

async function folders(home: string) {
  const named = {
    ...{ temp: join(home, 'temp'), action: join(home, 'action') },
    ...{ work: join(home, 'work'), bin: join(home, 'bin') },
  };
  await Promise.all(Object.values(named).map((folder) => mkdir(folder)));
  return named;
}

async function whichGit(): Promise<string> {
  return (await run('sh', ['-c', 'command -v git'])).stdout.trim();
}

function gitThatTells(home: string, git: string): string {
  return `#!/bin/sh\nprintf '%s\\n' "$*" >>'${home}/git-words'\nexec '${git}' "$@"\n`;
}

async function runSteps(job: {
  readonly inputs: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
  readonly work: string;
}): Promise<Ran> {
  const action = parse(await readFile(join(root, 'action.yml'), 'utf8')) as Action;
  const value = (name: string): string => {
    const given = job.inputs[name] ?? action.inputs[name]?.default ?? '';
    return given.includes('${{') ? '' : given;
  };
  const ran: Ran[] = [];
  for (const step of action.runs.steps) {
    if (step.run === undefined) continue;
    const env = Object.fromEntries(
      Object.entries(step.env ?? {}).map(([name, text]) => [
        name,
        text.replace(/^\$\{\{ inputs\.([\w-]+) \}\}$/, (_, input: string) => value(input)),
      ]),
    );
    ran.push(await shell(step.run, { ...env, ...job.variables }, job.work));
    if (ran.at(-1)?.code !== 0) break;
  }
  return { code: ran.at(-1)?.code ?? null, said: ran.map(({ said }) => said).join('') };
}

/** As a runner does it: `sh -e FILE`. */
async function shell(
  script: string,
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Ran> {
  const file = join(cwd, '..', 'step.sh');
  await writeFile(file, script);
  const child = spawn('sh', ['-e', file], { cwd, env });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, said: Buffer.concat(chunks).toString('utf8') });
    });
  });
}
