import { isAbsolute, posix, relative, sep } from 'node:path';
import { createDirectory } from '../../source/directory.ts';
import { createRevision, parseRange } from '../../source/git/revision.ts';
import type { Git } from '../../source/git/run.ts';
import type { Declarations } from '../../ports/index.ts';
import { CliError } from '../exit.ts';
import type { Session } from '../session.ts';
import { systemClock } from '../system.ts';
import { readRepositorySettings } from './command-declarations.ts';
import { declare, type Declared } from './declarations.ts';
import { gitFor } from './git.ts';

/** Declarations before and after a change, resolved without any settings. */
export interface DiffSides {
  readonly before: Declared;
  readonly after: Declared;
}

interface Ends {
  readonly base: string;
  /** Undefined: the files as they are. */
  readonly head: string | undefined;
}

/**
 * Reads both ends of `BASE..HEAD`, or of `BASE..` and the files as they are.
 *
 * @throws CliError `Usage`; ReconcileError `SourceUnavailable` outside of a checkout, or for an unknown revision
 */
export async function readSides(
  session: Session,
  range: string,
  paths: readonly string[],
): Promise<DiffSides> {
  const { base, head } = endsOf(range);
  const directory = process.cwd();
  const git = gitFor(session, false);
  const wanted = paths.length === 0 ? ['.'] : paths;
  const prefix = await prefixOf(git, directory, session.signal);
  const inTree = wanted.map((path) => treePathOf(path, { directory, prefix }));
  const at = (revision: string): Declarations =>
    createRevision({ directory, revision, paths: inTree, source: 'cli', git });
  const files = (): Declarations =>
    createDirectory({ paths: wanted, source: 'cli', cwd: directory, readInput: refuseInput });
  const load = async (declarations: Declarations) => declareAlone(declarations, session.signal);
  const before = await load(at(base));
  const after = await load(head === undefined ? files() : at(head));
  if (paths.length > 0) refuseNothing([before, after], paths);
  return { before, after };
}

/** A path that neither end knows must not look like "nothing changes". */
export function refuseNothing(sides: readonly Declared[], paths: readonly string[]): void {
  const isEmpty = ({ sources, problems }: Declared): boolean =>
    problems.length === 0 &&
    sources.every(({ documents, invalid }) => documents.length + invalid.length === 0);
  if (!sides.every(isEmpty)) return;
  throw new CliError(
    'Usage',
    `nothing is declared in ${paths.join(', ')}, neither before nor after`,
    {
      nextStep: 'name files or folders as seen from the working directory',
    },
  );
}

function endsOf(range: string): Ends {
  const base = /^(.+[^.])\.\.$/.exec(range)?.[1];
  return base === undefined ? parseRange(range) : { base, head: undefined };
}

async function declareAlone(declarations: Declarations, signal: AbortSignal): Promise<Declared> {
  const { settings, problems } = readRepositorySettings(process.cwd());
  return declare(
    {
      declarations,
      trust: { order: [] },
      repository: settings,
      repositoryProblems: problems,
      clock: systemClock,
    },
    signal,
  );
}

const gitDeadlineMs = 10_000;

/** Where the working directory stands in its checkout: empty at the top, else with a slash at its end. */
export async function prefixOf(git: Git, directory: string, signal: AbortSignal): Promise<string> {
  const call = { directory, args: ['rev-parse', '--show-prefix'], deadlineMs: gitDeadlineMs };
  return (await git.text(call, signal)).replace(/\n$/, '');
}

/** A path of the working directory as the tree of a commit knows it. */
export function treePathOf(
  path: string,
  { directory, prefix }: { readonly directory: string; readonly prefix: string },
): string {
  if (path === '-') {
    throw new CliError('Usage', 'standard input has no revisions', {
      nextStep: 'name files or folders of the checkout',
    });
  }
  const local = isAbsolute(path) ? relative(directory, path) : path;
  const joined = posix.normalize(posix.join(prefix, local.split(sep).join('/')));
  if (joined === '..' || joined.startsWith('../')) {
    throw new CliError('Usage', `${path} lies outside of this checkout`, {
      nextStep: 'name files or folders of the checkout',
    });
  }
  return joined === '.' ? '' : joined;
}

function refuseInput(): Promise<never> {
  return Promise.reject(new CliError('Usage', 'standard input has no revisions'));
}
