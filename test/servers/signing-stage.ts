import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { systemClock } from '../../src/cli/system.ts';
import { ReconcileError } from '../../src/core/words/errors.ts';
import { epochMs, type EpochMs } from '../../src/core/words/time.ts';
import { createGit } from '../../src/source/git/run.ts';
import { verifySignatures, type VerifyOptions } from '../../src/source/git/signatures.ts';
import { refusals, type Refusal } from '../../src/source/git/signing/verdicts.ts';
import { oid } from '../../src/source/git/strings.ts';

/** How a commit or tag of a test is signed; nothing is not at all. */
export type Signing =
  | { readonly gpg: string; readonly time?: string; readonly options?: readonly string[] }
  | { readonly ssh: string };

/** Who commits when, where it matters. */
export interface CommitOptions {
  readonly sign?: Signing;
  /** `2026-01-31T00:00:00Z` */
  readonly at?: string;
}

/** A repository with real keys; made once for a test file. */
export interface Stage {
  readonly work: string;
  git(args: readonly string[], env?: Readonly<Record<string, string>>): string;
  gpg(args: readonly string[], input?: string): string;
  /** @param expires  as gpg takes it, such as `never` or `2d`  @returns the fingerprint */
  gpgKey(name: string, options?: { readonly time?: string; readonly expires?: string }): string;
  gpgRevoke(fingerprint: string): void;
  /** Public keys, armored. */
  gpgExport(...fingerprints: readonly string[]): string;
  /** @returns the path of the private key */
  sshKey(name: string, type?: readonly string[]): string;
  /** `ssh-ed25519 AAAA...` */
  sshPublic(path: string): string;
  commit(options?: CommitOptions): string;
  merge(branch: string, options?: CommitOptions): string;
  tag(name: string, options?: CommitOptions): string;
  /** A new branch without anything before it, and a first commit. @returns that commit */
  fresh(): string;
  object(type: 'commit' | 'tag', content: string | Buffer): string;
  /** @returns an armored SSH signature of the content for another namespace than Git's */
  sshSign(path: string, namespace: string, content: string): string;
  verify(options: Asked): Promise<Said>;
}

export type Asked = Omit<
  VerifyOptions,
  'git' | 'directory' | 'head' | 'base' | 'tagObject' | 'deadlineMs' | 'now'
> & {
  readonly head: string;
  readonly base?: string;
  readonly tagObject?: string;
  readonly directory?: string;
  readonly deadlineMs?: number;
  readonly now?: EpochMs;
  readonly path?: string;
};

/** `good`, or what was thrown: its code, and the commit it names. */
export interface Said {
  readonly verdict: string;
  readonly message: string;
}

export const never = new AbortController().signal;
const identity = {
  GIT_AUTHOR_NAME: 'Ada Author',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Cem Committer',
  GIT_COMMITTER_EMAIL: 'cem@example.com',
};

/** What it says names the commit or tag, the first that is wrong, and why. */
export function refusing(name: string | undefined, why?: Refusal): Said {
  const what = why === undefined ? [] : [refusals[why].what];
  const shown = [(name ?? 'nothing').slice(0, 12), ...what].join('.*');
  return { verdict: 'SourceRefused', message: expect.stringMatching(new RegExp(shown)) as string };
}

/** A branch of its own: a first commit that nobody signed, then these. */
export function historyOf(
  stage: Stage,
  signings: readonly (Signing | undefined)[],
): { readonly base: string; readonly ids: readonly string[]; readonly head: string } {
  const base = stage.fresh();
  const ids = signings.map((sign) => stage.commit(sign === undefined ? {} : { sign }));
  return { base, ids, head: ids.at(-1) ?? base };
}

/** To be called at the top of a test file; what is made before the first test lives as long as the file. */
export function useStage(objectFormat: 'sha1' | 'sha256' = 'sha1'): Stage {
  const root = mkdtempSync(join(tmpdir(), 'fl-sign-'));
  const [work, home] = [join(root, 'work'), join(root, 'gnupg')];
  const env = { ...process.env, ...identity, GNUPGHOME: home };
  let count = 0;

  beforeAll(() => {
    mkdirSync(home, { mode: 0o700 });
    execFileSync('git', [
      ...['init', '--quiet', '--initial-branch=main', `--object-format=${objectFormat}`],
      work,
    ]);
  });
  afterAll(() => {
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']);
    rmSync(root, { recursive: true, force: true });
  });

  const run = (
    program: string,
    args: readonly string[],
    more: {
      readonly env?: Readonly<Record<string, string>>;
      readonly input?: string | Buffer;
    } = {},
  ): string =>
    execFileSync(program, [...args], {
      encoding: 'utf8',
      cwd: root,
      env: { ...env, ...more.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(more.input === undefined ? {} : { input: more.input }),
    }).trim();
  const git = (args: readonly string[], extra: Readonly<Record<string, string>> = {}): string =>
    run('git', ['-C', work, ...args], { env: extra });
  const gpg = (args: readonly string[], input?: string): string =>
    run('gpg', ['--batch', '--quiet', '--no-tty', '--passphrase', '', ...args], {
      ...(input === undefined ? {} : { input }),
    });

  /** Words before the command of git. */
  const settingsOf = (sign: Signing | undefined): readonly string[] => {
    if (sign === undefined) return [];
    if ('ssh' in sign) return ['-c', 'gpg.format=ssh', '-c', `user.signingKey=${sign.ssh}`];
    const program = join(root, `gpg-${(count += 1)}`);
    const time = sign.time === undefined ? '' : `--faked-system-time ${sign.time}`;
    writeFileSync(program, `#!/bin/sh\nexec gpg ${time} ${sign.options?.join(' ') ?? ''} "$@"\n`);
    chmodSync(program, 0o755);
    return ['-c', `gpg.program=${program}`, '-c', `user.signingKey=${sign.gpg}!`];
  };
  const dated = (at: string | undefined): Readonly<Record<string, string>> =>
    at === undefined ? {} : { GIT_COMMITTER_DATE: at, GIT_AUTHOR_DATE: at };
  const flag = (sign: Signing | undefined, word: string): readonly string[] =>
    sign === undefined ? [] : [word];

  const stage: Stage = {
    work,
    git,
    gpg,
    gpgKey(name, { time, expires = 'never' } = {}) {
      const at = time === undefined ? [] : ['--faked-system-time', time];
      const id = `${name} <${name}@example.com>`;
      const output = gpg([
        ...[...at, '--status-fd', '1'],
        ...['--quick-generate-key', id, 'ed25519', 'sign', expires],
      ]);
      return /KEY_CREATED P ([0-9A-F]{40})/.exec(output)?.[1] ?? '';
    },
    gpgRevoke(fingerprint) {
      const made = readFileSync(join(home, 'openpgp-revocs.d', `${fingerprint}.rev`), 'utf8');
      // gpg puts a colon there, so that nobody imports it by mistake.
      gpg(['--import'], made.replace(':-----BEGIN', '-----BEGIN'));
    },
    gpgExport: (...fingerprints) => gpg(['--armor', '--export', ...fingerprints]),
    sshKey(name, type = ['-t', 'ed25519']) {
      const path = join(root, name);
      run('ssh-keygen', ['-q', ...type, '-N', '', '-C', '', '-f', path]);
      return path;
    },
    sshPublic: (path) => readFileSync(`${path}.pub`, 'utf8').trim(),
    commit({ sign, at } = {}) {
      const message = ['-m', `change ${(count += 1)}`, '--allow-empty', '--quiet'];
      git([...settingsOf(sign), 'commit', ...message, ...flag(sign, '-S')], dated(at));
      return git(['rev-parse', 'HEAD']);
    },
    merge(branch, { sign, at } = {}) {
      const how = ['--no-ff', '--quiet', '--no-edit', ...flag(sign, '-S')];
      git([...settingsOf(sign), 'merge', ...how, branch], dated(at));
      return git(['rev-parse', 'HEAD']);
    },
    tag(name, { sign, at } = {}) {
      const args = [flag(sign, '-s')[0] ?? '-a', '-m', 'a tag', name];
      git([...settingsOf(sign), 'tag', ...args], dated(at));
      return git(['rev-parse', `refs/tags/${name}`]);
    },
    fresh() {
      git(['switch', '--quiet', '--orphan', `branch-${(count += 1)}`]);
      return stage.commit();
    },
    object: (type, content) =>
      run('git', ['-C', work, 'hash-object', '-w', '--literally', '-t', type, '--stdin'], {
        input: content,
      }),
    sshSign: (path, namespace, content) =>
      run('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', path], { input: content }),
    verify: (asked) => verify(work, asked),
  };
  return stage;
}

async function verify(work: string, asked: Asked): Promise<Said> {
  const { head, base, tagObject, path, ...rest } = asked;
  const git = createGit({
    environment: { path: path ?? process.env['PATH'] ?? '', home: '/nonexistent' },
    clock: systemClock,
    allowFileUrls: true,
  });
  try {
    await verifySignatures(
      {
        git,
        directory: join(work, '.git'),
        deadlineMs: 120_000,
        now: epochMs(Date.now()),
        ...rest,
        head: oid(head),
        base: base === undefined ? undefined : oid(base),
        ...(tagObject === undefined ? {} : { tagObject: oid(tagObject) }),
      },
      never,
    );
    return { verdict: 'good', message: '' };
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    return { verdict: error.code, message: `${error.message}; ${error.nextStep ?? ''}` };
  }
}
