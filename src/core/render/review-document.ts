import type { Shown } from '../model/plan.ts';
import { planFormatVersion } from '../plan/identity.ts';
import { isListField } from '../words/fields.ts';
import type { Origin } from '../words/places.ts';
import { epochMs, isoTime } from '../words/time.ts';
import { keyDocument, platformDocuments, problemDocument } from './plan-document.ts';
import type { Review } from './review.ts';
import { headline } from './review-headline.ts';
import { annotationsOf, linesDecided, statusesOf } from './review-notes.ts';
import type { ReviewDocument } from './review-schema.ts';
import { type ReviewField, type ReviewTarget, planIds, targetsOf } from './review-targets.ts';
import { reviewSentences } from './review-words.ts';
import { sentenceText } from './sentence.ts';
import { itemsOf, listDifference } from './values.ts';

/** The review as JSON: everything a comment, statuses, annotations and required reviewers are made from. */
export function reviewDocument(review: Review): ReviewDocument {
  const targets = targetsOf(review);
  const { base, head, mergeBase, against, problems, untouched } = review;
  return {
    formatVersion: planFormatVersion,
    kind: 'Review',
    headline: sentenceText(headline(review, targets)),
    sentences: reviewSentences(review, targets).map(sentenceText),
    ...{ base: { ...base }, head: { ...head }, mergeBase, against },
    observedAt: observedAt(review),
    platforms: platformDocuments(review.platforms),
    ...planIds(review),
    apiCalls: { reads: review.apiReads },
    targets: targets.map(targetDocument),
    ridesAlong: ridesAlong(review),
    untouched: { ...untouched },
    unjudged: review.unjudged.map(({ key, ...rest }) => ({ key: { ...key }, ...rest })),
    secretsNotCompared: review.secretsNotCompared,
    problems: problems.fresh.map(problemDocument),
    olderProblems: { ...problems.older },
    others: othersDocument(review),
    statuses: statusesOf(review, targets),
    annotations: annotationsOf(review, targets),
    lines: linesDecided(targets),
  };
}

function observedAt({ programs }: Review): string | null {
  const times = programs.map(({ own }) => own.plan.observedAt);
  return times.length === 0 ? null : isoTime(epochMs(Math.min(...times)));
}

function targetDocument(target: ReviewTarget): ReviewDocument['targets'][number] {
  const { key, program, name, effect, status, reasons, nextStep, undo, live } = target;
  return {
    ...{ key: keyDocument(key), program, name, effect, status, nextStep, undo },
    reasons: [...reasons],
    live: live && { ...live },
    changeId: target.changeId,
    fields: target.fields.map(fieldDocument),
    riding: [...target.riding],
    reach: target.reach.map((one) => ({ ...one })),
    origins: target.origins.map(originDocument),
  };
}

function fieldDocument(field: ReviewField): ReviewDocument['targets'][number]['fields'][number] {
  const { path, live, before, after, news, fate, reason, secret, changeId, origins } = field;
  const difference = isListField(path) ? listDifference(before, after) : undefined;
  const shown = (value: Shown) => valueDocument(path, value);
  return {
    ...{ path, fate, reason, secret, changeId },
    live: live && shown(live),
    before: shown(before),
    after: shown(after),
    added: difference?.gained.length ?? null,
    removed: difference?.lost.length ?? null,
    new: [...news],
    origins: origins.map(originDocument),
  };
}

type ValueDocument = ReviewDocument['targets'][number]['fields'][number]['before'];

function valueDocument(path: ReviewField['path'], value: Shown): ValueDocument {
  const items = itemsOf(value);
  if (path === 'testers' && items && value.state !== 'unset')
    return { state: 'counted', count: items.length };
  if (value.state === 'value') return { state: 'value', value: copy(value.value) };
  if (value.state !== 'inherited') return { ...value };
  return value.value === undefined
    ? { state: 'inherited' }
    : { state: 'inherited', value: copy(value.value) };
}

function copy(value: string | readonly string[]): string | string[] {
  return typeof value === 'string' ? value : [...value];
}

function originDocument(origin: Origin): ReviewDocument['targets'][number]['origins'][number] {
  return 'file' in origin ? { ...origin } : { object: { ...origin.object }, path: origin.path };
}

function othersDocument({ others }: Review): ReviewDocument['others'] {
  return (
    (others && {
      ...{ isListed: others.isListed, left: others.left, unread: [...others.unread] },
      tooLarge: [...(others.tooLarge ?? [])],
      overlaps: others.overlaps.map(({ key, fields, ...rest }) => ({
        ...{ ...rest, key: keyDocument(key), fields: [...fields] },
      })),
    }) ??
    null
  );
}

function ridesAlong({ programs }: Review): ReviewDocument['ridesAlong'] {
  return programs.flatMap(({ riding }) =>
    riding.changes
      .filter(({ goes }) => goes)
      .map(({ change, plan, fields }) => ({
        key: keyDocument(change.key),
        program: plan.name,
        fields: fields.map(({ field }) => field.path),
      })),
  );
}
