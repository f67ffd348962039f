import { writeWhole } from './plan-out.ts';
import { visible } from '../../core/render/visible.ts';
import type { ReviewDocument } from '../../core/render/review-schema.ts';
import type { Published } from '../../review/publish.ts';
import type { PullReviewed } from '../../review/review-pull.ts';
import type { Session } from '../session.ts';
import { isLocal, openForgeAt } from './forge.ts';
import { forgeAccess } from './forge-credential.ts';
import { readEvent } from './forge-event.ts';
import { forgePlace, type ForgeGiven } from './forge-place.ts';
import { reviewAndPublish, type PullReviewWanted } from './review-pull.ts';
import { workingCheckout } from './review.ts';

export interface ForgeReviewWanted extends Omit<PullReviewWanted, 'number'> {
  readonly given: ForgeGiven;
  /** Where the report for GitLab goes; undefined: none is written. */
  readonly codeQuality: string | undefined;
}

/** Reviews the pull request that the command line or the CI names, and publishes it there. */
export async function reviewAtForge(
  session: Session,
  { given, codeQuality, ...wanted }: ForgeReviewWanted,
): Promise<PullReviewed> {
  const { variables } = session.environment;
  const place = forgePlace(given, variables, await readEvent(variables));
  const checkout = await workingCheckout(session, isLocal(place));
  const access = await forgeAccess(place, variables, checkout.top);
  const { forge, remote, close } = await openForgeAt(session, place, access, checkout.top);
  const log = (line: string): void => {
    session.stderr.write(`fairlead: ${visible(line)}\n`);
  };
  try {
    const around = { forge, remote, checkout, log };
    const result = await reviewAndPublish(session, around, { ...wanted, number: place.pull });
    tell(result, log);
    if (codeQuality !== undefined && result.kind === 'reviewed') {
      const { codeQualityReport } = await import('../../review/forges/index.ts');
      await writeWhole(codeQuality, codeQualityReport(result.publication.notes));
    }
    return result;
  } finally {
    close();
  }
}

function tell(result: PullReviewed, log: (line: string) => void): void {
  if (result.kind !== 'reviewed') {
    log(`${result.message}: nothing is reviewed`);
    return;
  }
  const { comment, statuses, unwritten } = result.published;
  const number = result.subject.pull.number;
  if (comment !== 'superseded')
    log(`pull request ${number}: comment ${comment}, ${statuses.length} statuses written`);
  for (const { what, error } of unwritten) {
    log(`the ${what} could not be written: ${error.message}`);
    if (error.nextStep !== undefined) log(`  next: ${error.nextStep}`);
  }
}

/** What was published, as part of the JSON document of the review. */
export function publishedDocument({
  subject,
  published,
}: Extract<PullReviewed, { readonly kind: 'reviewed' }>): NonNullable<ReviewDocument['published']> {
  const { unwritten, statuses, ...rest }: Published = published;
  return {
    pull: subject.pull.number,
    ...rest,
    statuses: statuses.map((status) => ({ ...status })),
    unwritten: unwritten.map(({ what, error: { code, message, nextStep } }) => ({
      ...{ what, code, message, nextStep: nextStep ?? null },
    })),
  };
}
