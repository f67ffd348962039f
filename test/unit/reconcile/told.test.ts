import { describe, expect, it } from 'vitest';

import type { Order } from '../../../src/core/model/orders.ts';
import type { ChangeId } from '../../../src/core/model/plan.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { createMemory } from '../../../src/engine/read.ts';
import type { TelemetryEvent } from '../../../src/ports/index.ts';
import type { LoopConnection, LoopPorts, LoopSettings, Told } from '../../../src/reconcile/loop.ts';
import { heedOnce } from '../../../src/reconcile/orders.ts';
import { createState } from '../../../src/reconcile/state.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const changes = (...ids: readonly string[]) => ids as unknown as readonly ChangeId[];

/** A loop of a process; `told` is what earlier loops of it told. */
function loop(orders: readonly Order[], told?: Told, connections: readonly LoopConnection[] = []) {
  const clock = createVirtualClock();
  const events: TelemetryEvent[] = [];
  const ports = {
    ...{ clock, connections, sources: [], ...(told ? { told } : {}) },
    telemetry: { emit: (event: TelemetryEvent) => events.push(event) },
    ledger: { append: () => Promise.resolve() },
    orders: { read: () => Promise.resolve(orders) },
    board: { changed: () => undefined },
  } as unknown as LoopPorts;
  const state = createState(ports, { sourceCredentials: {} } as unknown as LoopSettings);
  return {
    state,
    /** Ids of the orders that were told. */
    heed: async () => {
      events.length = 0;
      await heedOnce(state);
      return events.flatMap((event) => (event.kind === 'order' ? [event.order.id] : []));
    },
  };
}

const now = createVirtualClock().wall();
const by = { by: 'ada', at: epochMs(now - 1000) };

const orders: readonly Order[] = [
  { ...by, kind: 'approve', id: '1', asked: 'a', ids: changes('a') },
  { ...by, kind: 'used', id: '2', ids: changes('a') },
  { ...by, kind: 'suspend', id: '3', reason: 'incident', until: epochMs(now - 1) },
  { ...by, kind: 'approve', id: '4', asked: 'b', ids: changes('b'), until: epochMs(now - 1) },
  { ...by, kind: 'approve', id: '5', asked: 'c', ids: changes('c') },
];

describe('orders that stood when the process began', () => {
  it('are told where they still count, and those that are over are not', async () => {
    expect(await loop(orders).heed()).toEqual(['5']);
  });

  it('are told once, whatever settings take over', async () => {
    const told: Told = { orders: new Set(), commits: new Map() };

    expect(await loop(orders, told).heed()).toEqual(['5']);
    expect(await loop(orders, told).heed()).toEqual([]);
  });

  it('leave those that are given later to be told, whatever they come to', async () => {
    const given = [...orders];
    const { heed } = loop(given);
    await heed();
    given.push({ ...by, kind: 'resume', id: '6' });

    expect(await heed()).toEqual(['6']);
    expect(await heed()).toEqual([]);
  });
});

describe('what is remembered of a platform', () => {
  it('is what an earlier loop of the process remembers', () => {
    const memory = createMemory();
    const connection = { name: 'default', platform: 'p', requestsPerSecond: 1, memory };

    const { state } = loop([], undefined, [connection as unknown as LoopConnection]);

    expect(state.connections.get('default')?.memory).toBe(memory);
  });
});
