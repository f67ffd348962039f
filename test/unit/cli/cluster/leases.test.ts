import { describe, expect, it } from 'vitest';

import { leaseNames } from '../../../../src/cli/cluster/leases.ts';

const of = (namespaces: readonly string[], leases?: string) => leaseNames({ namespaces, leases });

describe('names of Leases', () => {
  it('are the same for all processes of the whole cluster', () => {
    expect(of([])).toEqual({ name: 'fairlead', scope: 'cluster' });
  });

  it('are others for other namespaces, in whatever order they are given', () => {
    const shop = of(['shop']);
    const both = of(['shop', 'kiosk']);

    expect(of(['kiosk', 'shop', 'shop'])).toEqual(both);
    expect(new Set(['fairlead', shop.name, both.name, of(['kiosk']).name]).size).toBe(4);
    expect(shop.name).toBe(`fairlead-${shop.scope}`);
  });

  it('are what is given, and still say what is read', () => {
    expect(of(['shop'], 'team')).toEqual({ name: 'team', scope: of(['shop']).scope });
    expect(of([], 'team')).toEqual({ name: 'team', scope: 'cluster' });
  });
});
