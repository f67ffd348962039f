import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Git } from '../../source/git/run.ts';
import { isOid, oid, revisionName, type Oid } from '../../source/git/strings.ts';
import { CliError } from '../exit.ts';

/** A commit with what people see of it. */
export interface SeenCommit {
  /** As it was given on the command line. */
  readonly revision: string;
  readonly commit: Oid;
  readonly author: string;
}

/** What merging would make, as objects: of the checkout, and of a folder that goes away. */
export interface Merged {
  readonly base: SeenCommit;
  readonly head: SeenCommit;
  readonly mergeBase: Oid;
  /** A tree, or the commit itself where there is nothing to merge. */
  readonly tree: Oid;
  /** Files that both sides changed and Git cannot join; `tree` is then head as it is. */
  readonly conflicts: readonly string[];
  /** Lets git see the objects that were made. */
  readonly variables: Readonly<Record<string, string>>;
}

/** A repository whose objects are read: a checkout, or a bare mirror. */
export interface Checkout {
  readonly git: Git;
  /** Where git runs; relative paths are seen from here. */
  readonly directory: string;
  /** Where the directory stands in its checkout, with a slash at its end; empty at the top, and in a mirror. */
  readonly prefix: string;
  /** Settings below it are refused: whoever opens a pull request can write there. Undefined in a mirror. */
  readonly top: string | undefined;
  /** Of every call of git: which repository, and where else it has objects. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export const deadlineMs = 60_000;

/**
 * Both ends of a pull request, and the tree that merging it now would leave on the base.
 *
 * The tree is made beside the checkout's objects, in a folder of its own: nothing is written to the checkout.
 *
 * @throws CliError `RevisionNotFound`, `RevisionAmbiguous`, `MergeBaseNotFound`
 */
export async function withMerged<T>(
  checkout: Checkout,
  { base, head }: { readonly base: string; readonly head: string },
  use: (merged: Merged) => Promise<T>,
): Promise<T> {
  const ends = { base: await seen(checkout, base), head: await seen(checkout, head) };
  const mergeBase = await mergeBaseOf(checkout, ends);
  const { variables = {} } = checkout;
  const plain = { ...ends, mergeBase, tree: ends.head.commit, conflicts: [], variables };
  if (mergeBase === ends.base.commit) return use(plain);
  const objects = await mkdtemp(join(tmpdir(), 'fairlead-review-'));
  try {
    return await use({ ...plain, ...(await merge(checkout, ends, objects)) });
  } finally {
    await rm(objects, { recursive: true, force: true });
  }
}

type Ends = Pick<Merged, 'base' | 'head'>;

async function seen(checkout: Checkout, revision: string): Promise<SeenCommit> {
  const name = revisionName(revision);
  await refuseAmbiguous(checkout, name);
  const args = [
    'rev-list',
    '--max-count=1',
    '--no-commit-header',
    '--format=%H%n%an',
    `${name}^{commit}`,
    '--',
  ];
  try {
    const [commit = '', author = ''] = (await inCheckout(checkout, args)).split('\n');
    return { revision, commit: oid(commit), author };
  } catch (cause) {
    checkout.signal.throwIfAborted();
    throw new CliError('RevisionNotFound', `this checkout holds no revision ${revision}`, {
      cause,
      nextStep:
        'fetch it first: `git fetch origin BRANCH`; a deleted branch or a rebased head is gone, and the review of its new commit counts',
    });
  }
}

/**
 * Of a tag and a branch of one name git takes the tag, and whoever may push tags would choose what is reviewed.
 *
 * @see gitrevisions(7), `<refname>`
 * @throws CliError `RevisionAmbiguous`
 */
async function refuseAmbiguous(checkout: Checkout, revision: string): Promise<void> {
  const [name = ''] = revision.split(/[~^]|@\{/);
  if (name === '' || name.startsWith('refs/') || isOid(name)) return;
  const wanted = ['tags', 'heads', 'remotes'].map((kind) => `refs/${kind}/${name}`);
  const format = '--format=%(refname) %(*objectname) %(objectname)';
  const lines = (await inCheckout(checkout, ['for-each-ref', format, ...wanted])).split('\n');
  const found = lines.flatMap((line) => {
    const [ref = '', ...ids] = line.split(' ');
    // Of an annotated tag the commit it is of comes first.
    return wanted.includes(ref) ? [{ ref, id: ids.find((id) => id !== '') }] : [];
  });
  if (new Set(found.map(({ id }) => id)).size < 2) return;
  throw new CliError('RevisionAmbiguous', `${name} names more than one commit of this checkout`, {
    nextStep: `say which one is meant: ${found.map(({ ref }) => ref).join(' or ')}`,
  });
}

/** What git says there. @throws ReconcileError `SourceUnavailable` */
export async function inCheckout(
  { git, directory, variables = {}, signal }: Checkout,
  args: readonly string[],
): Promise<string> {
  return git.text({ directory, args, deadlineMs, variables }, signal);
}

async function mergeBaseOf(checkout: Checkout, { base, head }: Ends): Promise<Oid> {
  const ask = async (...args: readonly string[]): Promise<string> =>
    (await inCheckout(checkout, args)).trim();
  try {
    return oid(await ask('merge-base', base.commit, head.commit));
  } catch (cause) {
    checkout.signal.throwIfAborted();
    const isShallow = (await ask('rev-parse', '--is-shallow-repository')) === 'true';
    throw new CliError(
      'MergeBaseNotFound',
      isShallow
        ? `this checkout is shallow: the commit at which ${head.revision} left ${base.revision} is not in it`
        : `${base.revision} and ${head.revision} have no commit in common`,
      {
        cause,
        nextStep: isShallow
          ? 'fetch the history: `git fetch --unshallow origin`, or `fetch-depth: 0` of actions/checkout, or `GIT_DEPTH: "0"` in GitLab CI'
          : 'name the branch that the pull request goes to as --base',
      },
    );
  }
}

async function merge(
  checkout: Checkout,
  { base, head }: Ends,
  objects: string,
): Promise<Pick<Merged, 'tree' | 'conflicts' | 'variables'>> {
  const { git, directory, signal } = checkout;
  const variables = {
    ...(await besideObjects(checkout, objects)),
    // A filter of the checkout's own settings would be a program that runs.
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'merge.renormalize',
    GIT_CONFIG_VALUE_0: 'false',
  };
  const args = ['merge-tree', '--write-tree', '--stdin', '-z', '--name-only', '--no-messages'];
  const input = Buffer.from(`${base.commit} ${head.commit}\n`);
  const text = await mergeTree(async () =>
    git.text({ directory, args, deadlineMs, input, variables }, signal),
  );
  const [clean, tree = '', ...files] = text.split('\0');
  if (clean === '1') return { tree: oid(tree), conflicts: [], variables };
  return {
    tree: head.commit,
    conflicts: files.filter((file) => file !== ''),
    variables: checkout.variables ?? {},
  };
}

/** Lets git write new objects into a folder of its own, and see those that are there. */
export async function besideObjects(
  checkout: Checkout,
  folder: string,
): Promise<Readonly<Record<string, string>>> {
  const where = ['rev-parse', '--path-format=absolute', '--git-path', 'objects'];
  const own = (await inCheckout(checkout, where)).replace(/\n$/, '');
  const others = checkout.variables?.['GIT_ALTERNATE_OBJECT_DIRECTORIES'];
  return {
    ...checkout.variables,
    GIT_OBJECT_DIRECTORY: folder,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: others === undefined ? own : `${own}:${others}`,
  };
}

async function mergeTree(run: () => Promise<string>): Promise<string> {
  try {
    return await run();
  } catch (cause) {
    throw new CliError(
      'MergeFailed',
      'git could not merge the two revisions to see what would be left',
      {
        cause,
        nextStep:
          'use Git 2.39 or newer, or merge or rebase the branch onto its base and try again',
      },
    );
  }
}
