import type {
  ConfigProfileStatus,
  GitSourceStatus,
  PlatformConnectionStatus,
} from '../kinds/object-status.ts';
import type { ConnectionStatus, SourceStatus, Trouble } from '../model/controller.ts';
import type { Capabilities, PlatformInfo } from '../model/observed.ts';
import { originText, type Locate } from '../words/places.ts';
import type { Problem } from '../words/problems.ts';
import { isoTime, type EpochMs } from '../words/time.ts';
import { requestedAt } from './annotations.ts';
import { recordOf, statusBefore, type StatusBefore } from './before.ts';
import { conditionsOf, type Finding } from './conditions.ts';
import { troubleView } from './judge.ts';
import { approvalText, findingOf } from './message.ts';
import { conditionReasons } from './reasons.ts';
import { problemViews, type StatusObject } from './subject.ts';
import { clipped, plain, plural, sentence } from './texts.ts';

interface Made {
  readonly object: StatusObject;
  readonly now: EpochMs;
}

function commonOf({ object }: Made, before: StatusBefore, isSeen: boolean) {
  const asked = isSeen ? requestedAt(object.annotations) : undefined;
  const handled = asked ?? before.lastHandledReconcileAt;
  return {
    observedGeneration: object.generation,
    ...(handled === undefined ? {} : { lastHandledReconcileAt: handled }),
  };
}

function stampOf({ object, now }: Made, before: StatusBefore) {
  return { generation: object.generation, before, now };
}

export interface ConfigProfileInput extends Made {
  readonly problems: readonly Problem[];
  readonly locate: Locate;
  /** Objects that name it; undefined: not counted yet. */
  readonly users: { readonly programs: number; readonly releases: number } | undefined;
}

/** What a ConfigProfile says of itself: whether it is valid, and who uses it. */
export function configProfileStatus(input: ConfigProfileInput): ConfigProfileStatus {
  const { problems, locate, users } = input;
  const before = statusBefore(input.object.status);
  const views = problemViews(problems);
  const finding: Finding =
    views.length > 0
      ? findingOf(views, { locate, approvalsIgnored: undefined })
      : users === undefined
        ? { reason: 'NotYetSeen', message: 'Not looked at yet.' }
        : {
            reason: 'Valid',
            message: `Named by ${plural(users.programs, 'program', 'programs')} and ${plural(users.releases, 'release', 'releases')}.`,
          };
  return {
    ...commonOf(input, before, users !== undefined),
    conditions: conditionsOf(finding, stampOf(input, before)),
    ...users,
  };
}

const mostProblems = 20;

export interface GitSourceInput extends Made {
  readonly source: SourceStatus;
  /** Mistakes in its documents, in the order of their places. */
  readonly problems: readonly Problem[];
  /** Programs it declares. */
  readonly programs: number;
  /** Why an approval on it counts for nothing, as a sentence. */
  readonly approvalsIgnored?: string | undefined;
}

/** What a GitSource says of itself. Ready: everything the newest commit touched was acted on. */
export function gitSourceStatus(input: GitSourceInput): GitSourceStatus {
  const { source, programs } = input;
  const before = statusBefore(input.object.status);
  const errors = input.problems.filter(({ severity }) => severity === 'error');
  const { commit } = source;
  return {
    ...commonOf(input, before, source.state !== 'Reading'),
    conditions: conditionsOf(sourceFinding(input, errors), stampOf(input, before)),
    ...(commit === undefined ? {} : { seen: commitOf('seen', commit.id, { before, ...input }) }),
    ...completedOf({ before, ...input }),
    documents: source.documents,
    programs,
    problems: Math.max(errors.length, source.problemCount),
    ...(errors.length === 0 ? {} : { firstProblems: errors.slice(0, mostProblems).map(problemOf) }),
  };
}

function sourceFinding(input: GitSourceInput, errors: readonly Problem[]): Finding {
  const { source, approvalsIgnored } = input;
  const { state, trouble, changeId, commit, completed, ref } = source;
  if (state === 'Reading')
    return { reason: 'NotYetSeen', message: 'The repository was not read yet.' };
  if (state === 'Failing' || state === 'Rewound')
    return troubleFinding(trouble, {
      fallback: state === 'Rewound' ? 'SourceRewound' : 'SourceUnavailable',
      ...{ approval: changeId, approvalsIgnored },
    });
  const [first] = errors;
  const count = Math.max(errors.length, source.problemCount);
  if (first || count > 0) return { reason: 'Invalid', message: invalidText(first, count) };
  if (commit === undefined || completed !== commit.id)
    return {
      reason: 'Progressing',
      message: `Commit ${short(commit?.id)} of ${plain(ref)} is being carried out.`,
    };
  return {
    reason: 'InSync',
    message: `Everything that commit ${short(commit.id)} of ${plain(ref)} touches was acted on; its programs say how they are.`,
  };
}

function invalidText(first: Problem | undefined, count: number): string {
  const views = problemViews(first ? [first] : []);
  const said = views.map(({ view }) => view.says ?? '').join(' ');
  const place = first?.origin ? ` See ${originText(first.origin)}.` : '';
  const more = first ? count - 1 : count;
  const rest =
    more > 0 ? ` ${plural(more, 'more mistake', 'more mistakes')} in status.firstProblems.` : '';
  return `${said}${place}${rest}`.trim();
}

function troubleFinding(
  trouble: Trouble | undefined,
  {
    fallback,
    approval,
    approvalsIgnored,
  }: {
    readonly fallback: keyof typeof conditionReasons;
    readonly approval?: string | undefined;
    readonly approvalsIgnored?: string | undefined;
  },
): Finding {
  const inVain = approvalsIgnored === undefined ? '' : ` ${approvalsIgnored}`;
  const how =
    approval === undefined ? '' : ` Allow it with the ${approvalText([approval])}.${inVain}`;
  if (!trouble)
    return { reason: fallback, message: `${sentence(conditionReasons[fallback].what)}${how}` };
  const { reason = fallback, says = '' } = troubleView(trouble);
  return { reason, message: `${says}${how}` };
}

function short(commit: string | undefined): string {
  return (commit ?? 'unknown').slice(0, 12);
}

/** A commit with the moment from which it was there: the known one where it is the same commit. */
function commitOf(
  name: 'seen' | 'completed',
  id: string,
  { before, now }: { readonly before: StatusBefore; readonly now: EpochMs },
) {
  const known = recordOf(before.raw[name]);
  const at = known['id'] === id && typeof known['at'] === 'string' ? known['at'] : isoTime(now);
  return { id, at };
}

/**
 * The commit that was completed last, of what, and when it was made. It stays until another one is completed, also where
 * this process has completed none: the next one judges from it whether a ref went back and how much is changed.
 */
function completedOf(
  made: GitSourceInput & { readonly before: StatusBefore },
): Pick<GitSourceStatus, 'completed'> {
  const { commit, completed } = made.source;
  const known = completedBefore(made.before);
  if (completed === undefined) return known === undefined ? {} : { completed: known };
  const at = commit?.id === completed ? commit.at : undefined;
  const committedAt = at === undefined ? undefined : isoTime(at);
  return {
    completed: {
      ...commitOf('completed', completed, made),
      ...(known?.id === completed && known.committedAt !== undefined
        ? { committedAt: known.committedAt }
        : {}),
      ...(committedAt === undefined ? {} : { committedAt }),
      ...completedIn(made.source),
    },
  };
}

function completedIn({ url, ref, reads = '' }: SourceStatus) {
  return { url: clipped(url, 2048), ref: clipped(ref, 512), ...(reads === '' ? {} : { reads }) };
}

function completedBefore({ raw }: StatusBefore): GitSourceStatus['completed'] {
  const known = recordOf(raw['completed']);
  const { id, at, committedAt, url, ref, reads } = known;
  if (typeof id !== 'string' || typeof at !== 'string') return undefined;
  return {
    ...{ id, at },
    ...(typeof committedAt === 'string' ? { committedAt } : {}),
    ...(typeof url === 'string' ? { url } : {}),
    ...(typeof ref === 'string' ? { ref } : {}),
    ...(typeof reads === 'string' ? { reads } : {}),
  };
}

function problemOf({ rule, message, nextStep, origin }: Problem) {
  return {
    place: clipped(origin ? originText(origin) : '', 1200),
    rule: clipped(rule, 64),
    message: clipped(plain(message), 512),
    ...(nextStep === undefined ? {} : { nextStep: clipped(plain(nextStep), 256) }),
  };
}

export interface PlatformConnectionInput extends Made {
  /** Absent: no process of ours goes through it yet. */
  readonly connection: ConnectionStatus | undefined;
  /** What the platform said of itself; absent: it was not reached yet. */
  readonly info: PlatformInfo | undefined;
  readonly problems: readonly Problem[];
  readonly locate: Locate;
  readonly suspended: string | undefined;
}

/** What a PlatformConnection says of itself. Ready: the platform answers, and is the one that was named. */
export function platformConnectionStatus(input: PlatformConnectionInput): PlatformConnectionStatus {
  const { connection, info } = input;
  const before = statusBefore(input.object.status);
  const expires = connection?.credentialExpiresAt;
  const isSeen = connection !== undefined && connection.state !== 'Starting';
  return {
    ...commonOf(input, before, isSeen),
    conditions: conditionsOf(connectionFinding(input), stampOf(input, before)),
    ...(info ? infoOf(info) : {}),
    ...(connection ? { programs: connection.programs } : {}),
    ...(expires === undefined ? {} : { credentialExpiresAt: isoTime(expires) }),
  };
}

function connectionFinding(input: PlatformConnectionInput): Finding {
  const { connection, problems, locate, suspended } = input;
  const views = problemViews(problems);
  if (views.length > 0) return findingOf(views, { locate, approvalsIgnored: undefined });
  if (suspended !== undefined)
    return { reason: 'Suspended', message: sentence(`suspended: ${plain(suspended)}`) };
  return connection ? reachFinding(connection, input) : notAsked;
}

const notAsked: Finding = { reason: 'NotYetSeen', message: 'The platform was not asked yet.' };

function reachFinding(
  { state, trouble, platform }: ConnectionStatus,
  { info }: PlatformConnectionInput,
): Finding {
  switch (state) {
    case 'Starting':
      return notAsked;
    case 'Failing':
      return troubleFinding(trouble, { fallback: 'PlatformUnavailable' });
    case 'Suspended':
      return { reason: 'Suspended', message: 'Nothing is written through it.' };
    case 'Ready': {
      const kind = info?.emulator === true ? ', an emulator,' : '';
      return { reason: 'InSync', message: `Platform ${plain(platform)}${kind} answers.` };
    }
  }
}

function infoOf({ id, caller, capabilities }: PlatformInfo) {
  return {
    platform: clipped(plain(id), 64),
    client: clipped(plain(caller.client), 128),
    capabilities: capabilityNames(capabilities),
    workspaces: caller.workspaces.length,
  };
}

function capabilityNames(capabilities: Capabilities): string[] {
  const { variables, maxPageSize: _page, maxIdsPerFilter: _ids, ...flags } = capabilities;
  const held = Object.entries(flags).flatMap(([name, has]) => (has ? [name] : []));
  return [...held, ...(variables === 'readable' ? ['readableVariables'] : [])].sort();
}
