import { execFile, execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';

import { root } from '../../tools/files.ts';
import { built } from '../support/built.ts';
import { printWorkflow } from '../support/ci-workflows.ts';
import { startGitlab, type GitlabShape } from '../support/forge-shapes/gitlab-shape.ts';
import { startGitHttp } from '../support/git-http.ts';

const declaration = await readFile(
  join(root, 'examples/quick-start/declarations/coffee.yaml'),
  'utf8',
);
const edited = declaration.replaceAll(/M-\d+/g, 'M-88');

interface Ran {
  readonly code: number;
  readonly said: string;
}

interface Scene {
  readonly gitlab: GitlabShape;
  /** A merge request with a change of a declaration. @returns its number */
  readonly request: (isFork: boolean) => Promise<number>;
  /** The script of a printed job, with what GitLab sets; the program stands where `before_script` puts it. */
  readonly job: (name: string, variables?: Readonly<Record<string, string>>) => Promise<Ran>;
  readonly home: string;
}

interface Job {
  readonly variables: Readonly<Record<string, string>>;
  readonly script: readonly string[];
}

async function scene(): Promise<Scene> {
  const home = await mkdtemp(join(tmpdir(), 'fl-gitlab-'));
  const gitlab = await startGitlab();
  const git = await startGitHttp({
    root: join(home, 'served'),
    ...{ user: 'gitlab-ci-token', password: 'token-of-job' },
  });
  onTestFinished(async () => {
    await git.stop();
    await gitlab.close();
    await rm(home, { recursive: true, force: true });
  });
  const bare = join(home, 'served/wallets.git');
  const tree = join(home, 'tree');
  const program = join(home, 'program');
  const inTree = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', tree, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', bare]);
  execFileSync('git', ['init', '-q', '-b', 'main', tree]);
  await Promise.all([mkdir(program), mkdir(join(home, 'temp')), mkdir(join(home, 'project'))]);
  await cp(join(root, 'ci'), join(program, 'ci'), { recursive: true });
  await symlink(dirname(built().cli), join(program, 'dist'));
  await writeFile(join(tree, 'coffee.yaml'), declaration);
  inTree('add', '--all');
  inTree('commit', '-q', '-m', 'first');
  inTree('push', '-q', bare, 'main');
  const pipeline = parse(await printWorkflow('gitlab', { forks: true })) as Record<string, Job>;
  return {
    ...{ gitlab, home },
    request: async (isFork) => {
      const pull = gitlab.state.openPull({ isFork });
      await writeFile(join(tree, 'coffee.yaml'), edited);
      inTree('commit', '-q', '--all', '-m', 'change');
      pull.head = inTree('rev-parse', 'HEAD');
      inTree('push', '-q', bare, `HEAD:refs/merge-requests/${String(pull.number)}/head`);
      inTree('reset', '-q', '--hard', 'HEAD~1');
      return pull.number;
    },
    job: async (name, variables = {}) => {
      const { script = [], variables: own = {} } = pipeline[name] ?? {};
      const around = {
        ...{ PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: join(home, 'temp') },
        ...{ GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', program },
        ...{ GITLAB_CI: 'true', CI_SERVER_URL: `${gitlab.url}/gitlab` },
        ...{ CI_API_V4_URL: `${gitlab.url}/gitlab/api/v4`, CI_JOB_TOKEN: 'token-of-job' },
        ...{ CI_PROJECT_PATH: 'acme/shops/wallets', CI_PROJECT_URL: `${git.url}/wallets` },
        ...{ CI_DEFAULT_BRANCH: 'main', CI_PROJECT_DIR: join(home, 'project') },
        ...{ FAIRLEAD_FORGE_TOKEN: 'token-of-ours' },
      };
      const expanded = Object.fromEntries(
        Object.entries(own).map(([key, value]) => [
          key,
          value.replaceAll('$CI_PROJECT_DIR', around.CI_PROJECT_DIR),
        ]),
      );
      const env = { ...around, ...expanded, ...variables };
      return shell(script.join('\n'), env, join(home, 'project'));
    },
  };
}

function shell(script: string, env: Readonly<Record<string, string>>, cwd: string): Promise<Ran> {
  return new Promise((resolve) => {
    execFile('sh', ['-ec', script], { env, cwd }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), said: stdout + stderr });
    });
  });
}

describe('the jobs for GitLab', () => {
  it('comment on a merge request of the project, and leave the report of its lines', async () => {
    const on = await scene();
    const number = await on.request(false);

    const ran = await on.job('fairlead-review', {
      ...{ CI_MERGE_REQUEST_IID: String(number), CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main' },
    });

    expect(ran.code, ran.said).toBe(0);
    expect(on.gitlab.state.comments).toHaveLength(1);
    expect(on.gitlab.state.comments[0]?.body).toContain('coffee');
    expect(await readdir(join(on.home, 'project'))).toEqual(['fairlead-code-quality.json']);
    expect(await readdir(join(on.home, 'temp'))).toEqual([]);
    expect(ran.said).not.toContain('token-of');
    expect(on.gitlab.faults).toEqual([]);
  });

  it('look at every open request of a fork, and at no other, newest activity first', async () => {
    const on = await scene();
    await on.request(false);
    const forks = [await on.request(true), await on.request(true)];

    const ran = await on.job('fairlead-review-forks', { FAIRLEAD_AGAINST: 'declarations' });

    expect(ran.code, ran.said).toBe(0);
    expect(on.gitlab.faults).toEqual([]);
    expect(
      on.gitlab.state.comments.map(({ pull }) => pull),
      ran.said,
    ).toEqual(forks.toReversed());
  });

  it('review forks by nothing but the signed snapshot', async () => {
    const on = await scene();
    await on.request(true);

    const ran = await on.job('fairlead-review-forks', {
      FAIRLEAD_SETTINGS: 'apiVersion: fairlead.dev/v1alpha1',
    });

    expect(ran.code).toBe(1);
    expect(ran.said).toContain('FAIRLEAD_SNAPSHOT_PUBLIC_KEY');
    expect(on.gitlab.state.comments).toEqual([]);
  });
});

describe('the hook of pre-commit', () => {
  const hook = async (...args: readonly string[]): Promise<Ran> =>
    shell(
      `exec sh "$program/ci/pre-commit.sh" ${args.join(' ')}`,
      { PATH: process.env['PATH'] ?? '', program: await programFolder() },
      join(root, 'examples/many-wallets'),
    );

  async function programFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'fl-hook-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await cp(join(root, 'ci'), join(folder, 'ci'), { recursive: true });
    await symlink(dirname(built().cli), join(folder, 'dist'));
    return folder;
  }

  it.each([
    { name: 'declarations that are good', args: ['declarations'], code: 0, says: 'no problem' },
    { name: 'a file that is none', args: ['world.yaml'], code: 5, says: 'unknown-api-version' },
    { name: 'no folder at all', args: [], code: 1, says: 'args: [releases/]' },
  ])('judges $name', async ({ args, code, says }) => {
    const ran = await hook(...args);

    expect(ran.code).toBe(code);
    expect(ran.said).toContain(says);
  });
});
