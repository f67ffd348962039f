import { describe, expect, it, onTestFinished } from 'vitest';

import { lookAtPolicy, tellHealth } from '../../../../src/cli/cluster/watchers.ts';
import { ReconcileError } from '../../../../src/core/words/errors.ts';
import { epochMs } from '../../../../src/core/words/time.ts';
import type { TelemetryEvent } from '../../../../src/ports/index.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';
import { objectOf, settle } from './stage.ts';

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
    const policy = { isInForce: false };
    const touched: string[] = [];
    const approved = objectOf({
      ...{ kind: 'MiniProgram', name: 'coffee' },
      annotations: { 'fairlead.dev/approve': 'c-1' },
    });
    const left = [...answers];
    const approvals = {
      isInForce() {
        const answer = left.length > 1 ? left.shift() : left[0];
        return typeof answer === 'boolean' ? Promise.resolve(answer) : Promise.reject(answer!);
      },
    };
    const hub = {
      objects: () => [approved, objectOf({ kind: 'MiniProgram', name: 'tea' })],
      touch: (objects: readonly { readonly name: string }[]) =>
        void touched.push(...objects.map(({ name }) => name)),
    };
    void lookAtPolicy({ approvals, policy, hub, clock, telemetry }, over.signal).catch(
      () => undefined,
    );
    return { clock, events, policy, touched };
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
    const { clock, events, policy } = watch(answers);
    await settle();

    await clock.advance(100_000);

    expect([policy.isInForce, states(events)], why).toEqual([isInForce, says]);
  });

  it('has what was approved in vain looked at again', async () => {
    const { clock, touched } = watch([false, true]);
    await settle();

    await clock.advance(31_000);

    expect(touched).toEqual(['coffee']);
  });
});
