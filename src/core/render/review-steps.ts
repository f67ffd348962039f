import { appsCell, symbols } from './review-cells.ts';
import type { Ink } from './review-ink.ts';
import { fitting } from './review-room.ts';
import { type ReviewRow, rowsOf } from './review-rows.ts';
import { errorsIn, isOfError } from './review-errors.ts';
import type { Review } from './review.ts';
import { isSuperseded, type ReviewTarget } from './review-targets.ts';
import { plural } from './sentence.ts';

const maxList = 6_000;

/** What somebody must do, for whatever does not go by itself; a command to copy stands alone in its span. */
export function nextSteps(review: Review, targets: readonly ReviewTarget[], ink: Ink): string {
  const rows = rowsOf(targets).filter((row) => isStuck(row) && !isCorrected(review, row));
  const isCorrecting = rowsOf(targets).some((row) => isStuck(row) && isCorrected(review, row));
  const lines = [
    ...(isCorrecting
      ? [
          `- ${symbols.blocked} correct the ${errorsOf(review)} above: until then none of it is applied`,
        ]
      : []),
    ...rows.flatMap((row) => stepLine(row, ink)),
    ...unaskedStep(review, targets),
  ];
  if (lines.length === 0) return '';
  const left = (count: number): string => `- and ${plural(count, 'more target')}`;
  const isAsked = rows.some(({ members: [{ heldBy }] }) => approvable.has(heldBy));
  const steps = ['**What must be done**', '', ...fitting(lines, maxList, left)];
  return [...steps, ...(isAsked ? ['', approving] : [])].join('\n');
}

const approving =
  'Approve after the merge, not before. Where no controller runs: `fairlead apply --allow` with the same id and the paths. In a cluster: the annotation `fairlead.dev/approve`.';

/** Declared only: nobody knows what happens until a platform is asked. */
function unaskedStep({ against }: Review, targets: readonly ReviewTarget[]): readonly string[] {
  return against !== 'declarations' || targets.length === 0
    ? []
    : [
        `- ${symbols.declared} to learn what merging does, let the review ask the platform: settings in CI (\`FAIRLEAD_SETTINGS\`, as \`fairlead ci\` sets it up), or, where it may hold no credential, as for forks, a signed snapshot (\`fairlead ci --forks\`)`,
      ];
}

function isStuck({ effect, members: [first] }: ReviewRow): boolean {
  const isOne = effect === 'blocked' || effect === 'waiting' || effect === 'held';
  return (isOne || effect === 'update') && !isSuperseded(first);
}

/** The problems above say already what to correct. */
function isCorrected(review: Review, { members: [first] }: ReviewRow): boolean {
  return isOfError(review, first);
}

function errorsOf(review: Review): string {
  return errorsIn(review).length === 1 ? 'error' : 'errors';
}

/** Approvals release these and nothing else. */
const approvable: ReadonlySet<string | null> = new Set([
  'GateRefused',
  'AwaitingApproval',
  'DriftReported',
]);

/** One line for all of a row; one for each of its targets where each has an id of its own. */
function stepLine(row: ReviewRow, ink: Ink): readonly string[] {
  const steps = row.members.flatMap((member) => stepOf(member, ink) ?? []);
  const [first] = steps;
  if (first === undefined) return [];
  if (new Set(steps).size === 1) return [`- ${placeOf(row, ink)}: ${first}`];
  return row.members.flatMap((member) =>
    rowsOf([member]).map((one) => `- ${placeOf(one, ink)}: ${stepOf(member, ink) ?? first}`),
  );
}

function placeOf(row: ReviewRow, ink: Ink): string {
  const { effect, environment } = row;
  const place = environment === 'Production' ? '**Production**' : (environment ?? '');
  const where = [appsCell(row, ink), place].filter((text) => text !== '').join(' ');
  return `${symbols[effect]} ${where}`;
}

/** Sentences of our own in which nothing stands that others wrote. */
const plain: ReadonlySet<string> = new Set([
  'Withdraw the request, or release a new version.',
  'Let only one source declare it.',
  'Ask the administrator to grant it in the connection.',
  'Correct endpoint or platformId of the connection.',
]);

function stepOf(target: ReviewTarget, ink: Ink): string | undefined {
  const { effect, nextStep, why, heldBy, changeId } = target;
  if (!approvable.has(heldBy)) {
    const step = heldBy === null ? (nextStep ?? (effect === 'update' ? null : why)) : why;
    if (step === null) return undefined;
    const words = plain.has(step) ? step : ink.code(step);
    return effect === 'blocked' ? `merging does not change it. ${words}` : words;
  }
  const cause = `somebody must approve it, as ${causeOf(why, ink)}`;
  return changeId === null
    ? `${cause}: \`fairlead status\` names its id`
    : `${cause}: ${ink.code(`fairlead approve ${changeId}`)}`;
}

const gates: Readonly<Record<string, string>> = {
  clearTesters: 'it clears all testers',
  clearDomains: 'it clears all domains of a list',
  productionPayee: 'it changes who gets paid in Production',
};

/** Numbers of a gate, in words of our own alone. */
const counted =
  /^(?:\d+ changes? (?:is|are)|\d+ of \d+ existing releases change \(\d+ %\),|the commit changes \d+ programs,) more than max[A-Z][a-z]+ \d+$/;

/** Why it is held, in words where they are ours; else as it was said. */
function causeOf(why: string | null, ink: Ink): string {
  if (why === null) return 'its policy asks';
  const words = gates[/ \(gate (\w+)\)$/.exec(why)?.[1] ?? ''];
  if (words !== undefined) return words;
  if (why === 'onChange is Plan') return 'its policy asks for every change (onChange: Plan)';
  return counted.test(why) ? why : ink.code(why);
}
