import { describe, expect, it } from 'vitest';

import type { ReadConnection } from '../../../../src/cli/cluster/connections.ts';
import { readObject } from '../../../../src/cli/cluster/objects.ts';
import { createSettingsReports } from '../../../../src/cli/cluster/settings-reports.ts';
import { epochMs } from '../../../../src/core/words/time.ts';
import { createDeclared } from '../../../../src/reconcile/declared.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';
import { objectOf } from './stage.ts';

/** `Ready` of a PlatformConnection through which nothing can be done. */
function readyOf(refused: Pick<ReadConnection, 'problems' | 'trouble'>): unknown {
  const object = objectOf({ kind: 'PlatformConnection', name: 'default' });
  const statuses: unknown[] = [];
  const reports = createSettingsReports({
    hub: { get: () => object, objects: () => [object] },
    queue: { put: (_ref, make) => void statuses.push(make(object)) },
    clock: createVirtualClock(),
    declared: () => undefined,
    problemsOf: () => [],
    isSpeaker: () => true,
    guard: { ignored: () => undefined },
  });

  reports.refused({ name: 'default', ...refused });

  const [status] = statuses as {
    conditions: { type: string; reason: string; message: string }[];
  }[];
  return status?.conditions.map(({ type, reason, message }) => [type, reason, message]);
}

describe('a connection that could not be opened', () => {
  it.each([
    {
      name: 'a Secret that is missing',
      why: 'somebody else may bring it: the declaration stands',
      refused: {
        problems: [],
        trouble: {
          code: 'SecretUnavailable',
          message: 'there is no Secret',
          nextStep: 'create it',
        },
      } as const,
      beside: 'Reconciling',
      reason: 'SecretUnavailable',
    },
    {
      name: 'a right that is missing',
      why: 'it comes as soon as it is granted',
      refused: {
        problems: [],
        trouble: { code: 'ClusterRefused', message: 'forbidden', nextStep: 'grant it' },
      } as const,
      beside: 'Reconciling',
      reason: 'ClusterRefused',
    },
    {
      name: 'a twin',
      why: 'one of both has to change',
      refused: {
        problems: [],
        trouble: { code: 'SettingsInvalid', message: 'two name one', nextStep: 'remove it' },
      } as const,
      beside: 'Stalled',
      reason: 'Invalid',
    },
    {
      name: 'its own mistakes',
      why: 'they are told first',
      refused: {
        problems: [{ rule: 'unknown-field', severity: 'error', message: 'no such field' }],
        trouble: { code: 'SettingsInvalid', message: 'it is invalid' },
      } as const,
      beside: 'Stalled',
      reason: 'Invalid',
    },
  ])('says why: $name', ({ refused, beside, reason, why }) => {
    expect(readyOf(refused), why).toEqual([
      ['Ready', reason, expect.any(String)],
      [beside, reason, expect.any(String)],
    ]);
  });
});

describe('a connection', () => {
  it('counts the programs declared through it anew when declarations changed', () => {
    const object = objectOf({ kind: 'PlatformConnection', name: 'default' });
    const wishes: (() => unknown)[] = [];
    const declared = createDeclared({
      connections: { default: { platformId: 'megapay' } },
      order: [],
      namespaces: { team: {} },
    });
    const reports = createSettingsReports({
      hub: { get: () => object, objects: () => [object] },
      queue: { put: (_ref, make) => void wishes.push(() => make(object)) },
      clock: createVirtualClock(),
      declared: () => declared,
      problemsOf: () => [],
      isSpeaker: () => true,
      guard: { ignored: () => undefined },
    });
    reports.connection({ ...idle, name: 'default', platform: 'megapay' }, undefined);
    const before = wishes.at(-1)?.();

    const spec = { workspace: 'acme', id: '35' };
    const program = objectOf({ kind: 'MiniProgram', namespace: 'team', name: 'coffee', spec });
    declared.change([readObject({ ...program, kind: 'MiniProgram' }, epochMs(0)).change]);
    declared.resolve();
    reports.profiles();

    expect([before, wishes.at(-1)?.()]).toMatchObject([{ programs: 0 }, { programs: 1 }]);
  });
});

const idle = {
  state: 'Ready',
  ...{ since: epochMs(0), programs: 0, releases: 0 },
  ...{ requestsPerSecond: 10, rateNow: 10, queued: { hot: 0, sweep: 0 } },
} as const;
