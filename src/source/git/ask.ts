import { compareBuild, Range, SemVer } from 'semver';
import { ReconcileError } from '../../core/words/errors.ts';
import type { GitSource } from '../../core/kinds/git-source.ts';
import type { Access } from './access.ts';
import type { Git } from './run.ts';
import { oid, quoted, refName, type Oid, type RefName, type RemoteUrl } from './strings.ts';

/** What of a repository is followed: one ref, or the greatest version in a range. */
export type Wanted =
  | { readonly kind: 'ref'; readonly ref: RefName; readonly shown: string }
  | { readonly kind: 'range'; readonly range: Range; readonly shown: string };

/** What the remote says now. */
export interface Found {
  readonly commit: Oid;
  /** The annotated tag that names the commit. */
  readonly tagObject?: Oid;
  /** The full name of the ref. */
  readonly name: string;
}

/** @throws ReconcileError `SettingsInvalid` */
export function wantedOf(ref: GitSource['spec']['ref'] = {}): Wanted {
  const { branch, tag, semver } = ref;
  if ([branch, tag, semver].filter((each) => each !== undefined).length > 1) {
    throw new ReconcileError('SettingsInvalid', 'ref of the GitSource names more than one', {
      nextStep: 'give exactly one of branch, tag and semver',
    });
  }
  if (semver !== undefined) return { kind: 'range', range: rangeOf(semver), shown: semver };
  if (tag !== undefined) {
    const name = refName('tags', tag);
    return { kind: 'ref', ref: name, shown: name };
  }
  return { kind: 'ref', ref: refName('heads', branch ?? 'main'), shown: branch ?? 'main' };
}

function rangeOf(text: string): Range {
  try {
    return new Range(text);
  } catch {
    throw new ReconcileError(
      'SettingsInvalid',
      `ref.semver ${quoted(text)} is no range of versions`,
      {
        nextStep: 'give a range like ">=1.4 <2" or "^2.0.0"',
      },
    );
  }
}

/**
 * What is followed, as the remote names it now, by one `ls-remote`. A tag object counts as the commit it names.
 *
 * @throws ReconcileError `SourceUnavailable`, also when there is no such ref
 */
export async function askRemote(
  git: Git,
  call: {
    readonly url: RemoteUrl;
    readonly directory: string;
    readonly deadlineMs: number;
    readonly access: Access;
  },
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Found> {
  const { url, directory, deadlineMs, access } = call;
  const patterns = wanted.kind === 'ref' ? [wanted.ref, `${wanted.ref}^{}`] : ['refs/tags/*'];
  const args = ['ls-remote', '--quiet', '--', url, ...patterns];
  const { variables, hidden } = access;
  const outside = { ...variables, GIT_DIR: directory };
  const output = await git.text(
    { directory, args, deadlineMs, variables: outside, hidden },
    signal,
  );
  return choose(output, wanted);
}

function choose(output: string, wanted: Wanted): Found {
  const listed = new Map(
    output
      .split('\n')
      .map((each) => each.split('\t'))
      .map(([id = '', name = '']) => [name, id]),
  );
  // A pattern of ls-remote matches the end of a name; only the very name counts.
  const name = wanted.kind === 'ref' ? wanted.ref : greatest(listed.keys(), wanted.range);
  const id = name === undefined ? undefined : listed.get(name);
  if (name === undefined || id === undefined) throw missing(wanted);
  const peeled = listed.get(`${name}^{}`);
  return peeled === undefined
    ? { name, commit: oid(id) }
    : { name, commit: oid(peeled), tagObject: oid(id) };
}

/** `1.2.3` or `v1.2.3`, nothing looser. Equal versions: the name that sorts last, so that the choice is always the same. */
const versionTag = /^refs\/tags\/v?(\d[0-9A-Za-z.+-]*)$/;

function greatest(names: Iterable<string>, range: Range): string | undefined {
  const versions = [...names].flatMap((name) => {
    const version = versionOf(versionTag.exec(name)?.[1]);
    return version && range.test(version) ? [{ name, version }] : [];
  });
  const sorted = versions.toSorted(
    (a, b) => compareBuild(a.version, b.version) || (a.name < b.name ? -1 : 1),
  );
  return sorted.at(-1)?.name;
}

function versionOf(text: string | undefined): SemVer | undefined {
  try {
    return text === undefined ? undefined : new SemVer(text);
  } catch {
    return undefined;
  }
}

function missing(wanted: Wanted): ReconcileError {
  if (wanted.kind === 'range') {
    const range = quoted(wanted.shown);
    return new ReconcileError(
      'SourceUnavailable',
      `the repository has no tag with a version in ${range}`,
      {
        nextStep: 'push a tag like v1.2.3, or correct ref of the GitSource',
      },
    );
  }
  return new ReconcileError('SourceUnavailable', `the repository has no ${wanted.ref}`, {
    nextStep:
      'correct ref of the GitSource, or push the branch; what was read before stays in force',
  });
}
