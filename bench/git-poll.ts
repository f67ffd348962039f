import { execFileSync } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../src/cli/system.ts';
import type { FollowedSource } from '../src/ports/controller.ts';
import { followGit } from '../src/source/git/follow.ts';
import { createGit } from '../src/source/git/run.ts';
import { startGitHttp, type GitHttp } from '../test/support/git-http.ts';
import { atMost, exactly, reference, type Measure, type Row } from './measure.ts';
import { inFolder, measured } from './process.ts';
import { root } from '../tools/files.ts';
import { smallFiles } from './town.ts';
import { writeFiles } from './town-served.ts';

const files = 1000;
const changes = [1, 10, 100];
const path = process.env['PATH'] ?? '';
const env = {
  PATH: path,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'bench',
  GIT_AUTHOR_EMAIL: 'bench@example.test',
  GIT_COMMITTER_NAME: 'bench',
  GIT_COMMITTER_EMAIL: 'bench@example.test',
};
const never = new AbortController().signal;

/** A repository on a real Git server, and the source that follows it. */
interface Stage {
  readonly work: string;
  readonly server: GitHttp;
  readonly source: FollowedSource;
}

/**
 * P10: what a look at a repository costs, counted at a real Git server: the names of its refs while nothing is new, and
 * for changed files what `git pack-objects --thin` makes of them.
 */
export const gitPoll: Measure = () =>
  inFolder(async (folder) => {
    const work = join(folder, 'work');
    const remote = join(folder, 'remote.git');
    await writeFiles(work, smallFiles(files));
    run(folder, ['init', '--quiet', '--bare', '--initial-branch=main', remote]);
    run(work, ['init', '--quiet', '--initial-branch=main']);
    run(work, ['remote', 'add', 'origin', remote]);
    const server = await startGitHttp({ root: folder });
    try {
      return await measure({ work, server, source: follow(server, folder) });
    } finally {
      await server.stop();
    }
  });

async function measure(stage: Stage): Promise<readonly Row[]> {
  let last = push(stage);
  const first = await fetched(stage);
  const rows: Row[] = [...(await unchanged(stage))];
  for (const count of changes) {
    for (const { name } of smallFiles(count))
      await appendFile(join(stage.work, name), `# ${last}\n`);
    const next = push(stage);
    const thin = thinPack(stage.work, last, next);
    const value = (await fetched(stage)) / thin;
    rows.push(
      atMost(
        1.5,
        row(`${count} of ${files} files changed: pack over the thin pack`, value, 'times'),
      ),
    );
    last = next;
  }
  return [...rows, reference(row(`the first look at ${files} files`, first / 1024, 'KiB'))];
}

function row(what: string, value: number, unit: string) {
  return { id: 'P10', what, value, unit };
}

async function unchanged({ server, source }: Stage): Promise<readonly Row[]> {
  server.forget();
  const look = await source.look(new Set(), never);
  if (look.kind !== 'unchanged') throw new Error(`the look was ${look.kind}`);
  const count = (wanted: string): number =>
    server.requests.filter(({ command }) => command === wanted).length;
  return [
    exactly(1, row('nothing changed: ls-remote', count('ls-refs'), 'requests')),
    exactly(0, row('nothing changed: packs', count('fetch'), 'packs')),
    reference(row('nothing changed: bytes of all answers', server.bytes(), 'bytes')),
  ];
}

/** Bytes of the packs that one look takes. */
async function fetched({ server, source }: Stage): Promise<number> {
  server.forget();
  const look = await source.look(new Set(), never);
  if (look.kind !== 'changed') throw new Error(`the look was ${look.kind}`);
  await source.completed(look.source.commit.id);
  return server.requests
    .filter(({ command }) => command === 'fetch')
    .reduce((sum, { packBytes }) => sum + packBytes, 0);
}

function follow({ url }: GitHttp, folder: string): FollowedSource {
  return followGit({
    name: 'bench',
    spec: { url: `${url}/remote.git` },
    stateDirectory: join(folder, 'state'),
    git: createGit({ environment: { path }, clock: systemClock, allowFileUrls: true }),
    clock: systemClock,
    allowFileUrls: true,
    stamp: 'bench',
  });
}

/** @returns the commit */
function push({ work }: Stage): string {
  run(work, ['add', '--all']);
  run(work, ['commit', '--quiet', '--message', 'change']);
  run(work, ['push', '--quiet', 'origin', 'main']);
  return run(work, ['rev-parse', 'HEAD']).toString().trim();
}

/** Bytes of what a client that has one commit must at least be sent to have another. */
function thinPack(work: string, from: string, to: string): number {
  const args = ['pack-objects', '--thin', '--stdout', '--revs', '--quiet', '--delta-base-offset'];
  return run(work, args, `${to}\n^${from}\n`).byteLength;
}

function run(directory: string, args: readonly string[], input = ''): Buffer {
  return execFileSync('git', ['-C', directory, ...args], { env, input });
}

const most = 40_000;

/** P6: memory of a look at the largest source that is read, at once and again from what was parsed before. */
export const gitLarge: Measure = () =>
  inFolder(async (folder) => {
    const work = join(folder, 'work');
    await writeFiles(work, smallFiles(most));
    run(work, ['init', '--quiet', '--initial-branch=main']);
    run(work, ['add', '--all']);
    run(work, ['commit', '--quiet', '--message', 'change']);
    const script = join(root, 'test', 'support', 'look-process.ts');
    const look = () => measured([script, `file://${work}`, join(folder, 'state')]);
    const [first, again] = [await look(), await look()];
    const largeRow = (what: string, value: number) => ({ id: 'P6', what, value, unit: 'MiB' });
    return [
      atMost(512, largeRow(`first look at ${most} files: peak resident memory`, first.maxRssMiB)),
      atMost(512, largeRow('the same after a restart', again.maxRssMiB)),
      reference({
        id: 'P4',
        what: 'look after a restart, CPU per 1,000 files',
        value: again.cpuMs / (most / 1000),
        unit: 'ms',
      }),
    ];
  });
