import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ReconcileError } from '../../core/words/errors.ts';
import { keyFolderPrefix, withAccess, type Access, type GitCredentials } from './access.ts';
import { dropRefs, inMirror, type Mirror, mirrorName, ownerOf } from './mirror.ts';
import { dropLeftovers } from './leftovers.ts';
import { makeParent, repairing } from './repairing.ts';
import { type Git, isLate } from './run.ts';
import { isOid, oid, quoted, refName, remoteUrl, type Oid, type RemoteUrl } from './strings.ts';

/** A pull request as its head is fetched. */
export interface PullHead {
  readonly number: number;
  /** `refs/pull/7/head`, `refs/merge-requests/7/head`. */
  readonly fetchRef: string;
  readonly commit: string;
}

export interface PullRepositoryOptions {
  /** Of the GitSource. */
  readonly source: string;
  readonly url: RemoteUrl;
  readonly branch: string;
  readonly stateDirectory: string;
  readonly git: Git;
  readonly deadlineMs: number;
  readonly credentials: () => Promise<GitCredentials>;
  readonly caFile?: string;
}

/**
 * Objects of pull requests: a bare repository of a source, with the whole history of its branch and of every open head.
 *
 * It is not the mirror from which declarations are acted on. That one is shallow, and where a branch was left needs
 * history; and what strangers push never lies where what is believed lies.
 */
export interface PullRepository {
  readonly directory: string;
  /**
   * Brings the branch and these heads, and forgets all others. Heads that are gone are left out.
   *
   * @returns where the branch stands now
   * @throws ReconcileError `SourceUnavailable`, `LocalFailure`
   */
  bring(heads: readonly PullHead[], signal: AbortSignal): Promise<Oid>;
  /** Brings these too, and forgets nothing. */
  add(head: PullHead, signal: AbortSignal): Promise<void>;
}

/** Every `gc` takes time; single objects of that many fetches cost less. */
const fetchesPerTidying = 200;

/** @throws ReconcileError `SettingsInvalid` for a branch that no ref can have */
export function openPullRepository(options: PullRepositoryOptions): PullRepository {
  const { source, url, git, deadlineMs, stateDirectory, branch } = options;
  const parent = pullsOf(stateDirectory);
  const directory = join(parent, folderName(source, url));
  const mirror: Mirror = { git, url, directory, deadlineMs };
  const { credentials, caFile } = options;
  const reaching = {
    ...{ url, credentials, keyDirectory: parent },
    ...(caFile === undefined ? {} : { caFile }),
  };
  const base = `+${refName('heads', branch)}:refs/remotes/origin/${branch}`;
  let fetches = 0;
  /** By number: a commit that did not come in time. It is tried again for its review, and not at every look. */
  const late = new Map<number, string>();

  async function within<T>(work: (access: Access) => Promise<T>, signal: AbortSignal): Promise<T> {
    await makeParent(parent);
    return git.alone(directory, () =>
      withAccess(reaching, (access) => repairing(mirror, () => work(access), signal)),
    );
  }

  async function fetched(
    refs: readonly string[],
    access: Access,
    signal: AbortSignal,
  ): Promise<void> {
    const options = [
      // Not quiet: simple-git waits a while after a command that says nothing.
      '--no-progress',
      ...['--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'],
      '--no-auto-maintenance',
    ];
    try {
      await inMirror(mirror, ['fetch', ...options, '--', url, ...refs], signal, { access });
    } catch (error) {
      await dropLeftovers(directory);
      throw error;
    }
    fetches += 1;
  }

  /** A ref that is gone fails the whole fetch: then each is asked for by itself. */
  async function fetchEach(
    heads: readonly PullHead[],
    access: Access,
    signal: AbortSignal,
  ): Promise<void> {
    for (const head of heads) {
      late.delete(head.number);
      try {
        await fetched([refspecOf(head)], access, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ReconcileError)) throw error;
        if (isLate(error)) late.set(head.number, head.commit);
      }
    }
  }

  async function bring(
    heads: readonly PullHead[],
    access: Access,
    signal: AbortSignal,
  ): Promise<Oid> {
    const known = await knownHeads(mirror, signal);
    const wanted = heads.filter(
      ({ number, commit }) =>
        known.get(keepingRef(number)) !== commit && late.get(number) !== commit,
    );
    const refs = wanted.map(refspecOf);
    try {
      await fetched([base, ...refs], access, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ReconcileError) || refs.length === 0) throw error;
      await fetched([base], access, signal);
      await fetchEach(wanted, access, signal);
    }
    const numbers = new Set(heads.map(({ number }) => number));
    for (const number of late.keys()) if (!numbers.has(number)) late.delete(number);
    const open = new Set(heads.map(({ number }) => keepingRef(number)));
    await dropRefs(
      mirror,
      [...known.keys()].filter((ref) => !open.has(ref)),
      signal,
    );
    if (fetches >= fetchesPerTidying) {
      fetches = 0;
      await inMirror(mirror, ['gc', '--prune=now', '--quiet'], signal);
    }
    const tip = ['rev-parse', '--verify', `refs/remotes/origin/${branch}^{commit}`];
    return oid((await inMirror(mirror, tip, signal)).trim());
  }

  return {
    directory,
    bring: (heads, signal) => within((access) => bring(heads, access, signal), signal),
    add: (head, signal) =>
      within(async (access) => {
        const known = await knownHeads(mirror, signal);
        if (known.get(keepingRef(head.number)) === head.commit) return;
        await fetchEach([head], access, signal);
      }, signal),
  };
}

/**
 * What no source has reviewed any more goes; for the start, before anything is fetched. Never throws. A URL that is refused
 * has no repository.
 */
export async function prunePullRepositories(
  stateDirectory: string,
  reviewed: readonly {
    readonly source: string;
    readonly url: string;
    readonly allowFileUrls: boolean;
  }[],
): Promise<void> {
  const parent = pullsOf(stateDirectory);
  const names = new Set(reviewed.map((one) => folderOf(one)));
  for (const entry of await readdir(parent).catch(() => []))
    if ((ownFolder.test(entry) || entry.startsWith(keyFolderPrefix)) && !names.has(entry))
      await rm(join(parent, entry), { recursive: true, force: true }).catch(() => undefined);
}

function folderOf({
  source,
  url,
  allowFileUrls,
}: {
  readonly source: string;
  readonly url: string;
  readonly allowFileUrls: boolean;
}): string | undefined {
  try {
    return folderName(source, remoteUrl(url, allowFileUrls));
  } catch {
    return undefined;
  }
}

function pullsOf(stateDirectory: string): string {
  return join(stateDirectory, 'pulls');
}

/** A name that comes to mean another repository starts empty. */
function folderName(source: string, url: RemoteUrl): string {
  return `${ownerOf(source)}.${mirrorName(url)}`;
}

/** Anything else in the folder is not ours. */
const ownFolder = /^[0-9a-f]{16}\.[A-Za-z0-9_-]{22}$/;

const keptPrefix = 'refs/fairlead/pull/';

function keepingRef(number: number): string {
  return `${keptPrefix}${String(number)}`;
}

const pullRef = /^refs\/(?:pull|merge-requests)\/[1-9]\d{0,9}\/head$/;

/** @throws ReconcileError `SourceUnavailable`: the forge named a ref that holds no head of a pull request */
function refspecOf({ number, fetchRef }: PullHead): string {
  if (pullRef.test(fetchRef) && Number.isSafeInteger(number) && number > 0)
    return `+${fetchRef}:${keepingRef(number)}`;
  throw new ReconcileError(
    'SourceUnavailable',
    `${quoted(fetchRef)} is no ref of a pull request's head`,
  );
}

async function knownHeads(
  mirror: Mirror,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const list = ['for-each-ref', '--format=%(refname) %(objectname)', keptPrefix];
  const lines = (await inMirror(mirror, list, signal)).split('\n').filter(Boolean);
  return new Map(
    lines.flatMap((line) => {
      const [ref = '', id = ''] = line.split(' ');
      return isOid(id) ? [[ref, id] as const] : [];
    }),
  );
}
