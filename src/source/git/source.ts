import picomatch from 'picomatch';
import type { GitSource } from '../../core/kinds/index.ts';
import type { Declarations } from '../../ports/index.ts';
import { documentsOf } from '../files.ts';
import { commitTime, fetchCommit, openMirror, resolveRef, type Followed } from './mirror.ts';
import { openParsed } from './parsed.ts';
import type { Git } from './run.ts';
import { refName, remoteUrl, treePath } from './strings.ts';
import { readTree } from './tree.ts';

export interface GitSourceOptions {
  /** The GitSource's name: the trust domain of what is read. */
  readonly name: string;
  readonly spec: GitSource['spec'];
  /** Where mirrors live. */
  readonly stateDirectory: string;
  readonly git: Git;
  readonly allowFileUrls: boolean;
  /** Names the program that parses, so that a restart need not parse again; absent, nothing is kept. */
  readonly stamp?: string;
}

const defaultDeadlineSeconds = 60;

/**
 * Declarations of one Git source: one `ls-remote`, a shallow fetch where the commit is new, and its blobs.
 *
 * @throws ReconcileError `SettingsInvalid` at once, for a URL, ref or path that is refused
 */
export function createGitSource(options: GitSourceOptions): Declarations {
  const { git, spec, name, stateDirectory } = options;
  const followed = followedOf(options);
  const below = [treePath(spec.path ?? '')];
  const wanted = filterOf(spec);

  return {
    async load(signal) {
      const mirror = await openMirror(git, stateDirectory, followed, signal);
      const commit = await resolveRef(git, mirror, signal);
      await fetchCommit(git, mirror, commit, signal);
      const place = { directory: mirror.directory, commit, deadlineMs: followed.deadlineMs };
      const files = await readTree(git, { ...place, below, wanted }, signal);
      const since = await commitTime(git, place, signal);
      const known =
        options.stamp === undefined ? undefined : await openParsed(mirror.directory, options.stamp);
      const documents = documentsOf(files, { source: name, commit, since }, known);
      await known?.save();
      return { sources: [documents] };
    },
  };
}

function followedOf({ spec, allowFileUrls }: GitSourceOptions): Followed {
  const { branch = 'main', tag } = spec.ref ?? {};
  return {
    url: remoteUrl(spec.url, allowFileUrls),
    ref: tag === undefined ? refName('heads', branch) : refName('tags', tag),
    deadlineMs: (spec.timeoutSeconds ?? defaultDeadlineSeconds) * 1000,
  };
}

/** Patterns match paths below `path`, so that moving the folder changes no pattern. */
function filterOf({ path = '', include, exclude }: GitSource['spec']): (file: string) => boolean {
  const prefix = treePath(path) === '' ? '' : `${treePath(path)}/`;
  const options = { dot: true, nonegate: true, noextglob: true };
  const isIncluded = include ? picomatch([...include], options) : () => true;
  const isExcluded = exclude ? picomatch([...exclude], options) : () => false;
  return (file) => {
    const relative = file.slice(prefix.length);
    return isIncluded(relative) && !isExcluded(relative) && !inDotFolder(relative);
  };
}

/** The same rule as for directories: `.github` and the like hold no declarations. */
function inDotFolder(path: string): boolean {
  return path
    .split('/')
    .slice(0, -1)
    .some((part) => part.startsWith('.'));
}
