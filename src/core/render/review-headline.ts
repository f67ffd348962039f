import { programId } from '../words/keys.ts';
import type { Review } from './review.ts';
import { errorsIn } from './review-errors.ts';
import { isHeldInPart } from './review-state.ts';
import { keysOf, type ReviewTarget } from './review-targets.ts';
import { plural, say, type Sentence, someOf, whereOf } from './sentence.ts';
import { folded } from './visible.ts';

/** What others wrote must not push the verdict out of the line. */
const maxName = 60;

type Effect = ReviewTarget['effect'];

/**
 * The first line: what is about to happen, where, whether Production is touched, and what merging does not change.
 *
 * Nothing of Production is left out of it, whatever becomes of it.
 */
export function headline(review: Review, targets: readonly ReviewTarget[]): Sentence {
  const errors = errorsIn(review).length;
  const parts = [
    ...(errors > 0 ? [say`${plural(errors, 'error')} in what this pull request changes`] : []),
    ...unjudgedWords(review),
    ...movingWords(review, targets),
  ];
  if (parts.length === 0)
    return listed([say`nothing changes on the platform now`, ...restWords(targets, still)]);
  return listed([...parts, ...restWords(targets.filter(isOfNote), rests)]);
}

function listed(parts: readonly Sentence[]): Sentence {
  return parts.flatMap((part, i) => (i === 0 ? part : say`; ${part}`));
}

function unjudgedWords({ unjudged }: Review): readonly Sentence[] {
  if (unjudged.length === 0) return [];
  return [
    say`${{ loud: 'no verdict' }} for ${someOf(unjudged.map(({ name }) => folded(name, maxName)))}`,
  ];
}

/** Effects that change the platform. */
export function isChanging({ effect }: ReviewTarget): boolean {
  return effect === 'create' || effect === 'update';
}

function movingWords(review: Review, targets: readonly ReviewTarget[]): readonly Sentence[] {
  const writing = targets.filter(isChanging);
  const declared = targets.filter(({ effect }) => effect === 'declared');
  return [
    ...(writing.length > 0
      ? [say`${changesWords(writing, targets)}${clickedWords(review, writing)}`]
      : []),
    ...(declared.length > 0 && writing.length === 0
      ? [say`${changesWords(declared, targets)} (as declared)`]
      : []),
  ];
}

/** `coffee 2.5.0 on 3 apps, Production on 2`. */
function changesWords(moving: readonly ReviewTarget[], all: readonly ReviewTarget[]): Sentence {
  const programs = [
    ...new Map(moving.map(({ key, program }) => [programId(key), program])).values(),
  ];
  const keys = moving.flatMap(keysOf);
  const made = moving.filter(({ effect }) => effect === 'create').flatMap(keysOf);
  const versions = [...new Set((made.length > 0 ? made : keys).map(({ version }) => version))];
  const isOne = programs.length === 1;
  const what = isOne ? someOf(programs) : say`${plural(programs.length, 'program')}`;
  const which = isOne && versions.length > 0 ? say` ${someOf(versions)}` : [];
  const does = isOne ? (made.length > 0 ? '' : ' changes') : ' change';
  const apps = new Set(keys.map(({ app }) => app)).size;
  const where = apps === 0 ? say`, for new records only` : say` on ${plural(apps, 'app')}`;
  return say`${what}${which}${does}${where}${productionWords(moving, all)}`;
}

/** That Production is not touched is said only where nothing else is said of it. */
function productionWords(moving: readonly ReviewTarget[], all: readonly ReviewTarget[]): Sentence {
  const keys = moving.flatMap(keysOf).filter(({ environment }) => environment === 'Production');
  const apps = new Set(keys.map(({ app }) => app)).size;
  if (apps > 0) return say`, ${{ loud: `Production on ${apps}` }}`;
  const others = all.filter((target) => !moving.includes(target));
  const isTold = others.some((target) => isInProduction(target) && !isQuiet(target));
  return isTold ? [] : say`, Production is not touched`;
}

function clickedWords(
  { byHand = [], programs }: Review,
  writing: readonly ReviewTarget[],
): Sentence {
  const ids = new Set(writing.map(({ key }) => programId(key)));
  const plans = programs.map(({ own }) => own.plan).filter(({ key }) => ids.has(programId(key)));
  const clicked = plans.filter(({ connection }) => byHand.includes(connection)).length;
  if (clicked === 0) return [];
  return clicked === plans.length
    ? say`: people click it in the console`
    : say`: ${clicked} of ${plans.length} programs by people in the console`;
}

type Rests = Partial<Record<Effect, Sentence>>;

const rests = {
  blocked: say`merging does ${{ loud: 'not' }} change `,
  held: say`held: `,
  waiting: say`waiting: `,
  undeclared: say`no longer declared: `,
  settled: say`due with the next version: `,
  adopt: say`taken up as it is: `,
  dropped: say`pending and now dropped: `,
} as const satisfies Rests;

/** Where nothing moves at all. */
const still = { ...rests, blocked: say`blocked: ` } as const satisfies Rests;

const stuck: ReadonlySet<Effect> = new Set(['blocked', 'held', 'waiting']);

/** Beside what moves: what is stuck, and of the quiet what is in Production. */
function isOfNote(target: ReviewTarget): boolean {
  return stuck.has(target.effect) || isInProduction(target);
}

/** A newer version gets what this one would: it speaks for both. */
function isQuiet({ effect, newer }: ReviewTarget): boolean {
  return effect === 'settled' && newer !== null;
}

function isInProduction(target: ReviewTarget): boolean {
  return keysOf(target).some(({ environment }) => environment === 'Production');
}

/** What is not moved, by name where that is short. */
function restWords(targets: readonly ReviewTarget[], intros: Rests): readonly Sentence[] {
  const told = targets.filter((target) => !isQuiet(target));
  const partly = told.filter(isHeldInPart);
  const words = Object.entries(intros).flatMap(([effect, intro]): readonly Sentence[] => {
    const found = told.filter((target) => target.effect === effect);
    return found.length === 0 ? [] : [say`${intro}${placesOf(found)}`];
  });
  return [...words, ...(partly.length > 0 ? [say`held in part: ${placesOf(partly)}`] : [])];
}

function placesOf(targets: readonly ReviewTarget[]): Sentence {
  const keys = targets.flatMap(keysOf);
  return keys.length === 0 ? say`the global configuration` : whereOf(keys);
}
