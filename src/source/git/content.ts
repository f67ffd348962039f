import { join } from 'node:path';
import picomatch from 'picomatch';
import type { GitSource } from '../../core/kinds/git-source.ts';
import { digestOf } from '../../core/words/digests.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { SourceDocuments } from '../../core/model/documents.ts';
import { documentsOf } from '../files.ts';
import type { DatedCommit } from './commits.ts';
import { ownerOf, variablesOf, type Mirror } from './mirror.ts';
import { openParsed } from './parsed.ts';
import type { Git } from './run.ts';
import { oid, quoted, treePath, type TreePath } from './strings.ts';
import { isInTree, readTree, type CommitPlace } from './tree.ts';

/** What of a commit is read. */
export interface Content {
  /** The source's name. */
  readonly source: string;
  readonly below: readonly TreePath[];
  readonly wanted: (path: string) => boolean;
  /** Names the program that parses, so that a restart need not parse again; absent, nothing is kept. */
  readonly stamp: string | undefined;
}

/** @throws ReconcileError `SettingsInvalid` for a path that leaves the tree */
export function contentOf(
  source: string,
  spec: GitSource['spec'],
  stamp: string | undefined,
): Content {
  return { source, below: [treePath(spec.path ?? '')], wanted: filterOf(spec), stamp };
}

/** Tells what is read of a commit from what else could be; empty: all of it. */
export function readsOf({ path, include, exclude }: GitSource['spec']): string {
  if (!path && !include && !exclude) return '';
  return digestOf(JSON.stringify([treePath(path ?? ''), include, exclude])).slice(0, 16);
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

/** What is kept of what a source's files parse to; beside the mirror, so that it goes with it. */
export function parsedFileOf(source: string): string {
  return `fairlead-parsed-${ownerOf(source)}.json`;
}

/** @throws ReconcileError `SourceUnavailable`; `SettingsInvalid` for a path that the commit does not have */
export async function readContent(
  mirror: Mirror,
  { source, below, wanted, stamp }: Content,
  { id, at }: DatedCommit,
  signal: AbortSignal,
): Promise<SourceDocuments> {
  const { git, directory, deadlineMs } = mirror;
  const place = { directory, commit: oid(id), deadlineMs, variables: variablesOf(mirror) };
  const files = await readTree(git, { ...place, below, wanted }, signal);
  if (files.length === 0) await refuseMissing(git, { ...place, below }, signal);
  const known =
    stamp === undefined
      ? undefined
      : await openParsed(join(directory, parsedFileOf(source)), stamp);
  const documents = documentsOf(files, { source, commit: id, since: at }, known);
  await known?.save();
  return documents;
}

/**
 * A folder that is not there is most often a mistake of the settings, or a folder that was renamed: taken for one without
 * declarations, it would let go of every program. Git keeps no empty folder.
 */
async function refuseMissing(
  git: Git,
  place: CommitPlace & Pick<Content, 'below'>,
  signal: AbortSignal,
): Promise<void> {
  for (const path of place.below) {
    if (await isInTree(git, { ...place, path }, signal)) continue;
    const where = `${quoted(path)} does not exist in commit ${place.commit.slice(0, 12)}`;
    throw new ReconcileError('SettingsInvalid', `path ${where}`, {
      nextStep:
        'correct path of the GitSource, or push the folder with a declaration in it; what was read before stays in force',
    });
  }
}
