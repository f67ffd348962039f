import type { Status } from '../../core/words/statuses.ts';
import type { EpochMs } from '../../core/words/time.ts';
import { nextStatus, type LifecycleEvent } from './lifecycle.ts';
import { editRecord, effectiveOf } from './records.ts';
import {
  findProgram,
  holds,
  putApproval,
  releasesOf,
  type App,
  type Approval,
  type Release,
  type World,
} from './state.ts';

/** A person's decision about a release. */
export interface Move {
  readonly event: LifecycleEvent;
  readonly now: EpochMs;
  readonly by: string | undefined;
  readonly percentage: number | undefined;
  readonly reason: string | undefined;
}

export interface RefusedMove {
  readonly code: 'TRANSITION_NOT_ALLOWED' | 'REASON_REQUIRED' | 'PARAM_ILLEGAL';
  readonly message: string;
}

interface Moved {
  readonly world: World;
  readonly release: Release;
}

const notAllowed = (release: Release, event: string): RefusedMove => ({
  code: 'TRANSITION_NOT_ALLOWED',
  message: `${event} is not possible in ${release.status}`,
});

/** The release after a decision, with everything that follows from it: approvals, freezing, archiving. */
export function moveRelease(world: World, release: Release, move: Move): Moved | RefusedMove {
  const app = world.apps.get(release.app);
  if (!app) return notAllowed(release, move.event);
  const removal = openApproval(world, release);
  if (removal?.category === 'Removal') return decideRemoval(world, release, removal, move);
  if (move.event === 'takeOffline') return takeOffline(world, { release, app }, move);
  const refusal = refusedMove(world, release, move);
  if (refusal) return refusal;
  const event = move.event === 'gray' && move.percentage === 100 ? 'goLive' : move.event;
  const status = nextStatus(world, event, { ...release, app });
  if (status === undefined) return notAllowed(release, move.event);
  return settle(recordRequest(enter(world, release, status, move), move));
}

function refusedMove(world: World, release: Release, move: Move): RefusedMove | undefined {
  if (move.event === 'apply' && !world.switches.newerWhileUnderReview)
    return sameTarget(world, release).some(({ status }) => status === 'UnderReview')
      ? notAllowed(release, 'apply while another version is under review')
      : undefined;
  const { percentage = 0 } = move;
  const isLowered = move.event === 'gray' && percentage <= (release.percentage ?? 0);
  return isLowered && !world.switches.grayscaleDecrease
    ? { code: 'PARAM_ILLEGAL', message: 'the percentage can only be raised' }
    : undefined;
}

/** Leaving New Version Created freezes the effective configuration, coming back frees it. */
function enter(world: World, release: Release, status: Status, move: Move): Moved {
  const isFree = status === 'NewVersionCreated';
  const percentage = move.percentage ?? world.switches.grayscaleStart;
  return editRecord(world, release, {
    status,
    frozen: isFree ? undefined : (release.frozen ?? effectiveOf(world, release)),
    percentage: status === 'GrayscaleRelease' ? percentage : undefined,
  });
}

/** A release that has become a Full Release takes the place of the one before it. */
function settle({ world, release }: Moved): Moved {
  if (release.status !== 'FullRelease' || !holds(world, 'full-archives-previous'))
    return { world, release };
  const previous = sameTarget(world, release).filter(({ status }) => status === 'FullRelease');
  const archived = previous.reduce(
    (before, old) => editRecord(before, old, { status: 'Archived' }).world,
    world,
  );
  return { world: archived, release };
}

/** Other releases of the program on the same target. */
function sameTarget(world: World, release: Release): readonly Release[] {
  const program = findProgram(world, release);
  if (!program) return [];
  return releasesOf(world, program).filter(
    ({ seq, app, environment }) =>
      seq !== release.seq && app === release.app && environment === release.environment,
  );
}

function takeOffline(
  world: World,
  { release, app }: { readonly release: Release; readonly app: App },
  move: Move,
): Moved | RefusedMove {
  const status = nextStatus(world, 'takeOffline', { ...release, app });
  if (status === undefined) return notAllowed(release, 'takeOffline');
  if (holds(world, 'offline-reason') && !move.reason?.trim())
    return { code: 'REASON_REQUIRED', message: 'taking offline needs a reason' };
  const underWay: readonly Status[] = ['UnderReview', 'PilotTesting', 'GrayscaleRelease'];
  const isBusy = sameTarget(world, release).some((other) => underWay.includes(other.status));
  if (isBusy && holds(world, 'offline-none-under-way'))
    return notAllowed(release, 'takeOffline while another version is under way');
  if (!needsRemovalApproval(world, release, app))
    return editRecord(world, release, { status, percentage: undefined });
  return { world: request(world, release, 'Removal', move), release };
}

function needsRemovalApproval(world: World, { environment }: Release, app: App): boolean {
  switch (environment) {
    case 'Production':
      return holds(world, 'offline-production-approval');
    case 'Sandbox':
      return app.sandboxReview && holds(world, 'offline-sandbox-approval');
    default:
      return !holds(world, 'offline-development-test');
  }
}

function decideRemoval(
  world: World,
  release: Release,
  approval: Approval,
  move: Move,
): Moved | RefusedMove {
  const ends = endings[move.event];
  if (!ends) return notAllowed(release, move.event);
  const completed = putApproval(world, { ...approval, status: ends, completedAt: move.now });
  if (ends !== 'Approved') return { world: completed, release };
  return editRecord(completed, release, { status: world.switches.afterOffline });
}

const endings: Readonly<Partial<Record<LifecycleEvent, Approval['status']>>> = {
  approve: 'Approved',
  reject: 'Rejected',
  withdraw: 'Withdrawn',
};

/** Keeps the approval requests in step with the release. */
function recordRequest({ world, release }: Moved, move: Move): Moved {
  if (move.event === 'apply' && release.status === 'UnderReview')
    return { world: request(world, release, 'Release', move), release };
  const ends = endings[move.event];
  const open = openApproval(world, release);
  if (!ends || !open) return { world, release };
  return { world: putApproval(world, { ...open, status: ends, completedAt: move.now }), release };
}

function openApproval(world: World, { seq }: Release): Approval | undefined {
  return world.approvals.findLast(
    ({ releaseSeq, status }) => releaseSeq === seq && status === 'InReview',
  );
}

function request(
  world: World,
  { seq: releaseSeq }: Release,
  category: Approval['category'],
  { by, now, reason }: Move,
): World {
  if (!holds(world, 'approval-requests')) return world;
  const seq = world.approvals.size;
  return putApproval(world, {
    ...{ seq, id: `req-${String(seq + 1).padStart(6, '0')}`, category, releaseSeq },
    ...{ status: 'InReview', submittedBy: by ?? 'console', createdAt: now },
    ...(reason !== undefined && { reason }),
  });
}
