import { diff } from '../../core/diff/diff.ts';
import type { DesiredProgram } from '../../core/model/desired.ts';
import { linesOf } from '../../core/render/problems.ts';
import type { OtherPulls, Review, UnjudgedProgram } from '../../core/render/review.ts';
import { resolve, type Trust } from '../../core/resolve/resolve.ts';
import { programId } from '../../core/words/keys.ts';
import type { Locate, Origin } from '../../core/words/places.ts';
import type { Problem } from '../../core/words/problems.ts';
import type { FailedProgram } from '../../engine/read.ts';
import { compare } from '../../review/compare.ts';
import { freshProblems } from '../../review/fresh-problems.ts';
import { problemAtHead, toHeadLine } from '../../review/head-lines.ts';
import { touchedErrors } from '../../review/touched-errors.ts';
import { type ProgramPair, touchedPrograms } from '../../review/pairs.ts';
import { untouchedOf } from '../../review/untouched.ts';
import { CliError } from '../exit.ts';
import type { Session } from '../session.ts';
import type { Administration } from '../settings.ts';
import { systemClock } from '../system.ts';
import { chosenConnections } from './connections.ts';
import { trustOf, type Declared } from './declarations.ts';
import { prefixOf, refuseNothing, treePathOf } from './diff-sides.ts';
import type { Oid } from '../../source/git/strings.ts';
import { gitFor } from './git.ts';
import { type Checkout, type Merged, withMerged } from './review-merge.ts';
import { type Judged, judgeAtPlatforms, type ReviewWithin } from './review-platform.ts';
import { readReviewSides, type ReviewSides } from './review-sides.ts';
import type { ReadSnapshot } from './review-snapshot.ts';
import { isInside, settingsOutside } from './review-trust.ts';

export interface ReviewWanted {
  readonly base: string;
  readonly head: string;
  readonly paths: readonly string[];
  readonly snapshot: string | undefined;
  readonly actAs: string | undefined;
  /** As on the command line: a file or the key itself; undefined: no signature is demanded. */
  readonly snapshotKey?: string | undefined;
  /** As on the command line, such as `24h`. */
  readonly maxSnapshotAge?: string | undefined;
  /** A running controller's own settings and readers; absent: settings are read, and platforms opened. */
  readonly within?: ReviewWithin;
  /** Asks what other open pull requests want, where there is a forge to ask. */
  readonly others?: (own: OwnPart) => Promise<OtherPulls | undefined>;
}

/** What the pull request is about, for finding out who else is. */
export interface OwnPart {
  readonly pairs: readonly ProgramPair[];
  readonly base: Oid;
  /** As the tree of a commit knows them; none is everything. */
  readonly paths: readonly string[];
  readonly programsAt: ReviewSides['programsAt'];
}

/**
 * The review of what merging `head` into `base` would do.
 *
 * @param checkout  whose objects are read; absent: that of the working directory
 * @throws CliError `NoCheckout`, `RevisionNotFound`, `MergeBaseNotFound`, `SettingsInCheckout`, and what settings and snapshots throw
 */
export async function reviewChange(
  session: Session,
  wanted: ReviewWanted,
  checkout?: Checkout,
): Promise<Review> {
  const place = checkout ?? (await workingCheckout(session));
  const { directory, prefix, top } = place;
  const { within } = wanted;
  const administration = within?.administration ?? (await settingsOutside(session, top));
  const snapshot = await snapshotOf(wanted, top);
  const trust = trustOf(administration, wanted.actAs);
  const paths = wanted.paths.map((path) => treePathOf(path, { directory, prefix }));
  return withMerged(place, wanted, async (merged) => {
    const read = { paths, prefix, trust, source: wanted.actAs, isWanted: within?.isWanted };
    const sides = await readReviewSides(place, merged, read);
    if (wanted.paths.length > 0) refuseNothing([sides.before, sides.after], wanted.paths);
    return reviewSides({ session, administration, snapshot, wanted, merged, top, paths }, sides);
  });
}

/** The checkout that the working directory stands in. @param isLocal  it may fetch from this machine without TLS. @throws CliError `NoCheckout` */
export async function workingCheckout(session: Session, isLocal = false): Promise<Checkout> {
  const { signal } = session;
  const directory = process.cwd();
  const git = gitFor(session, isLocal);
  const args = ['rev-parse', '--show-toplevel'];
  try {
    const prefix = await prefixOf(git, directory, signal);
    const top = await git.text({ directory, args, deadlineMs: 10_000 }, signal);
    return { git, directory, prefix, top: top.replace(/\n$/, ''), signal };
  } catch (cause) {
    signal.throwIfAborted();
    throw new CliError('NoCheckout', 'the working directory is no Git checkout', {
      cause,
      nextStep: 'run it inside the checkout of the pull request',
    });
  }
}

interface Surroundings {
  readonly session: Session;
  readonly administration: Administration | undefined;
  readonly snapshot: ReadSnapshot | undefined;
  readonly wanted: ReviewWanted;
  readonly merged: Merged;
  readonly paths: readonly string[];
  /** Of the checkout. */
  readonly top: string | undefined;
}

async function reviewSides(around: Surroundings, sides: ReviewSides): Promise<Review> {
  const { before, after, judged, pairs } = await judge(around, sides);
  const { base, head, mergeBase } = around.merged;
  const compared = judged.planned.flatMap((pair) => compare(pair) ?? []);
  const problems = freshProblems(
    problemSide(sides.before),
    problemSide(sides.after),
    touchedErrors(sides.touched, { ...sides.after, programs: after }),
  );
  const atHead = headPlaces(sides);
  const locate: Locate = (place) => atHead(sides.after.locate(place));
  const found = [
    ...conflictProblems(around.merged),
    ...snapshotProblems(around),
    ...lintProblems(sides),
    ...problems.fresh.map((problem) => problemAtHead(problem, atHead)),
  ];
  const changes = diff(
    { programs: before, locate: sides.before.locate },
    { programs: after, locate },
  );
  const others = await othersOf(around, sides, pairs);
  const plans = judged.planned.flatMap((pair) => pair.after?.plan ?? []);
  return {
    ...{ base, head, mergeBase, plans, programs: compared, rules: sides.rules },
    ...(others ? { others } : {}),
    ...(around.snapshot?.seal ? { seal: around.snapshot.seal } : {}),
    against: againstOf(around),
    ...{ platforms: judged.platforms, byHand: judged.byHand ?? [] },
    unjudged: judged.failed.map((failed) => unjudged(failed, pairs)),
    diff: changes,
    untouched: untouchedOf({ after, pairs, compared, diff: changes }),
    problems: { fresh: found, older: countProblems(problems.older) },
    secretsNotCompared: plans.reduce((sum, { unverified }) => sum + unverified.length, 0),
    apiReads: judged.reads,
    locate,
    now: systemClock.wall(),
  };
}

/** Read before anything else, and only if it is what it must be. */
async function snapshotOf(
  { snapshot, snapshotKey, maxSnapshotAge }: ReviewWanted,
  top: string | undefined,
): Promise<ReadSnapshot | undefined> {
  if (snapshot !== undefined) {
    const { readForReview } = await import('./review-snapshot.ts');
    return readForReview({ file: snapshot, key: snapshotKey, maxAge: maxSnapshotAge, top });
  }
  if (snapshotKey === undefined && maxSnapshotAge === undefined) return undefined;
  throw new CliError('Usage', 'there is no snapshot to verify', {
    nextStep: 'name it with --snapshot FILE',
  });
}

/** Whoever changes no program cannot be in anybody's way. */
async function othersOf(
  { wanted, merged, paths }: Surroundings,
  { programsAt }: ReviewSides,
  pairs: readonly ProgramPair[],
): Promise<OtherPulls | undefined> {
  if (pairs.length === 0) return undefined;
  return wanted.others?.({ pairs, base: merged.base.commit, paths, programsAt });
}

interface JudgedSides {
  readonly before: readonly DesiredProgram[];
  readonly after: readonly DesiredProgram[];
  readonly pairs: readonly ProgramPair[];
  readonly judged: Judged;
}

async function judge(
  { session, administration, snapshot, wanted }: Surroundings,
  { before, after }: ReviewSides,
): Promise<JudgedSides> {
  const plain = { before: before.programs, after: after.programs };
  if (snapshot !== undefined) {
    const { trustIn } = await import('./snapshot-plan.ts');
    const { judgeBySnapshot } = await import('./review-snapshot.ts');
    const trust = trustIn(snapshot.platforms, [...plain.before, ...plain.after]);
    const programs = administration
      ? plain
      : { before: resolvedAgain(before, trust), after: resolvedAgain(after, trust) };
    const pairs = touchedPrograms(programs.before, programs.after);
    return {
      ...programs,
      pairs,
      judged: await judgeBySnapshot(session, administration, pairs, snapshot),
    };
  }
  const pairs = touchedPrograms(plain.before, plain.after);
  const judged = administration
    ? await judgeAtPlatforms(
        session,
        administration,
        chosen(pairs, session, administration),
        wanted.within,
      )
    : { planned: [], failed: [], platforms: [], reads: 0 };
  return { ...plain, pairs, judged };
}

/** With `--connection`, what goes through that one; the rest is shown as declared. */
function chosen(
  pairs: readonly ProgramPair[],
  session: Session,
  administration: Administration,
): readonly ProgramPair[] {
  const { connection: only } = session.options;
  if (only === undefined) return pairs;
  // Says so where nothing has that name: a typo must not look like "nothing to do".
  chosenConnections(session, administration);
  return pairs.filter(({ before, after }) => (after ?? before)?.connection === only);
}

function resolvedAgain({ sources, locate }: Declared, trust: Trust): readonly DesiredProgram[] {
  return resolve(sources, trust, locate).programs;
}

function againstOf({ administration, wanted }: Surroundings): Review['against'] {
  if (wanted.snapshot !== undefined) return 'snapshot';
  return administration ? 'platform' : 'declarations';
}

/** Places as the branch's own files have them. */
function headPlaces({ after, headLines }: ReviewSides): (origin: Origin) => Origin {
  if (!headLines) return (origin) => origin;
  const lineOf = linesOf(after.sources);
  return (origin) => toHeadLine(origin, lineOf, headLines);
}

function problemSide({ problems, sources }: Declared) {
  return { problems, lineOf: linesOf(sources) };
}

function conflictProblems({ conflicts, base }: Merged): readonly Problem[] {
  return conflicts.map((file) => ({
    rule: 'merge-conflict',
    severity: 'error',
    message: `${base.revision} changed this file as well, and Git cannot join the two; it is judged as this pull request has it`,
    nextStep: 'merge or rebase onto the base, and resolve the conflict',
    origin: { file, line: 1, column: 1 },
  }));
}

/** A snapshot may be kept in Git, and then a pull request can change what it is judged by. */
function snapshotProblems({
  wanted: { snapshot, snapshotKey },
  top,
}: Surroundings): readonly Problem[] {
  if (snapshotKey !== undefined) return [];
  if (snapshot === undefined || top === undefined || !isInside(snapshot, top)) return [];
  return [
    {
      rule: 'snapshot-in-checkout',
      severity: 'warning',
      message: 'the snapshot lies in the checkout: this pull request could have written it',
      nextStep: 'for pull requests of strangers, take it from the default branch',
    },
  ];
}

/** Whoever changes how strictly the change itself is judged says so in the open. */
function lintProblems({ changesLint }: ReviewSides): readonly Problem[] {
  if (!changesLint) return [];
  return [
    {
      rule: 'lint-settings-changed',
      severity: 'warning',
      message: 'this pull request changes how its own declarations are judged',
      nextStep: 'see what it waives or lowers',
      origin: { file: '.fairlead.yaml', line: 1, column: 1 },
    },
  ];
}

function countProblems(problems: readonly Problem[]) {
  const count = (severity: Problem['severity']): number =>
    problems.filter((problem) => problem.severity === severity).length;
  return { errors: count('error'), warnings: count('warning') };
}

function unjudged({ key, error }: FailedProgram, pairs: readonly ProgramPair[]): UnjudgedProgram {
  const id = programId(key);
  const program = pairs
    .flatMap(({ before, after }) => after ?? before ?? [])
    .find((one) => programId(one.key) === id);
  return {
    key,
    name: program?.names[0] ?? key.miniProgram,
    code: error.code,
    message: error.message,
    nextStep: error.nextStep ?? null,
  };
}

/** @throws CliError `Usage` for what is no pair of revisions */
export function revisionsOf(
  base: string | undefined,
  head: string | undefined,
): {
  readonly base: string;
  readonly head: string;
} {
  if (base !== undefined && head !== undefined) return { base, head };
  throw new CliError('Usage', 'a review needs --base and --head', {
    nextStep: 'such as: fairlead review --base origin/main --head HEAD releases/',
  });
}
