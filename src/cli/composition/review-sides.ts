import {
  parseRepositorySettings,
  type LocatedSettings,
} from '../../core/lint/repository-settings.ts';
import type { AnyDocument } from '../../core/model/documents.ts';
import type { Problem } from '../../core/words/problems.ts';
import type { Declarations } from '../../ports/index.ts';
import { documentsOf, type ParsedFiles, type SourceFile } from '../../source/files.ts';
import { treePath, type Oid } from '../../source/git/strings.ts';
import { readTree } from '../../source/git/tree.ts';
import type { HeadLines } from '../../review/head-lines.ts';
import { releasesAtMost } from '../../review/expansion.ts';
import { strictProblems } from '../../review/strict-problems.ts';
import type { ReviewRules } from '../../core/kinds/repository-settings.ts';
import { strictRules } from '../../core/render/review-state.ts';
import type { DesiredProgram } from '../../core/model/desired.ts';
import { resolve, type Trust } from '../../core/resolve/resolve.ts';
import type { Locate } from '../../core/words/places.ts';
import { plainFiles } from '../../core/resolve/trust.ts';
import { CliError } from '../exit.ts';
import { systemClock } from '../system.ts';
import { declare, type Declared } from './declarations.ts';
import { deadlineMs, inCheckout, type Checkout, type Merged } from './review-merge.ts';

/** What is declared before and after a merge, each resolved whole under the administrator's grants. */
export interface ReviewSides {
  readonly before: Declared;
  readonly after: Declared;
  /** Paths of the files that differ between the base and the merge, as problems name them. */
  readonly touched: ReadonlySet<string>;
  /** Lines of the branch's own files, where the merge left others; else undefined. */
  readonly headLines: HeadLines | undefined;
  readonly programsAt: ProgramsAt;
  /** What fails a review, as the base has it: a pull request does not judge itself. */
  readonly rules: ReviewRules;
  /** The pull request changes how strictly its own declarations are judged. */
  readonly changesLint: boolean;
}

/**
 * What another commit declares, under the same grants; files that stood in one of the others are not parsed again.
 *
 * @param most  release keys that it may come to beyond those of our own sides
 * @returns undefined where it comes to more: nothing is resolved then; `more`: how many there are beyond ours, at most
 */
type ProgramsAt = (
  at: Checkout,
  commit: Oid,
  most: number,
) => Promise<{ readonly programs: readonly DesiredProgram[]; readonly more: number } | undefined>;

export interface SidesWanted {
  /** As the tree of a commit knows them; none is everything. */
  readonly paths: readonly string[];
  /** Where the working directory stands in its checkout, with a slash at its end. */
  readonly prefix: string;
  readonly trust: Trust;
  readonly source: string | undefined;
  /** Which files count; undefined: all outside of folders whose names begin with a dot. */
  readonly isWanted?: ((path: string) => boolean) | undefined;
}

/** Reads objects alone: the work tree, which may hold anything, is never looked at. */
export async function readReviewSides(
  checkout: Checkout,
  merged: Merged,
  wanted: SidesWanted,
): Promise<ReviewSides> {
  // Most files are the same on both sides: they are parsed once.
  const parsed = new Map<string, readonly AnyDocument[]>();
  const known: ParsedFiles = {
    get: (blob) => parsed.get(blob),
    put: (blob, documents) => parsed.set(blob, documents),
  };
  const reading = { checkout, merged, wanted, known };
  const before = await readSide(reading, merged.base.commit);
  const most = releasesAtMost(before.declared.sources) + mostNew;
  const after = await readSide({ ...reading, most }, merged.tree);
  const changesLint = before.lintText !== after.lintText;
  const own = Math.max(...[before, after].map(({ declared }) => releasesAtMost(declared.sources)));
  return {
    before: before.declared,
    after: changesLint ? await strictly(before, after) : after.declared,
    touched: await touchedFiles(checkout, merged),
    headLines: await headLinesOf({ checkout, merged, wanted, known }),
    programsAt: async (at, commit, most) => {
      const { variables = {} } = at;
      const there = { checkout: at, merged: { ...merged, variables }, wanted, known };
      const { sources } = await declarationsAt(there, commit).load(at.signal);
      const more = Math.max(0, releasesAtMost(sources) - own);
      if (more > most) return undefined;
      return { programs: resolve(sources, wanted.trust, noLocate).programs, more };
    },
    rules: rulesOf(before),
    changesLint,
  };
}

/** What is declared after the merge, judged by the settings of both sides. */
async function strictly(before: Side, after: Side): Promise<Declared> {
  const { problems } = await after.judgedBy(before.declared.repository);
  return { ...after.declared, problems: strictProblems(after.declared.problems, problems) };
}

async function touchedFiles(
  checkout: Checkout,
  { base, tree, variables }: Merged,
): Promise<ReadonlySet<string>> {
  const args = [
    'diff-tree',
    '-r',
    '-z',
    '--name-only',
    '--no-renames',
    '--no-relative',
    base.commit,
    tree,
  ];
  const text = await inCheckout({ ...checkout, variables }, args);
  return new Set(text.split('\0').filter((path) => path !== ''));
}

/** Nobody reads where the wishes of other branches stand. */
const noLocate: Locate = () => ({ file: '', line: 1, column: 1 });

function rulesOf({ declared, lintText }: Side): ReviewRules {
  const isUnreadable = lintText !== '' && declared.repository === undefined;
  return isUnreadable ? strictRules : (declared.repository?.review ?? {});
}

async function headLinesOf(reading: Reading): Promise<HeadLines | undefined> {
  const { merged, wanted, checkout } = reading;
  if (merged.tree === merged.head.commit) return undefined;
  const { commit } = merged.head;
  const paths = wanted.paths.length === 0 ? [''] : wanted.paths;
  const of = { commit, paths, wanted: wanted.isWanted ?? outsideDotFolders };
  const files = await filesAt(reading, of, checkout.signal);
  const bytes = new Map(
    files.flatMap((file) => (file.kind === 'bytes' ? [[file.file, file.bytes] as const] : [])),
  );
  return (file) => {
    const found = bytes.get(file);
    return found && Buffer.from(found).toString('utf8').split(/\r?\n/);
  };
}

interface Reading {
  readonly checkout: Checkout;
  readonly merged: Merged;
  readonly wanted: SidesWanted;
  readonly known: ParsedFiles;
  /** Release keys that it may come to; absent: what the base declares is the team's own. */
  readonly most?: number;
}

interface Side {
  readonly declared: Declared;
  readonly lintText: string;
  /** The same under other settings. */
  readonly judgedBy: (
    settings: LocatedSettings | undefined,
    problems?: readonly Problem[],
  ) => Promise<Declared>;
}

const lintFile = '.fairlead.yaml';

/** Release keys that a pull request may bring: a stranger's must not take all the memory of a controller. */
const mostNew = 50_000;

async function readSide(reading: Reading, commit: Oid): Promise<Side> {
  const { checkout, wanted } = reading;
  const bytes = await lintBytes(reading, commit);
  const { settings, problems } = lintOf(bytes);
  const judgedBy: Side['judgedBy'] = async (repository, repositoryProblems = []) =>
    declare(
      {
        declarations: declarationsAt(reading, commit),
        trust: wanted.trust,
        ...{ repository, repositoryProblems, clock: systemClock },
      },
      checkout.signal,
    );
  const lintText = bytes === undefined ? '' : Buffer.from(bytes).toString('base64');
  return { declared: await judgedBy(settings, problems), lintText, judgedBy };
}

function lintOf(bytes: Uint8Array | undefined): {
  readonly settings: LocatedSettings | undefined;
  readonly problems: readonly Problem[];
} {
  return bytes === undefined
    ? { settings: undefined, problems: [] }
    : parseRepositorySettings(lintFile, bytes);
}

function declarationsAt(reading: Reading, commit: Oid): Declarations {
  const { wanted } = reading;
  return {
    async load(signal) {
      const paths = wanted.paths.length === 0 ? [''] : wanted.paths;
      const files = await filesAt(
        reading,
        { commit, paths, wanted: wanted.isWanted ?? outsideDotFolders },
        signal,
      );
      // Both sides count as written now: 24 hours to upload a version begin with the merge.
      const since = systemClock.wall();
      const frame = { source: wanted.source ?? plainFiles, since };
      const sources = [documentsOf(files, frame, reading.known)];
      if (releasesAtMost(sources) > (reading.most ?? Infinity)) throw tooMany();
      return { sources };
    },
  };
}

function tooMany(): CliError {
  return new CliError(
    'TooManyReleases',
    `the pull request brings more than ${mostNew.toLocaleString('en')} release records: releases times standing targets`,
    { nextStep: 'split it into several pull requests, or let releases select fewer environments' },
  );
}

async function lintBytes(reading: Reading, commit: Oid): Promise<Uint8Array | undefined> {
  const path = `${reading.wanted.prefix}${lintFile}`;
  const wanted = { commit, paths: [path], wanted: (found: string) => found === path };
  const [file] = await filesAt(reading, wanted, reading.checkout.signal);
  return file?.kind === 'bytes' ? file.bytes : undefined;
}

interface FilesWanted {
  readonly commit: Oid;
  readonly paths: readonly string[];
  readonly wanted: (path: string) => boolean;
}

async function filesAt(
  { checkout: { git, directory }, merged: { variables } }: Reading,
  { commit, paths, wanted }: FilesWanted,
  signal: AbortSignal,
): Promise<readonly SourceFile[]> {
  const place = { directory, commit, deadlineMs, variables, below: paths.map(treePath), wanted };
  return readTree(git, place, signal);
}

function outsideDotFolders(path: string): boolean {
  return path
    .split('/')
    .slice(0, -1)
    .every((part) => !part.startsWith('.'));
}
