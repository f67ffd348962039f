import { describe, expect, it } from 'vitest';

import { clusterChecks, createHealthTeller } from '../../../../src/cli/cluster/checks.ts';
import type { Trouble } from '../../../../src/core/model/controller.ts';
import type { CacheHealth, ClusterKind, ObjectCache } from '../../../../src/ports/cluster.ts';
import type { TelemetryEvent } from '../../../../src/ports/index.ts';

const fine: CacheHealth = { state: 'Following', heardAt: 0 };

function checksOf(
  health: CacheHealth,
  now = 1_000,
  more: {
    untold?: CacheHealth['trouble'];
    unopened?: ReadonlyMap<string, Trouble>;
    connections?: number;
  } = {},
) {
  const { untold, unopened = new Map(), connections = 2 } = more;
  const cache = { health: () => health } as unknown as ObjectCache;
  const all = function* () {
    for (let index = 0; index < connections; index += 1) yield undefined;
  };
  const caches = new Map<ClusterKind, ObjectCache>([
    ['MiniProgram', cache],
    ['PlatformConnection', { health: () => fine, all } as unknown as ObjectCache],
  ]);
  const shards = { health: () => fine };
  const watched = {
    caches,
    namespaces: undefined,
    shards,
    statuses: { trouble: () => untold },
    unopened: () => unopened,
  };
  return clusterChecks(watched, { held: () => [] }, now);
}

describe('readiness in a cluster', () => {
  it.each([
    { name: 'followed', health: fine, now: 1_000, ready: true, says: 'MiniProgram: followed' },
    {
      name: 'not read yet',
      health: { state: 'Starting', heardAt: 0 } as const,
      now: 1_000,
      ready: false,
      says: 'MiniProgram: not read yet',
    },
    {
      name: 'a definition is missing',
      health: {
        ...({ state: 'Failing', heardAt: 0 } as const),
        trouble: { code: 'ClusterRefused', message: 'no such kind', nextStep: 'apply crds/' },
      } as const,
      now: 1_000,
      ready: false,
      says: 'MiniProgram: not followed: no such kind; apply crds/',
    },
    {
      name: 'silent for long',
      health: fine,
      now: 200_000,
      ready: false,
      says: 'MiniProgram: nothing was heard for a while',
    },
  ])('says what is wrong: $name', ({ health, now, ready, says }) => {
    const [first] = checksOf(health, now);

    expect(first).toEqual({ ready, text: says });
  });

  it('says that statuses cannot be written', () => {
    const untold = { code: 'ClusterRefused', message: 'forbidden', nextStep: 'grant it' };

    expect(checksOf(fine, 1_000, { untold })).toContainEqual({
      ready: false,
      text: 'status: not written: forbidden; grant it',
    });
  });

  it.each([
    { code: 'ClusterRefused', why: 'no Secret may be read', ready: false },
    { code: 'SecretUnavailable', why: 'the others go on', ready: true },
  ] as const)('names a connection that could not be opened: $code', ({ code, why, ready }) => {
    const unopened = new Map([['default', { code, message: 'no key', nextStep: 'bring it' }]]);

    expect(checksOf(fine, 1_000, { unopened }), why).toContainEqual({
      ready,
      text: 'connection default: not opened: no key; bring it',
    });
  });

  it('is not where the only connection could not be opened', () => {
    const trouble = { code: 'SecretUnavailable', message: 'no key' } as const;
    const unopened = new Map([['default', trouble]]);

    expect(checksOf(fine, 1_000, { unopened, connections: 1 })).toContainEqual({
      ready: false,
      text: 'connection default: not opened: no key',
    });
  });

  it('is told to the log once per transition', () => {
    const events: TelemetryEvent[] = [];
    const tell = createHealthTeller({ emit: (event) => events.push(event) });
    const failing: CacheHealth = { state: 'Failing', heardAt: 0 };

    for (const health of [fine, fine, failing, failing, fine]) tell(checksOf(health));

    expect(events.map((event) => 'state' in event && event.state)).toEqual(['Failing', 'Ready']);
  });
});
