import { isReleaseKey } from '../words/keys.ts';
import type { HeldReason } from '../words/reasons.ts';
import { statusTitles } from '../words/statuses.ts';
import { isLeft, isSuperseded, type ReviewField, type ReviewTarget } from './review-targets.ts';
import { plural, say, type Sentence } from './sentence.ts';
import { fieldName, itemsOf, listDifference, shownText } from './values.ts';

/** What happens to a target once this is merged. */
export function happensWords(target: ReviewTarget): Sentence {
  return listed(happenings[target.effect](target));
}

type Happening = (target: ReviewTarget) => readonly Sentence[];

const happenings: Readonly<Record<ReviewTarget['effect'], Happening>> = {
  create: (target) => [say`a release record is created`, ...going(target), ...kept(target)],
  update: (target) => [
    ...ofPending(target),
    ...going(target),
    ...kept(target),
    ...marksChange(target),
  ],
  held: (target) => [say`${{ loud: 'held' }}${heldUntil(target)}`, ...wished(target)],
  blocked: (target) => [say`${{ loud: 'nothing' }}: ${blockedBy(target)}`, ...stayingPayee(target)],
  waiting: (target) => [say`it waits: ${waitsFor(target)}`, ...wished(target)],
  settled: (target) => [say`nothing now: ${settledBy(target)}`, ...stayingPayee(target)],
  adopt: () => [say`is as declared already; it gets our mark, nobody notices`],
  undeclared: () => [say`is no longer declared; its record stays as it is`],
  dropped: (target) => [say`what was pending is dropped`, ...wished(target)],
  declared: (target) => (target.fields.length > 0 ? wished(target) : [say`is declared`]),
};

const heldWords = {
  GateRefused: ', until somebody approves it',
  AwaitingApproval: ', until somebody approves it',
  AwaitsOther: ', until another change is made',
  DriftReported: ': set by hand, and only reported',
  DriftIgnored: ': set by hand, and left alone',
  Suspended: ': suspended',
} as const satisfies Record<HeldReason, string>;

function heldUntil({ heldBy }: ReviewTarget): string {
  return heldBy === null ? '' : heldWords[heldBy];
}

function listed(parts: readonly Sentence[]): Sentence {
  return parts.flatMap((part, i) => (i === 0 ? part : say`; ${part}`));
}

/** The record is not there yet, and would be made without the pull request too. */
function ofPending({ key, status }: ReviewTarget): readonly Sentence[] {
  return isReleaseKey(key) && status === null ? [say`its new record was pending before`] : [];
}

function going({ fields }: ReviewTarget): readonly Sentence[] {
  return told(fields.filter(({ fate }) => fate === 'goes'));
}

/** Whom the money goes to comes first. */
function told(fields: readonly ReviewField[]): readonly Sentence[] {
  const isPayee = ({ path }: ReviewField): boolean => path === 'merchantId';
  const others = fields.filter((field) => !isPayee(field));
  return [...fields.filter(isPayee), ...others].map(fieldWords);
}

/** Of a change that goes in part: what does not. */
function kept({ fields, newer }: ReviewTarget): readonly Sentence[] {
  const locked = fields.filter(({ fate }) => fate === 'locked');
  const isOr = (found: readonly ReviewField[]): string => (found.length === 1 ? 'is' : 'are');
  const held = fields.filter(({ fate }) => fate === 'held');
  const left = locked.filter(isLeft);
  const fixed = locked.filter((field) => !isLeft(field));
  return [
    ...not(held, say`which ${isOr(held)} held`),
    ...not(left, say`which ${newerWords(newer)} gets`),
    ...not(fixed, say`which cannot be changed now`),
  ];
}

function not(fields: readonly ReviewField[], why: Sentence): readonly Sentence[] {
  return fields.length === 0 ? [] : [say`${{ loud: 'not' }} ${namesOf(fields)}, ${why}`];
}

function newerWords(newer: string | null): Sentence {
  return newer === null ? say`a newer version` : say`${foreign(newer)}`;
}

function wished({ fields }: ReviewTarget): readonly Sentence[] {
  return told(fields);
}

function namesOf(fields: readonly ReviewField[]): Sentence {
  return fields.flatMap(({ path }, i) => say`${i === 0 ? '' : ', '}${foreign(fieldName(path))}`);
}

function marksChange({ key, fields, status }: ReviewTarget): readonly Sentence[] {
  const isNew = isReleaseKey(key) && status !== null && fields.some(({ fate }) => fate === 'goes');
  return isNew ? [say`the test QR code changes`] : [];
}

function foreign(text: string): { readonly said: string } {
  return { said: text };
}

/** One field in few words; who gets paid is never among others. */
function fieldWords(field: ReviewField): Sentence {
  const { path, before, after } = field;
  if (path === 'testers') return testersWords(field);
  if (path === 'serverDomains' || path === 'wapUrls') return domainsWords(field);
  if (path === 'merchantId') return singleWords(say`payments`, field);
  if (path === 'clientId') return singleWords(say`the client id`, field);
  const isNew = before.state === 'unset' || before.state === 'inherited';
  const isGone = after.state === 'inherited' || after.state === 'unset';
  const verb = isGone ? 'is removed' : isNew ? 'is set' : 'changes';
  return say`variable ${foreign(fieldName(path))} ${verb}`;
}

function singleWords(what: Sentence, { before, after, live }: ReviewField): Sentence {
  const from = live ?? before;
  const to = foreign(shownText(after));
  const isKnown = from.state === 'value' && shownText(from) !== shownText(after);
  if (isKnown) return say`${what} ${foreign(shownText(from))} -> ${to}`;
  return say`${what} to ${to}${from.state === 'value' ? ', as now' : ''}`;
}

function testersWords({ before, after }: ReviewField): Sentence {
  const difference = listDifference(before, after);
  const count = itemsOf(after)?.length ?? 0;
  if (!difference) return say`${plural(count, 'tester')}`;
  const { gained, lost } = difference;
  const had = itemsOf(before)?.length ?? 0;
  if (had === 0) return say`${plural(count, 'tester')}`;
  const added = `${plural(gained.length, 'tester')} added (${had} -> ${count})`;
  return say`${added}, ${lost.length === 0 ? 'none' : lost.length} removed`;
}

/** Domains by name before the rest is counted. */
const mostDomains = 3;

function domainsWords({ path, before, after, live, news }: ReviewField): Sentence {
  const what = path === 'serverDomains' ? 'domain' : 'URL';
  const { gained, lost } = listDifference(live ?? before, after) ?? { gained: [], lost: [] };
  const fresh = news.length > 0 ? news : gained;
  const parts = [
    ...newWords(what, fresh),
    ...(lost.length === 0 ? [] : [say`without ${some(lost)}`]),
  ];
  return parts.length > 0 ? listed(parts) : say`${plural(itemsOf(after)?.length ?? 0, what)}`;
}

function newWords(what: string, items: readonly string[]): readonly Sentence[] {
  if (items.length === 0) return [];
  return [
    say`${items.length === 1 ? `new ${what}` : `${items.length} new ${what}s`} ${some(items)}`,
  ];
}

function some(items: readonly string[]): Sentence {
  const shown = items.slice(0, mostDomains);
  const more = items.length - shown.length;
  const named = shown.flatMap((item, i) => say`${i === 0 ? '' : ', '}${foreign(item)}`);
  return more === 0 ? named : say`${named} and ${more} more`;
}

const reasonWords: Readonly<Record<string, string>> = {
  TargetSpent: 'this version was canceled here, for ever',
  TargetConflict: 'several sources declare it',
  Contended: 'somebody else manages or keeps changing it',
  TargetUnavailable: 'the platform does not offer this target',
  VersionNotUploaded: 'the version is not uploaded',
  MiniProgramNotFound: 'the platform knows no such mini program',
  VariablesUnavailable: 'it offers no environment variables',
  VariablesLimit: 'more than five environment variables',
  DomainsNotGranted: 'this program may not edit its domains',
  NotGranted: 'this source may not declare it',
  AccessDenied: 'our client may not touch it',
  PlatformRefused: 'the platform refuses',
  PlatformMismatch: 'another platform answered',
  SecretUnavailable: 'a secret is missing',
  ReferenceNotFound: 'it refers to what is not there',
  Invalid: 'its declaration is invalid',
};

function blockedBy({ reasons, status }: ReviewTarget): Sentence {
  const words = reasons
    .filter((reason) => reason !== 'Superseded')
    .flatMap((reason) => reasonWords[reason] ?? []);
  if (words.length > 0) return say`${words.join(', ')}`;
  return status === null ? say`${reasons.join(', ')}` : say`it is in ${statusTitles[status]}`;
}

function waitsFor({ reasons }: ReviewTarget): Sentence {
  return say`${reasons.flatMap((reason) => reasonWords[reason] ?? reason).join(', ')}`;
}

function settledBy(target: ReviewTarget): Sentence {
  const { status, newer } = target;
  if (isSuperseded(target)) return say`${newerWords(newer)} gets the change`;
  if (status === null) return say`a newer version is declared`;
  return say`${statusTitles[status]}, takes effect with the next version`;
}

/** Whom users pay today and go on paying, where somebody wished otherwise. */
function stayingPayee({ fields }: ReviewTarget): readonly Sentence[] {
  return fields
    .filter(({ path, before }) => path === 'merchantId' && before.state === 'value')
    .map(({ before }) => say`payments stay with ${foreign(shownText(before))}`);
}

/** What undoing it takes. */
export function undoWords({ effect, key, status }: ReviewTarget): Sentence {
  if (effect === 'create') return say`⚠️ no, the record stays for ever`;
  if (effect === 'adopt') return say`✅ nothing to undo`;
  if (effect === 'declared') return say`not known`;
  if (effect !== 'update') return say`–`;
  if (!isReleaseKey(key)) return say`⚠️ only for versions not applied for meanwhile`;
  return status === 'PilotTesting' ? say`✅ yes, while pilot testing goes on` : say`✅ yes`;
}
