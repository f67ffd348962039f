import { timeless } from '../core/render/review-markdown.ts';
import { environments } from '../core/words/environments.ts';
import type { CommitStatus, LineNote, OwnComment, PullRequest } from '../ports/forge.ts';
import { defaultName, readMarker, shortDigest, withMarker } from './publish-marker.ts';

/** What a review has to say on its pull request. */
export interface Publication {
  /** The comment, without marker. */
  readonly text: string;
  readonly statuses: readonly CommitStatus[];
  /** What becomes of an environment's status that an earlier review of this commit set, and this one does not touch. */
  readonly elsewhere: Omit<CommitStatus, 'context'>;
  readonly notes: readonly LineNote[];
  /** To be uploaded, if anybody asked for it. */
  readonly sarif: string | undefined;
}

/** What stands there already. */
export interface Standing {
  /** Ours, as the forge says; undefined: none. */
  readonly own: OwnComment | undefined;
  /** Of the head. */
  readonly statuses: readonly CommitStatus[];
}

export interface Decision {
  readonly comment: 'created' | 'edited' | 'unchanged';
  /** Digest of the remarks at lines, and whether they must be left anew. */
  readonly notes: string;
  readonly annotate: boolean;
  /** In the order in which they are to be written: what turns green comes last. */
  readonly statuses: readonly CommitStatus[];
}

/** Pure: what must be written so that the pull request says what the review says; nothing where it does. */
export function decidePublication(
  { name, pull }: { readonly name: string; readonly pull: PullRequest },
  publication: Publication,
  standing: Standing,
): Decision {
  const { own } = standing;
  const marker = own && readMarker(name, own.body);
  const notes = shortDigest([publication.notes, publication.sarif ?? '']);
  const isSame =
    marker?.head === pull.head.commit &&
    marker.base === pull.base.commit &&
    timeless(marker.text) === timeless(publication.text);
  const isNoted = isSame && marker.notes === notes;
  return {
    comment: own === undefined ? 'created' : isNoted ? 'unchanged' : 'edited',
    notes,
    annotate: !isNoted,
    statuses: statusWrites(name, publication, standing.statuses),
  };
}

/** The comment with its marker. @param notes  of the decision; `-` where the remarks could not be left */
export function markedComment(
  { name, pull }: { readonly name: string; readonly pull: PullRequest },
  { text }: Publication,
  notes: string,
): string {
  return withMarker(name, { head: pull.head.commit, base: pull.base.commit, notes }, text);
}

export const planContext = 'fairlead/plan';

/** Contexts that a review sets, beside the one for all. Others that begin alike are somebody else's. */
const environmentContexts = environments.map(
  (environment) => `fairlead/${environment.toLowerCase()}`,
);

/**
 * The context as a review of this name sets it: `fairlead/plan`, `fairlead/NAME/plan`. Several reviews of one pull
 * request judge different things, and none may turn green what another one failed.
 */
export function contextOf(name: string, context: string): string {
  return name === defaultName ? context : context.replace('/', `/${name}/`);
}

/** Those of a publication that differ from what stands there, in the order in which they are to be written. */
export function statusWrites(
  name: string,
  publication: Pick<Publication, 'statuses' | 'elsewhere'>,
  standing: readonly CommitStatus[],
): readonly CommitStatus[] {
  const statuses = publication.statuses.map((status) => ({
    ...status,
    context: contextOf(name, status.context),
  }));
  const ours = new Set(environmentContexts.map((context) => contextOf(name, context)));
  const said = new Set(statuses.map(({ context }) => context));
  const noLonger = standing
    .filter(({ context }) => ours.has(context) && !said.has(context))
    .map(({ context }) => ({ context, ...publication.elsewhere }));
  const overall = contextOf(name, planContext);
  return [...statuses, ...noLonger]
    .filter((status) => !standing.some((one) => isSameStatus(one, status)))
    .toSorted((a, b) => rank(a, overall) - rank(b, overall));
}

function isSameStatus(a: CommitStatus, b: CommitStatus): boolean {
  return a.context === b.context && a.state === b.state && a.description === b.description;
}

/** The one for all opens the merge: it turns green when everything else stands. */
function rank({ context, state }: CommitStatus, overall: string): number {
  if (state !== 'success') return 0;
  return context === overall ? 2 : 1;
}

/**
 * Why a verdict may no longer be written; undefined while it may.
 *
 * The base may move on: the comment says which commit of it was judged.
 */
export function moved(reviewed: PullRequest, now: PullRequest): string | undefined {
  if (now.state !== 'open') return `pull request ${now.number} is ${now.state}`;
  if (now.head.commit !== reviewed.head.commit)
    return `pull request ${now.number} moved on to ${now.head.commit.slice(0, 7)}`;
  if (now.base.branch !== reviewed.base.branch)
    return `pull request ${now.number} goes to another branch now`;
  return undefined;
}
