import { dirname, resolve } from 'node:path';
import type { ReviewsStatus } from '../../core/model/controller.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { Forge, PullRequest } from '../../ports/forge.ts';
import type { PlatformReader } from '../../ports/index.ts';
import type { WatchStatus } from '../../review/watch-book.ts';
import { commentGapMs, watchPulls, type WatchPorts } from '../../review/watch.ts';
import { contentOf } from '../../source/git/content.ts';
import { openPullRepository, type PullRepository } from '../../source/git/pull-repository.ts';
import { remoteUrl } from '../../source/git/strings.ts';
import type { OpenPlatform } from '../composition/platform.ts';
import type { ReviewWithin } from '../composition/review-platform.ts';
import { credentialsOf } from '../composition/sources.ts';
import { CliError } from '../exit.ts';
import type { Session } from '../session.ts';
import type { Administration, NamedSource } from '../settings.ts';
import { systemClock, systemRandom } from '../system.ts';
import type { ReviewBoard } from './review-board.ts';
import { holdForge, type HeldForge, type ReviewSpec } from './reviewer-forge.ts';
import type { ControllerSurroundings } from './surroundings.ts';

/** What reviews of a controller hold: readers of its platforms, in the sweep's lane, and nothing that writes there. */
export interface ReviewersOptions {
  readonly session: Session;
  readonly administration: Administration;
  readonly surroundings: Pick<ControllerSurroundings, 'stateDir' | 'git' | 'telemetry' | 'hints'>;
  readonly board: ReviewBoard;
  readonly opened: readonly Pick<OpenPlatform, 'connection' | 'reader'>[];
}

const defaultIntervalSeconds = 60;
const defaultDeadlineSeconds = 60;
const refreshMs = 3_600_000;

/**
 * Reviews pull requests of every source that says so, until the signal is aborted. Nothing of it reaches the loop: what
 * fails is told, and tried again.
 */
export async function runReviewers(options: ReviewersOptions, signal: AbortSignal): Promise<void> {
  const reviewed = options.administration.sources.flatMap((source) => {
    const { review } = source.spec;
    return review ? [{ source, review }] : [];
  });
  await Promise.all(
    reviewed.map(async ({ source, review }) => reviewSource(options, { source, review }, signal)),
  );
}

interface Reviewed {
  readonly source: NamedSource;
  readonly review: ReviewSpec;
}

async function reviewSource(
  options: ReviewersOptions,
  reviewed: Reviewed,
  signal: AbortSignal,
): Promise<void> {
  const { session, administration, surroundings } = options;
  const directory = dirname(resolve(administration.file));
  const values = { env: session.environment.variables, directory };
  const { telemetry } = surroundings;
  const held = holdForge(session, reviewed.review, { values, telemetry });
  try {
    const { intervalSeconds = defaultIntervalSeconds } = reviewed.review;
    const ports = portsOf(options, reviewed, held);
    const settings = { intervalMs: intervalSeconds * 1000, refreshMs, gapMs: commentGapMs };
    await watchPulls(ports, settings, signal);
  } catch (error) {
    // Told to stop; anything else keeps reviews from beginning at all, and is the same until the settings change.
    if (!signal.aborted) tell(options, reviewed, { ...none, trouble: troubleOf(error) });
  } finally {
    held.close();
  }
}

const none = { open: 0, waiting: 0, reviewedAt: undefined } as const;

function portsOf(options: ReviewersOptions, reviewed: Reviewed, held: HeldForge): WatchPorts {
  const { source } = reviewed;
  const branch = source.spec.ref?.branch ?? 'main';
  const repository = repositoryOf(options, source, branch);
  const tip = { commit: '' };
  return {
    clock: systemClock,
    random: systemRandom,
    openPulls: async (signal) => {
      const forge = await held.open();
      const pulls = await forge.openPulls(branch, signal);
      tip.commit = await repository.bring(pulls.map(headOf), signal);
      return pulls.map((pull) => at(pull, tip));
    },
    review: async ({ number }, wrote, signal) => {
      const forge = watchedForge(await held.open(), { repository, tip, wrote });
      return reviewOne(options, reviewed, { number, forge, repository, signal });
    },
    hinted: async (signal) => options.surroundings.hints.nextPulls(source.name, signal),
    told: (status) => tell(options, reviewed, status),
  };
}

function headOf({ number, fetchRef, head }: PullRequest) {
  return { number, fetchRef, commit: head.commit };
}

/** A forge may say where the branch stood at the last push; we know where it stands. */
function at(pull: PullRequest, { commit }: { readonly commit: string }): PullRequest {
  return commit === '' ? pull : { ...pull, base: { ...pull.base, commit } };
}

function repositoryOf(
  { administration, surroundings, session }: ReviewersOptions,
  { name, spec }: NamedSource,
  branch: string,
): PullRepository {
  const directory = dirname(resolve(administration.file));
  const values = { env: session.environment.variables, directory };
  const { caFile, timeoutSeconds = defaultDeadlineSeconds } = spec;
  return openPullRepository({
    ...{ source: name, branch, git: surroundings.git, stateDirectory: surroundings.stateDir },
    url: remoteUrl(spec.url, administration.settings.allowFileUrls ?? false),
    deadlineMs: timeoutSeconds * 1000,
    credentials: async () => credentialsOf(spec.credentials, values),
    ...(caFile === undefined ? {} : { caFile: administration.path(caFile) }),
  });
}

/** Brings the head that a review begins with, and tells of each write of the comment, done or not. */
function watchedForge(
  forge: Forge,
  {
    repository,
    tip,
    wrote,
  }: {
    readonly repository: PullRepository;
    readonly tip: { readonly commit: string };
    readonly wrote: () => void;
  },
): Forge {
  let isFirst = true;
  return {
    ...forge,
    pull: async (number, signal) => {
      const pull = await forge.pull(number, signal);
      if (isFirst && pull.state === 'open') await repository.add(headOf(pull), signal);
      isFirst = false;
      return at(pull, tip);
    },
    putComment: async (pull, own, body, signal) => {
      wrote();
      return forge.putComment(pull, own, body, signal);
    },
  };
}

interface OneReview {
  readonly number: number;
  readonly forge: Forge;
  readonly repository: PullRepository;
  readonly signal: AbortSignal;
}

async function reviewOne(
  options: ReviewersOptions,
  { source, review }: Reviewed,
  { number, forge, repository, signal }: OneReview,
): ReturnType<WatchPorts['review']> {
  const { reviewAndPublish } = await import('../composition/review-pull.ts');
  const { connection: _, ...global } = options.session.options;
  const session: Session = { ...options.session, options: global, signal };
  const { directory } = repository;
  const variables = { GIT_DIR: directory };
  const { git } = options.surroundings;
  const checkout = { git, directory, prefix: '', top: undefined, variables, signal };
  const around = { forge, remote: undefined, checkout, log: () => undefined };
  const { path = '' } = source.spec;
  const result = await understood(async () =>
    reviewAndPublish(session, around, {
      ...{ number, name: review.name ?? 'default', base: undefined, head: undefined },
      ...{ snapshot: undefined, snapshotKey: undefined, maxSnapshotAge: undefined },
      paths: path === '' ? [] : [path],
      actAs: source.name,
      isQrShown: review.showTestQr ?? false,
      within: withinOf(options, source),
    }),
  );
  if (result.kind !== 'reviewed')
    return { kind: result.kind === 'closed' ? 'closed' : 'overtaken' };
  const { published, subject } = result;
  if (published.comment === 'superseded') return { kind: 'overtaken' };
  const [unwritten] = published.unwritten;
  if (unwritten) throw unwritten.error;
  const [unjudged] = result.review.unjudged;
  // The pull request says that there is no verdict; it is tried again as any failure is.
  if (unjudged) throw new ReconcileError('PlatformUnavailable', unjudged.message);
  return { kind: 'reviewed', pull: subject.pull };
}

function withinOf(
  { administration, opened }: ReviewersOptions,
  { name, spec }: NamedSource,
): ReviewWithin {
  const { wanted } = contentOf(name, spec, undefined);
  return {
    administration,
    isWanted: wanted,
    reader: (connection, calls): PlatformReader | undefined =>
      opened.find((one) => one.connection.name === connection)?.reader(calls),
  };
}

/** What a command line says of a failure, in the words of a controller. */
async function understood<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const { message, nextStep } = error;
    const more = nextStep === undefined ? {} : { nextStep };
    throw new ReconcileError('SourceUnavailable', message, { cause: error, ...more });
  }
}

function tell(
  { board, surroundings: { telemetry } }: ReviewersOptions,
  { source: { name } }: Reviewed,
  { open, waiting, reviewedAt, trouble }: WatchStatus,
): void {
  const status: ReviewsStatus = {
    ...{ open, waiting },
    ...(reviewedAt === undefined ? {} : { reviewedAt }),
    ...(trouble === undefined ? {} : { trouble }),
  };
  board.tell(name, status);
  const state = trouble ? 'Failing' : 'Ready';
  telemetry.emit({
    ...{ kind: 'condition', about: 'reviews', name, state },
    ...(trouble === undefined ? {} : { trouble }),
  });
}

function troubleOf(error: unknown): NonNullable<ReviewsStatus['trouble']> {
  if (error instanceof ReconcileError || error instanceof CliError) {
    const { message, nextStep } = error;
    const code = error instanceof ReconcileError ? error.code : 'SettingsInvalid';
    return { code, message, ...(nextStep === undefined ? {} : { nextStep }) };
  }
  return { code: 'InternalError', message: error instanceof Error ? error.message : 'a bug' };
}
