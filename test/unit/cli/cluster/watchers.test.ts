import { describe, expect, it, onTestFinished } from 'vitest';

import { createApprovalGuard } from '../../../../src/cli/cluster/approval-guard.ts';
import { lookAtPolicy, tellHealth } from '../../../../src/cli/cluster/watchers.ts';
import { ReconcileError } from '../../../../src/core/words/errors.ts';
import { epochMs } from '../../../../src/core/words/time.ts';
import type { PolicyState } from '../../../../src/ports/cluster.ts';
import type { TelemetryEvent } from '../../../../src/ports/index.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';
import { objectOf, settle } from './stage.ts';

const approval = 'c-000000000001';

function stage() {
  const clock = createVirtualClock();
  const events: TelemetryEvent[] = [];
  const over = new AbortController();
  onTestFinished(() => over.abort());
  return {
    clock,
    events,
    telemetry: { emit: (event: TelemetryEvent) => events.push(event) },
    over,
  };
}

const states = (events: readonly TelemetryEvent[]) =>
  events.map((event) => (event.kind === 'condition' ? `${event.name} ${event.state}` : event.kind));

describe('the clock of the machine', () => {
  it.each([
    { name: 'a day forward', ms: 86_400_000, says: ['clock Moved'] },
    { name: 'a day back', ms: -86_400_000, says: ['clock Moved'] },
    { name: 'by what a time service does', ms: 900, says: [] },
  ])('is told of once where it is set: $name', async ({ ms, says }) => {
    const { clock, events, telemetry, over } = stage();
    let offset = 0;
    const wall = () => epochMs(clock.wall() + offset);
    void tellHealth(() => [], { clock: { ...clock, wall }, telemetry }, over.signal).catch(
      () => undefined,
    );
    await clock.advance(20_000);

    offset = ms;
    await clock.advance(60_000);

    expect(states(events)).toEqual(says);
  });
});

describe('the policy that guards approvals', () => {
  function watch(answers: readonly (boolean | ReconcileError)[]) {
    const { clock, events, telemetry, over } = stage();
    const guard = createApprovalGuard(clock);
    const touched: string[] = [];
    const looks: number[] = [];
    const approved = objectOf({
      ...{ kind: 'MiniProgram', name: 'coffee' },
      ...{ annotations: { 'fairlead.dev/approve': approval }, approvedAt: epochMs(900_000) },
      createdAt: epochMs(900_000),
    });
    const left = [...answers];
    const approvals = {
      look() {
        looks.push(clock.mono());
        const answer = left.length > 1 ? left.shift() : left[0];
        if (typeof answer !== 'boolean') return Promise.reject(answer!);
        return Promise.resolve<PolicyState>(
          answer ? { isInForce: true, since: epochMs(0) } : { isInForce: false, fault: 'gone' },
        );
      },
    };
    const hub = {
      objects: () => [approved, objectOf({ kind: 'MiniProgram', name: 'tea' })],
      touch: (objects: readonly { readonly name: string }[]) =>
        void touched.push(...objects.map(({ name }) => name)),
    };
    void lookAtPolicy({ approvals, guard, hub, clock, telemetry }, over.signal).catch(
      () => undefined,
    );
    return { clock, events, guard, touched, approved, looks };
  }

  const refused = new ReconcileError('ClusterRefused', 'forbids get', { nextStep: 'grant it' });
  const away = new ReconcileError('ClusterUnavailable', 'no answer');

  it.each([
    {
      name: 'there from the start',
      why: 'that all is well is no news',
      answers: [true],
      isInForce: true,
      says: [],
    },
    {
      name: 'missing',
      why: 'approvals are given in vain',
      answers: [false],
      isInForce: false,
      says: ['cluster approvals Ignored'],
    },
    {
      name: 'not to be looked at',
      why: 'a right is missing, and the log names it',
      answers: [refused],
      isInForce: false,
      says: ['cluster approvals Ignored'],
    },
    {
      name: 'installed later',
      why: 'it is looked for again and again',
      answers: [false, true],
      isInForce: true,
      says: ['cluster approvals Ignored', 'cluster approvals Ready'],
    },
    {
      name: 'unknown while the API server is away',
      why: 'who does not answer has taken nothing away',
      answers: [true, away],
      isInForce: true,
      says: [],
    },
    {
      name: 'taken away',
      why: 'nobody makes sure any more',
      answers: [true, refused],
      isInForce: false,
      says: ['cluster approvals Ignored'],
    },
  ])('is $name', async ({ answers, isInForce, says, why }) => {
    const { clock, events, guard } = watch(answers);
    await settle();

    await clock.advance(100_000);

    const ignored = guard.ignored(objectOf({ kind: 'MiniProgram', name: 'tea' }));
    expect([ignored === undefined, states(events)], why).toEqual([isInForce, says]);
  });

  it('has what was approved in vain looked at again', async () => {
    const { clock, touched } = watch([false, true]);
    await settle();

    await clock.advance(31_000);

    expect(touched).toEqual(['coffee', 'coffee']);
  });

  it('is looked at once more for an approval that is newer than the last look', async () => {
    const { clock, touched, guard, approved, looks } = watch([true]);
    await settle();
    await clock.advance(10_000);

    const atOnce = guard.heeded(approved);
    await clock.advance(2_000);

    expect([atOnce, guard.heeded(approved)]).toEqual([[], [approval]]);
    expect([looks.length, touched]).toEqual([2, ['coffee', 'coffee']]);
  });
});
