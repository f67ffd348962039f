import { changedRules } from './review-policy.ts';
import { epochMs, isoTime } from '../words/time.ts';
import { diffSentences } from './diff-words.ts';
import type { ProgramFacts } from './facts.ts';
import type { Review } from './review.ts';
import { isChanging } from './review-headline.ts';
import { keysOf, type ReviewTarget } from './review-targets.ts';
import { plural, say, type Sentence, someOf } from './sentence.ts';
import { folded } from './visible.ts';
import { needsPeople, notices, stays } from './words.ts';
import { domainWords, testerWords } from './words-lists.ts';
import { payees } from './words-payees.ts';

/** Of what could not be judged: its name stands in full further down. */
const maxName = 60;

/** Sentences of one sort before the rest is counted. */
const mostAlike = 4;

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
  const names = someOf(unjudged.map(({ name }) => folded(name, maxName)));
  return [say`${{ loud: 'No verdict' }} for ${names}: see below.`];
}

function calm(
  { against, unjudged }: Review,
  targets: readonly ReviewTarget[],
): readonly Sentence[] {
  const isMoving = targets.some(
    (target) =>
      (isChanging(target) || target.effect === 'held') &&
      keysOf(target).some(({ environment }) => environment === 'Production'),
  );
  const isAny = targets.some((target) => isChanging(target) || target.effect === 'held');
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
