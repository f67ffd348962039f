import { changedRules } from './review-policy.ts';
import { isReleaseKey, programId, type ReleaseKey } from '../words/keys.ts';
import { epochMs, isoTime } from '../words/time.ts';
import { diffSentences } from './diff-words.ts';
import type { ProgramFacts } from './facts.ts';
import type { Review } from './review.ts';
import type { ReviewTarget } from './review-targets.ts';
import { plural, say, type Sentence, someOf } from './sentence.ts';
import { needsPeople, notices, stays } from './words.ts';
import { domainWords, testerWords } from './words-lists.ts';
import { payees } from './words-payees.ts';

/** Sentences of one sort before the rest is counted. */
const mostAlike = 4;

/** Effects that change the platform. */
const changing: ReadonlySet<ReviewTarget['effect']> = new Set(['create', 'update']);

const isStuck: ReadonlySet<ReviewTarget['effect']> = new Set(['held', 'blocked', 'waiting']);

/** The first line: what is about to happen, where, and whether Production is touched. */
export function headline(review: Review, targets: readonly ReviewTarget[]): Sentence {
  const errors = review.problems.fresh.filter(({ severity }) => severity === 'error').length;
  if (errors > 0)
    return say`${plural(errors, 'error')} in what this pull request changes${targets.length > 0 ? say`; ${effectWords(review, targets)}` : []}`;
  if (review.unjudged.length > 0 && targets.every(({ effect }) => !changing.has(effect)))
    return say`${{ loud: 'no verdict' }}: ${plural(review.unjudged.length, 'program')} could not be judged`;
  return effectWords(review, targets);
}

function effectWords({ against, unjudged }: Review, targets: readonly ReviewTarget[]): Sentence {
  const writing = targets.filter(({ effect }) => changing.has(effect));
  if (writing.length > 0) return say`${changesWords(writing, 'create')}${heldWords(targets)}`;
  if (against === 'declarations' || unjudged.length > 0) {
    const declared = targets.filter(({ effect }) => effect === 'declared');
    if (declared.length > 0) return changesWords(declared, 'declared');
  }
  return stillWords(targets);
}

/** `coffee 2.5.0 on 3 apps, Production on 2`. */
function changesWords(targets: readonly ReviewTarget[], making: 'create' | 'declared'): Sentence {
  const programs = programsOf(targets);
  const keys = targets.flatMap(keysOf);
  const made = targets.filter(({ effect }) => effect === 'create').flatMap(keysOf);
  const versions = [...new Set((made.length > 0 ? made : keys).map(({ version }) => version))];
  const isNew = making === 'create' && targets.some(({ effect }) => effect === 'create');
  const what =
    programs.length === 1 ? someOf(programs) : say`${plural(programs.length, 'program')}`;
  const which = programs.length === 1 && versions.length > 0 ? say` ${someOf(versions)}` : [];
  const does = isNew && programs.length === 1 ? '' : programs.length === 1 ? ' changes' : ' change';
  const apps = new Set(keys.map(({ app }) => app)).size;
  const where = apps === 0 ? say`, for new records only` : say` on ${plural(apps, 'app')}`;
  return say`${what}${which}${does}${where}${production(keys)}`;
}

/** What waits for an approval is not far: nobody may read that Production rests. */
function heldWords(targets: readonly ReviewTarget[]): Sentence {
  const held = targets.filter(
    (target) =>
      target.effect === 'held' &&
      keysOf(target).some(({ environment }) => environment === 'Production'),
  ).length;
  return held === 0 ? [] : say`; ${{ loud: `${held} held in Production` }}`;
}

function production(keys: readonly ReleaseKey[]): Sentence {
  if (keys.length === 0) return [];
  const apps = new Set(
    keys.filter(({ environment }) => environment === 'Production').map(({ app }) => app),
  ).size;
  return apps === 0
    ? say`, Production is not touched`
    : say`, ${{ loud: `Production on ${apps}` }}`;
}

function stillWords(targets: readonly ReviewTarget[]): Sentence {
  const count = (effect: ReviewTarget['effect']): number =>
    targets.filter((one) => one.effect === effect).length;
  const parts = [
    [count('held'), 'held', 'held'],
    [count('blocked'), 'blocked', 'blocked'],
    [count('waiting'), 'waiting', 'waiting'],
    [count('undeclared'), 'no longer declared', 'no longer declared'],
    [count('settled'), 'due with the next version', 'due with the next version'],
    [count('adopt'), 'taken up as it is', 'taken up as they are'],
    [count('dropped'), 'pending and now dropped', 'pending and now dropped'],
  ] as const;
  const words = parts.flatMap(([n, one, many]) =>
    n === 0 ? [] : [`${n} ${n === 1 ? one : many}`],
  );
  const stuck = targets.filter(({ effect }) => isStuck.has(effect)).flatMap(keysOf);
  const isLoud = stuck.some(({ environment }) => environment === 'Production');
  const where = isLoud ? say`, ${{ loud: 'in Production' }}` : [];
  return say`nothing changes on the platform now${words.length === 0 ? '' : `: ${words.join(', ')}`}${where}`;
}

function programsOf(targets: readonly ReviewTarget[]): readonly string[] {
  return [...new Map(targets.map(({ key, program }) => [programId(key), program])).values()];
}

/** The records a target stands for: its own, or those that a global configuration reaches. */
export function keysOf({ key, reach }: ReviewTarget): readonly ReleaseKey[] {
  return isReleaseKey(key) ? [key] : reach;
}

/** What it means, most important first; each a line of its own. */
export function reviewSentences(
  review: Review,
  targets: readonly ReviewTarget[],
): readonly Sentence[] {
  const own = review.programs.map((program) => program.own);
  const all = own.flatMap(({ changes }) => changes);
  const isJudged = review.against !== 'declarations';
  return [
    ...sourceWords(review),
    ...failureWords(review),
    ...(isJudged ? judgedWords(own) : some(diffSentences(review.diff))),
    ...some(changedRules(review.diff)),
    ...(isJudged ? [...notices(all), ...stays(all), ...needsPeople(own)] : []),
    ...calm(review, targets),
    ...ridingWords(review),
    ...secretWords(review),
  ];
}

function judgedWords(own: readonly ProgramFacts[]): readonly Sentence[] {
  const all = own.flatMap(({ changes }) => changes);
  return [...some(payees(own).map(loudPayee)), ...testerWords(all), ...some(domainWords(own))];
}

/** Whom the money goes to is what nobody may overread. */
function loudPayee([first, ...rest]: Sentence): Sentence {
  return first === undefined ? [] : [typeof first === 'string' ? { loud: first } : first, ...rest];
}

function some(sentences: readonly Sentence[]): readonly Sentence[] {
  const more = sentences.length - mostAlike;
  if (more <= 1) return sentences;
  return [...sentences.slice(0, mostAlike), say`And ${String(more)} more of this sort, below.`];
}

/** An emulator, a snapshot and no platform at all say so before anything else. */
function sourceWords({ against, platforms, programs, seal }: Review): readonly Sentence[] {
  const plans = programs.map(({ own }) => own.plan);
  const isEmulator =
    platforms.some(({ emulator }) => emulator) || plans.some(({ emulator }) => emulator);
  const days = plans.map(({ observedAt }) => isoTime(epochMs(observedAt)).slice(0, 10)).sort();
  return [
    ...(isEmulator ? [say`This is an emulator: no real app is touched.`] : []),
    ...(against === 'snapshot' && days.length > 0
      ? [
          say`The platform was not asked: this stands on a ${seal ? 'signed ' : ''}snapshot of ${days[0] ?? ''}.`,
        ]
      : []),
    ...(against === 'declarations'
      ? [say`No platform was asked: this is what is declared, not yet what will happen.`]
      : []),
  ];
}

function failureWords({ unjudged }: Review): readonly Sentence[] {
  if (unjudged.length === 0) return [];
  const names = someOf(unjudged.map(({ name }) => name));
  return [say`${{ loud: 'No verdict' }} for ${names}: see below.`];
}

function calm(
  { against, unjudged }: Review,
  targets: readonly ReviewTarget[],
): readonly Sentence[] {
  const isMoving = targets.some(
    (target) =>
      (changing.has(target.effect) || target.effect === 'held') &&
      keysOf(target).some(({ environment }) => environment === 'Production'),
  );
  const isAny = targets.some(({ effect }) => changing.has(effect) || effect === 'held');
  return against === 'declarations' || unjudged.length > 0 || isMoving || !isAny
    ? []
    : [say`Nothing changes in Production.`];
}

function ridingWords({ programs }: Review): readonly Sentence[] {
  const fields = programs.flatMap(({ riding }) => riding.changes).filter(({ goes }) => goes).length;
  if (fields === 0) return [];
  const what = plural(
    fields,
    'change was pending before and rides',
    'changes were pending before and ride',
  );
  return [say`${what} along: not of this pull request, and made with it or without it.`];
}

function secretWords({ secretsNotCompared }: Review): readonly Sentence[] {
  return secretsNotCompared === 0
    ? []
    : [say`${plural(secretsNotCompared, 'secret')} could not be compared: a review opens none.`];
}
