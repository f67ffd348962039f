import { describe, expect, it } from 'vitest';

import { createDeliveries } from '../../../src/server/deliveries.ts';

const hour = 3_600_000;

describe('delivery ids', () => {
  it('are new once an hour', () => {
    const deliveries = createDeliveries({ maxIds: 10, keptMs: hour });

    const seen = [0, 1, hour - 1, hour, hour + 1].map((now) => deliveries.isNew('a', now));

    expect(seen).toEqual([true, false, false, true, false]);
  });

  it('are forgotten from the oldest on above the limit, however often they were repeated', () => {
    const deliveries = createDeliveries({ maxIds: 3, keptMs: hour });
    for (const id of ['a', 'b', 'c']) deliveries.isNew(id, 0);
    deliveries.isNew('a', 1);

    deliveries.isNew('d', 2);

    expect(['d', 'c', 'b'].map((id) => deliveries.isNew(id, 3))).toEqual([false, false, false]);
    expect(deliveries.isNew('a', 3)).toBe(true);
  });

  it('take no more memory after a hundred thousand than after ten thousand', () => {
    const deliveries = createDeliveries({ maxIds: 10_000, keptMs: hour });
    for (let id = 0; id < 100_000; id += 1) deliveries.isNew(String(id), id);

    const kept = Array.from({ length: 20_000 }, (_, index) => 99_999 - index).filter(
      (id) => !deliveries.isNew(String(id), 100_000),
    );

    expect(kept.length).toBe(10_000);
  });
});
