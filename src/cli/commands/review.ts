import { toSarif } from '../../core/lint/sarif.ts';
import type { Review } from '../../core/render/review.ts';
import { reviewDocument } from '../../core/render/review-document.ts';
import { reviewMarkdown } from '../../core/render/review-markdown.ts';
import { reviewProblems } from '../../core/render/review-notes.ts';
import type { ReviewDocument } from '../../core/render/review-schema.ts';
import { isHeldInPart } from '../../core/render/review-state.ts';
import { targetsOf } from '../../core/render/review-targets.ts';
import { flag, textOption, type Given, type Run } from '../command.ts';
import { reviewChange, revisionsOf, type ReviewWanted } from '../composition/review.ts';
import { CliError, type ExitCode, exitCodes, firstThatApplies } from '../exit.ts';
import { keepHeapSmall } from '../heap.ts';
import { formatVersion, printJson, printText } from '../output.ts';
import type { Session } from '../session.ts';
import { toolVersion } from '../version.ts';

/** `fairlead review --base REV --head REV PATH...` */
export const run: Run = async (session, given) => {
  keepHeapSmall();
  const wanted = {
    paths: given.args,
    snapshot: textOption(given, 'snapshot'),
    snapshotKey: textOption(given, 'snapshotKey'),
    maxSnapshotAge: textOption(given, 'maxSnapshotAge'),
    actAs: textOption(given, 'as'),
  };
  const forge = textOption(given, 'forge');
  if (forge !== undefined) return runAtForge(session, given, { wanted, forge });
  refuseForgeOptions(given);
  const revisions = revisionsOf(textOption(given, 'base'), textOption(given, 'head'));
  const review = await reviewChange(session, { ...revisions, ...wanted });
  print(session, given, review);
  return exitOf(review, given);
};

const forgeOptions = [
  ...['forgeUrl', 'repo', 'pull', 'name', 'codeQuality', 'uploadSarif', 'showTestQr'],
] as const;

function refuseForgeOptions({ options }: Given): void {
  const [found] = forgeOptions.filter((name) => options[name] !== undefined);
  if (found === undefined) return;
  throw new CliError('Usage', 'without --forge there is no pull request to write to', {
    nextStep: 'say --forge github, --forge gitlab or --forge gitea; without it a review prints',
  });
}

interface AtForge {
  readonly wanted: Omit<ReviewWanted, 'base' | 'head' | 'others'>;
  readonly forge: string;
}

async function runAtForge(
  session: Session,
  given: Given,
  { wanted, forge }: AtForge,
): Promise<ExitCode> {
  const { publishedDocument, reviewAtForge } = await import('../composition/review-forge.ts');
  const result = await reviewAtForge(session, {
    ...wanted,
    name: textOption(given, 'name') ?? 'default',
    base: textOption(given, 'base'),
    head: textOption(given, 'head'),
    given: {
      forge,
      url: textOption(given, 'forgeUrl'),
      repository: textOption(given, 'repo'),
      pull: textOption(given, 'pull'),
    },
    codeQuality: textOption(given, 'codeQuality'),
    isQrShown: flag(given, 'showTestQr'),
    ...(flag(given, 'uploadSarif') ? { sarif: sarifText } : {}),
  });
  if (result.kind !== 'reviewed') {
    const { kind: reason, message, subject } = result;
    const pull = subject.pull.number;
    if (textOption(given, 'output') === 'json')
      printJson(session, { formatVersion, kind: 'NoReview', reason, message, pull });
    return exitCodes.done;
  }
  const { review, published } = result;
  print(session, given, review, publishedDocument(result));
  if (published.comment === 'superseded') return exitCodes.done;
  const isWhole = published.unwritten.length === 0;
  return firstThatApplies([exitOf(review, given), ...(isWhole ? [] : [exitCodes.error])]);
}

function exitOf(review: Review, given: Given): ExitCode {
  return firstThatApplies([
    ...(review.unjudged.length > 0 ? [exitCodes.error] : []),
    ...(review.problems.fresh.some(({ severity }) => severity === 'error')
      ? [exitCodes.invalid]
      : []),
    ...(flag(given, 'detailedExitcode') ? verdictOf(review) : []),
  ]);
}

function print(
  session: Session,
  given: Given,
  review: Review,
  published?: ReviewDocument['published'],
): void {
  const format = textOption(given, 'output') ?? 'markdown';
  const more = published ? { published } : {};
  if (format === 'json') printJson(session, { ...reviewDocument(review), ...more });
  else if (format === 'sarif') printJson(session, sarifOf(review));
  else printText(session, reviewMarkdown(review));
}

function sarifOf(review: Review): object {
  return toSarif(reviewProblems(review, targetsOf(review)), toolVersion);
}

function sarifText(review: Review): string {
  return JSON.stringify(sarifOf(review));
}

const codes = {
  ...{ create: exitCodes.pending, update: exitCodes.pending, adopt: exitCodes.pending },
  ...{ waiting: exitCodes.pending, declared: exitCodes.pending, held: exitCodes.held },
  ...{ blocked: exitCodes.blocked, settled: exitCodes.done, undeclared: exitCodes.pending },
  dropped: exitCodes.pending,
} as const;

/** Of the pull request's own part alone. */
function verdictOf(review: Review): readonly ExitCode[] {
  return targetsOf(review).flatMap((target) => [
    codes[target.effect],
    ...(isHeldInPart(target) ? [exitCodes.held] : []),
  ]);
}
