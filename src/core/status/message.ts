import { originText, type Locate, type Origin } from '../words/places.ts';
import type { Finding } from './conditions.ts';
import { byUrgency } from './judge.ts';
import { rowOf } from './reasons.ts';
import { plural, sentence } from './texts.ts';
import type { View } from './view.ts';

/** A view with what it is about, such as `megapay/Sandbox`. */
export interface NamedView {
  readonly where: string;
  readonly view: View;
}

export interface Speech {
  readonly locate: Locate;
  /** Why approvals count for nothing, as a sentence; undefined: they count. */
  readonly approvalsIgnored: string | undefined;
}

/** Different matters that a message tells; the rest is counted. */
const mostMatters = 3;
const mostNames = 4;

/**
 * What Ready says of all views: the most urgent matter gives the reason, and each matter is told once, with everything
 * it is about.
 */
export function findingOf(views: readonly NamedView[], speech: Speech): Finding {
  const [first] = views.toSorted((a, b) => byUrgency(a.view, b.view));
  const reason = first?.view.reason ?? 'InSync';
  const { beside } = rowOf(reason);
  const told = views.filter(({ view }) => view.reason !== undefined && isOf(view, beside === null));
  const matters = mattersOf(told, speech);
  const rest = matters.slice(mostMatters).reduce((sum, { names }) => sum + names.length, 0);
  const sentences = [
    ...matters.slice(0, mostMatters).map(matterText),
    ...(rest > 0 ? [`${plural(rest, 'more is', 'more are')} told in status.targets.`] : []),
    ...(beside === null ? [quietText(views)] : []),
    ...ignoredText(told, speech),
  ];
  return { reason, message: sentences.filter((text) => text !== '').join(' ') };
}

/** While something is missing, what is left by policy is not spoken of. */
function isOf({ reason }: View, isReady: boolean): boolean {
  return isReady || rowOf(reason ?? '').beside !== null;
}

interface Matter {
  readonly names: readonly string[];
  readonly view: View;
  readonly approvals: readonly string[];
  readonly origin: Origin | undefined;
}

function mattersOf(views: readonly NamedView[], { locate }: Speech): readonly Matter[] {
  const groups = Map.groupBy(views, ({ view }) => `${view.reason ?? ''}\n${view.says ?? ''}`);
  return [...groups.values()]
    .flatMap((same) => {
      const [first] = same;
      if (!first) return [];
      return [
        {
          names: same.map(({ where }) => where).filter((where) => where !== ''),
          view: first.view,
          approvals: [...new Set(same.flatMap(({ view }) => view.approvals ?? []))],
          origin: same.map(({ view }) => originOf(view, locate)).find((one) => one !== undefined),
        },
      ];
    })
    .toSorted((a, b) => byUrgency(a.view, b.view));
}

function originOf({ origin, place }: View, locate: Locate): Origin | undefined {
  return origin ?? (place && locate(place));
}

function matterText({ names, view, approvals, origin }: Matter): string {
  const about = listed(names);
  const says = sentence(view.says ?? rowOf(view.reason ?? '').what);
  return [
    about === '' ? says : `${about}: ${says}`,
    ...(approvals.length > 0 ? [`Allow it with the ${approvalText(approvals)}.`] : []),
    ...(origin ? [`See ${originText(origin)}.`] : []),
  ].join(' ');
}

/** The annotation that allows all of these. */
export function approvalText(ids: readonly string[]): string {
  return `annotation fairlead.dev/approve: ${ids.slice(0, mostNames).join(' ')}`;
}

function listed(names: readonly string[]): string {
  const more = names.length - mostNames;
  return more > 0 ? `${names.slice(0, mostNames).join(', ')} and ${more} more` : names.join(', ');
}

/** What there is to say where nothing is missing. */
function quietText(views: readonly NamedView[]): string {
  if (views.length === 0)
    return 'Nothing is declared for any target yet, so nothing was compared with the platform.';
  const quiet = views.filter(({ view }) => view.reason === undefined);
  const settled = quiet.filter(({ view }) => view.isSettled).length;
  const equal = quiet.length - settled;
  const other = quiet.length < views.length ? 'other ' : '';
  return [
    ...(equal > 0
      ? [`${plural(equal, `${other}target is`, `${other}targets are`)} as declared.`]
      : []),
    ...(settled > 0
      ? [
          `${plural(settled, `${other}target is`, `${other}targets are`)} settled: what differs takes effect with the next version.`,
        ]
      : []),
  ].join(' ');
}

function ignoredText(told: readonly NamedView[], { approvalsIgnored }: Speech): readonly string[] {
  const isWanted = told.some(({ view }) => (view.approvals?.length ?? 0) > 0);
  return approvalsIgnored !== undefined && isWanted ? [approvalsIgnored] : [];
}
