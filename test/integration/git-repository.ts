import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { systemClock } from '../../src/cli/system.ts';
import type { GitSource } from '../../src/core/kinds/index.ts';
import type { ChangeId } from '../../src/core/model/plan.ts';
import type { SourceDocuments } from '../../src/core/model/documents.ts';
import type { FollowedSource, SourceCommit } from '../../src/ports/controller.ts';
import { createGit, type Git } from '../../src/source/git/run.ts';
import { followGit, type FollowOptions } from '../../src/source/git/follow.ts';

export const never = new AbortController().signal;
/** No approvals. */
export const nobody: ReadonlySet<ChangeId> = new Set();
export const environment = { path: process.env['PATH'] ?? '', home: '/nonexistent' };

/** A work tree and the bare repository it pushes to, new for each test. */
export interface Repository {
  readonly root: string;
  readonly work: string;
  readonly remote: string;
  git(...args: readonly string[]): string;
  put(path: string, content: string | Buffer): Promise<void>;
  /** Commits everything and pushes it. @returns the commit */
  commit(how?: CommitHow): string;
  /** A source that follows the repository, as a process that just started. */
  follow(spec?: Partial<GitSource['spec']>, more?: Partial<FollowOptions>): FollowedSource;
  load(spec?: Partial<GitSource['spec']>, stamp?: string): Promise<Loaded>;
  /** The one mirror of the state directory. */
  mirror(): string;
}

export interface CommitHow {
  /** Committer's time, seconds since 1970. */
  readonly at?: number;
  /** `Name <address>` */
  readonly author?: string;
  readonly message?: string;
}

interface Loaded extends SourceDocuments {
  readonly names: readonly string[];
  readonly rules: readonly (readonly [string, string])[];
}

export function createTestGit(): Git {
  return createGit({ environment, clock: systemClock, allowFileUrls: true });
}

/** What a look brings. Anything else than a change fails the test. */
export async function changed(
  source: FollowedSource,
  allowed: readonly string[] = [],
): Promise<SourceCommit> {
  const look = await source.look(new Set(allowed as ChangeId[]), never);
  if (look.kind !== 'changed') throw new Error(`the look was ${look.kind}`);
  return look.source;
}

export function program(name: string): string {
  return `apiVersion: fairlead.dev/v1alpha1\nkind: MiniProgram\nmetadata: { name: ${name} }\nspec: { workspace: acme, id: "3500020208396321" }\n`;
}

/** To be called at the top of a test file. */
export function useRepository(): Repository {
  const at = { root: '', work: '', remote: '' };
  beforeEach(async () => {
    at.root = await mkdtemp(join(tmpdir(), 'fairlead-git-'));
    at.work = join(at.root, 'work');
    at.remote = join(at.root, 'remote.git');
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', at.remote]);
    execFileSync('git', ['init', '--quiet', '--initial-branch=main', at.work]);
    git('remote', 'add', 'origin', at.remote);
  });
  afterEach(async () => {
    await rm(at.root, { recursive: true, force: true });
  });

  function git(...args: readonly string[]): string {
    return execFileSync('git', ['-C', at.work, ...args], { encoding: 'utf8' }).trim();
  }

  function follow(
    spec: Partial<GitSource['spec']> = {},
    more: Partial<FollowOptions> = {},
  ): FollowedSource {
    return followGit({
      name: 'team',
      spec: { url: `file://${at.remote}`, ...spec },
      stateDirectory: join(at.root, 'state'),
      git: createTestGit(),
      clock: systemClock,
      allowFileUrls: true,
      ...more,
    });
  }

  return {
    get root() {
      return at.root;
    },
    get work() {
      return at.work;
    },
    get remote() {
      return at.remote;
    },
    git,
    async put(path, content) {
      await mkdir(join(at.work, path, '..'), { recursive: true });
      await writeFile(join(at.work, path), content);
    },
    commit({ at: seconds, author, message = 'change' } = {}) {
      git('add', '--all');
      const by = author === undefined ? [] : [`--author=${author}`];
      execFileSync(
        'git',
        ['-C', at.work, 'commit', '--quiet', '--allow-empty', '--message', message, ...by],
        {
          env: {
            ...process.env,
            ...(seconds === undefined ? {} : { GIT_COMMITTER_DATE: `@${seconds} +0000` }),
          },
        },
      );
      git('push', '--quiet', '--force', 'origin', 'HEAD');
      return git('rev-parse', 'HEAD');
    },
    follow,
    async load(spec, stamp) {
      const source = follow(spec, stamp === undefined ? {} : { stamp });
      const { documents: found } = await changed(source);
      return {
        ...found,
        names: found.documents.map(({ name }) => name),
        rules: found.problems.map(({ rule, origin }) => [
          rule,
          origin && 'file' in origin ? origin.file : '',
        ]),
      };
    },
    mirror: () =>
      spawnSync('sh', ['-c', `echo "${at.root}"/state/git/*`], { encoding: 'utf8' }).stdout.trim(),
  };
}
