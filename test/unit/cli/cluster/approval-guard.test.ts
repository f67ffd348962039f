import { describe, expect, it } from 'vitest';

import { createApprovalGuard } from '../../../../src/cli/cluster/approval-guard.ts';
import { epochMs } from '../../../../src/core/words/time.ts';
import type { ClusterObject, PolicyState } from '../../../../src/ports/cluster.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';
import { objectOf } from './stage.ts';

const [change, other] = ['c-000000000001', 'c-000000000002'];
const away: PolicyState = { isInForce: false, fault: 'it is missing' };

async function stage() {
  const clock = createVirtualClock();
  const start = clock.wall();
  const guard = createApprovalGuard(clock);
  const at = (seconds: number) => epochMs(start + seconds * 1000);
  const object = (more: Partial<ClusterObject> = {}): ClusterObject =>
    objectOf({ kind: 'MiniProgramRelease', name: 'coffee', createdAt: at(-9_000), ...more });
  return {
    ...{ clock, guard, at, object },
    approved: (seconds: number, more: Partial<ClusterObject> = {}) =>
      object({
        annotations: { 'fairlead.dev/approve': change },
        approvedAt: at(seconds),
        ...more,
      }),
    /** The policy was made that many seconds after the start, and is looked at now. */
    async inForce(since: number) {
      await clock.advance(1);
      const isNews = guard.look({ isInForce: true, since: at(since) }, clock.mono());
      await clock.advance(1);
      return isNews;
    },
    async gone() {
      await clock.advance(1);
      guard.look(away, clock.mono());
    },
  };
}

const readyAt = (time: number) => ({
  conditions: [
    {
      ...{ type: 'Ready', status: 'False', reason: 'AwaitingApproval', message: '' },
      lastTransitionTime: new Date(time).toISOString(),
    },
  ],
});

describe('an approval that this process saw appear', () => {
  it('counts once the policy was looked at after it was seen', async () => {
    const { guard, inForce, object, approved, clock } = await stage();
    await inForce(-1_000);
    guard.heeded(object());
    await clock.advance(60_000);
    const given = approved(60);

    const before = [guard.heeded(given), guard.isWanted()];
    const isNews = await inForce(-1_000);

    expect(before).toEqual([[], true]);
    expect([isNews, guard.heeded(given), guard.ignored(given)]).toEqual([
      true,
      [change],
      undefined,
    ]);
  });

  it('never counts where the policy came after it, not even with a time that was forged', async () => {
    const { guard, inForce, gone, object, approved } = await stage();
    await gone();
    guard.heeded(object());
    const standing = approved(0);
    const inVain = guard.ignored(standing);
    await inForce(1);

    const refreshed = approved(3_600);

    expect(inVain).toContain('Approvals by annotation are ignored: it is missing');
    expect([guard.heeded(refreshed), guard.spent(refreshed)]).toEqual([[], [change]]);
    expect(guard.ignored(refreshed)).toContain('set it again');
  });

  it('never counts where the policy went and came back between two looks', async () => {
    const { guard, inForce, object, approved, clock } = await stage();
    await inForce(-1_000);
    guard.heeded(object());
    await clock.advance(10_000);
    guard.heeded(approved(3_600));

    await inForce(11);

    expect(guard.heeded(approved(3_600)), 'forged or not').toEqual([]);
  });

  it('counts when it is set again after it was gone', async () => {
    const { guard, inForce, gone, object, approved, clock } = await stage();
    await gone();
    guard.heeded(approved(0));
    await inForce(1);
    guard.heeded(approved(0));
    guard.heeded(object());
    await clock.advance(60_000);

    guard.heeded(approved(60));
    await inForce(1);

    expect([guard.heeded(approved(60)), guard.spent(approved(60))]).toEqual([[change], []]);
  });

  it('stays the old one while status still calls it used', async () => {
    const { guard, inForce, object, approved, clock } = await stage();
    await inForce(-1_000);
    guard.heeded(object());
    await clock.advance(60_000);
    const quick = approved(60, { status: { usedApprovals: [change] } });

    guard.heeded(quick);
    await inForce(-1_000);

    expect([guard.heeded(quick), guard.spent(quick)]).toEqual([[], [change]]);
    expect(guard.ignored(quick)).toContain('once this sentence is gone');
  });

  it('is judged by itself, also where another one stands beside it', async () => {
    const { guard, inForce, gone, approved, clock } = await stage();
    await gone();
    guard.heeded(approved(0));
    await inForce(1);
    await clock.advance(60_000);
    const both = approved(60, { annotations: { 'fairlead.dev/approve': `${change},${other}` } });

    guard.heeded(both);
    await inForce(1);

    expect([guard.heeded(both), guard.spent(both)]).toEqual([[other], [change]]);
  });
});

describe('an approval that stood when this process began', () => {
  it.each([
    {
      name: 'set after the policy, on an object whose status is newer than the policy',
      why: 'that status found none in vain',
      more: { status: readyAt(Date.UTC(2030, 0)) },
      set: 60,
      counts: true,
    },
    {
      name: 'set after the policy, on an object that is newer',
      why: 'it was made under the policy',
      more: { createdAt: epochMs(Date.UTC(2030, 0)) },
      set: 60,
      counts: true,
    },
    {
      name: 'set after the policy, as far as the object tells alone',
      why: 'whoever writes the object may forge that time',
      more: {},
      set: 60,
      counts: false,
    },
    {
      name: 'set before the policy',
      why: 'nobody was asked',
      more: { createdAt: epochMs(Date.UTC(2030, 0)) },
      set: -60,
      counts: false,
    },
    {
      name: 'set within the moment that an API server takes to heed a policy',
      why: 'it may have asked nobody yet',
      more: { createdAt: epochMs(Date.UTC(2030, 0)) },
      set: 4,
      counts: false,
    },
    {
      name: 'without any time',
      why: 'nothing tells that somebody was asked',
      more: { createdAt: epochMs(Date.UTC(2030, 0)), approvedAt: undefined },
      set: 60,
      counts: false,
    },
    {
      name: 'set after the policy, on a kind that the policy is not asked about',
      why: 'whoever may write it would approve',
      more: { kind: 'ConfigProfile' as const, createdAt: epochMs(Date.UTC(2030, 0)) },
      set: 60,
      counts: 'nothing' as const,
    },
    {
      name: 'on a repository whose status is newer than the policy',
      why: 'that status does not keep what was in vain',
      more: { kind: 'GitSource' as const, status: readyAt(Date.UTC(2030, 0)) },
      set: 60,
      counts: false,
    },
  ])('$name: $counts', async ({ more, set, counts, why }) => {
    const { guard, inForce, approved } = await stage();
    const given = approved(set, more);
    guard.heeded(given);

    await inForce(0);

    expect([guard.heeded(given), guard.spent(given)], why).toEqual(
      counts === 'nothing' ? [[], []] : counts ? [[change], []] : [[], [change]],
    );
  });

  it('is not found in vain while the policy cannot be looked at', async () => {
    const { guard, inForce, approved, clock, at } = await stage();
    const given = approved(60, { createdAt: at(30) });
    guard.look({ isInForce: 'Unknown', fault: 'forbidden; grant get' }, clock.mono());
    const unknown = [guard.heeded(given), guard.spent(given), guard.ignored(given)];

    await inForce(0);

    expect(unknown).toEqual([[], [], 'Approvals by annotation are ignored: forbidden; grant get.']);
    expect(guard.heeded(given)).toEqual([change]);
  });

  it('is another one on an object of another uid', async () => {
    const { guard, inForce, gone, approved, at } = await stage();
    await gone();
    guard.heeded(approved(0));
    const again = approved(60, { uid: 'another', createdAt: at(60) });

    await inForce(1);
    guard.heeded(again);
    await inForce(1);

    expect(guard.heeded(again)).toEqual([change]);
  });
});
