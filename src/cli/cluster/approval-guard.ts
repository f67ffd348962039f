import { approvalsOf, statusBefore } from '../../core/status/index.ts';
import { parseMoment } from '../../core/resolve/moment.ts';
import type { EpochMs } from '../../core/words/time.ts';
import type { ClusterObject, ObjectRef, PolicyState } from '../../ports/cluster.ts';
import type { Clock } from '../../ports/index.ts';
import { approvingKinds } from './approval-rules.ts';
import { refText } from './hub.ts';

/** Which approvals count: those that the policy was asked about when they were set. */
export interface ApprovalGuard {
  /** Ids of the annotation that count now. */
  heeded(object: ClusterObject): readonly string[];
  /** Ids of the annotation that will never count while they stand there. */
  spent(object: ClusterObject): readonly string[];
  /** Why some or all do not count, as a sentence; undefined: they do, or there are none, or nobody has looked yet. */
  ignored(object: ClusterObject): string | undefined;
  /** It is gone. */
  forget(ref: ObjectRef): void;
}

/** What was seen of the policy last. `Unknown`: it could not be looked at. */
export type PolicySight = PolicyState | { readonly isInForce: 'Unknown'; readonly fault: string };

export interface GuardControl extends ApprovalGuard {
  /**
   * @param lookedAt  monotonic moment before the API server was asked
   * @returns it is another sight than the one before, or somebody waits for it
   */
  look(sight: PolicySight, lookedAt: number): boolean;
  /** Somebody waits for a look that is newer than an approval. */
  isWanted(): boolean;
}

interface Id {
  /** Monotonic and wall-clock moment at which it was seen first. */
  readonly seenAt: number;
  readonly seenWall: EpochMs;
  /** The object was seen without it before. */
  readonly hasAppeared: boolean;
  isSpent: boolean;
}

interface Known {
  readonly uid: string;
  readonly ids: ReadonlyMap<string, Id>;
}

/** An API server takes a moment to heed a policy that it was given, and clocks of its hosts differ a little. */
const settledMs = 5_000;

const setAgain =
  'The approval on this object counts for nothing: it was set while nobody made sure who may, or before an earlier one of it was forgotten, or nothing tells when; take the annotation away, and once this sentence is gone let somebody who may approve set it again.';

/**
 * Judges each approval once, for as long as it stands. Times on the object tell when it was set, but whoever may write the
 * object may forge them: so an approval that was there when this process first saw the object needs another witness, which
 * is an object made, or a status of ours written, after the policy came. An approval found in vain is spent, and status
 * keeps it so.
 */
export function createApprovalGuard(clock: Pick<Clock, 'mono' | 'wall'>): GuardControl {
  const known = new Map<string, Known>();
  let sight: PolicySight | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let isWanted = false;

  function seen(object: ClusterObject): ReadonlyMap<string, Id> {
    const key = refText(object);
    const before = known.get(key);
    const isSame = before?.uid === object.uid;
    const stood = isSame ? before.ids : none;
    const asked = approvingKinds.includes(object.kind) ? approvalsOf(object.annotations) : [];
    const ids =
      asked.length === 0
        ? none
        : new Map(asked.map((id) => [id, stood.get(id) ?? first(object, id, isSame)]));
    known.set(key, { uid: object.uid, ids });
    for (const id of ids.values()) id.isSpent ||= isInVain(object, id);
    return ids;
  }

  /** What status still calls used was not forgotten yet: then this is the old approval, however quickly it came again. */
  function first({ status }: ClusterObject, id: string, hasAppeared: boolean): Id {
    const isSpent = hasAppeared && statusBefore(status).usedApprovals.includes(id);
    return { seenAt: clock.mono(), seenWall: clock.wall(), hasAppeared, isSpent };
  }

  function isInVain(object: ClusterObject, id: Id): boolean {
    if (!sight || sight.isInForce === 'Unknown') return false;
    if (!sight.isInForce) return true;
    const from = sight.since + settledMs;
    if (object.approvedAt === undefined || object.approvedAt <= from) return true;
    return id.hasAppeared ? id.seenWall <= from : !hasWitness(object, from);
  }

  /** An approval waits for a look that began after it was seen: the policy may have gone since the last one. */
  function isHeeded({ isSpent, seenAt }: Id): boolean {
    if (isSpent || sight?.isInForce !== true) return false;
    if (seenAt < lookedAt) return true;
    isWanted = true;
    return false;
  }

  return {
    heeded: (object) => [...seen(object)].flatMap(([id, one]) => (isHeeded(one) ? [id] : [])),
    spent: (object) => [...seen(object)].flatMap(([id, { isSpent }]) => (isSpent ? [id] : [])),
    ignored(object) {
      const ids = [...seen(object).values()];
      if (sight && sight.isInForce !== true) return ignoredText(sight);
      return ids.some(({ isSpent }) => isSpent) ? setAgain : undefined;
    },
    forget: (ref) => void known.delete(refText(ref)),
    look(now, at) {
      const isNews = isWanted || JSON.stringify(now) !== JSON.stringify(sight);
      [sight, lookedAt, isWanted] = [now, at, false];
      return isNews;
    },
    isWanted: () => isWanted,
  };
}

/** Where policy or binding do not do what this release asks of them, or cannot be looked at. */
export function ignoredText({ isInForce, fault }: Exclude<PolicySight, { isInForce: true }>) {
  const way =
    isInForce === 'Unknown'
      ? ''
      : '; ask the administrator to install policy and binding as the chart of this release has them';
  return `Approvals by annotation are ignored: ${fault}${way}.`;
}

const none: ReadonlyMap<string, Id> = new Map();

/**
 * What no writer of an object can make later than it is. Of a repository the status keeps no approvals in vain, and so
 * bears no witness.
 */
function hasWitness({ kind, createdAt, status }: ClusterObject, from: number): boolean {
  if (createdAt > from) return true;
  if (kind === 'GitSource') return false;
  const times = statusBefore(status).conditions.flatMap(
    ({ lastTransitionTime }) => parseMoment(lastTransitionTime) ?? [],
  );
  return times.some((time) => time > from);
}
