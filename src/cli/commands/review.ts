import { toSarif } from '../../core/lint/sarif.ts';
import type { Review } from '../../core/render/review.ts';
import { reviewDocument } from '../../core/render/review-document.ts';
import { reviewMarkdown } from '../../core/render/review-markdown.ts';
import { reviewProblems } from '../../core/render/review-notes.ts';
import { targetsOf } from '../../core/render/review-targets.ts';
import { flag, textOption, type Run } from '../command.ts';
import { reviewChange, revisionsOf } from '../composition/review.ts';
import { type ExitCode, exitCodes, firstThatApplies } from '../exit.ts';
import { keepHeapSmall } from '../heap.ts';
import { printJson, printText } from '../output.ts';
import type { Session } from '../session.ts';
import { toolVersion } from '../version.ts';

/** `fairlead review --base REV --head REV PATH...` */
export const run: Run = async (session, given) => {
  keepHeapSmall();
  const revisions = revisionsOf(textOption(given, 'base'), textOption(given, 'head'));
  const review = await reviewChange(session, {
    ...revisions,
    paths: given.args,
    snapshot: textOption(given, 'snapshot'),
    actAs: textOption(given, 'as'),
  });
  print(session, review, textOption(given, 'output') ?? 'markdown');
  return firstThatApplies([
    ...(review.unjudged.length > 0 ? [exitCodes.error] : []),
    ...(review.problems.fresh.some(({ severity }) => severity === 'error')
      ? [exitCodes.invalid]
      : []),
    ...(flag(given, 'detailedExitcode') ? verdictOf(review) : []),
  ]);
};

function print(session: Session, review: Review, format: string): void {
  if (format === 'json') printJson(session, reviewDocument(review));
  else if (format === 'sarif')
    printJson(session, toSarif(reviewProblems(review, targetsOf(review)), toolVersion));
  else printText(session, reviewMarkdown(review));
}

const codes = {
  ...{ create: exitCodes.pending, update: exitCodes.pending, adopt: exitCodes.pending },
  ...{ waiting: exitCodes.pending, declared: exitCodes.pending, held: exitCodes.held },
  ...{ blocked: exitCodes.blocked, settled: exitCodes.done, undeclared: exitCodes.pending },
  dropped: exitCodes.pending,
} as const;

/** Of the pull request's own part alone. */
function verdictOf(review: Review): readonly ExitCode[] {
  return targetsOf(review).map(({ effect }) => codes[effect]);
}
