import { describe, expect, it } from 'vitest';

import { readConnections, secretVersions } from '../../../../src/cli/cluster/connections.ts';
import { withinLease } from '../../../../src/cli/cluster/leases.ts';
import { epochMs } from '../../../../src/core/words/time.ts';
import { objectOf } from './stage.ts';

const spec = {
  platformId: 'mega',
  driver: 'http',
  endpoint: 'https://api.mega.example',
  clientId: 'fairlead',
  privateKey: { secretKeyRef: { name: 'keys', key: 'private' } },
  platformPublicKey: { secretKeyRef: { name: 'keys', key: 'public' } },
};

function connection(name: string, createdAt: number, more: object = {}) {
  const at = epochMs(createdAt);
  return objectOf({ kind: 'PlatformConnection', name, createdAt: at, spec: { ...spec, ...more } });
}

describe('connection objects', () => {
  it.each([
    {
      name: 'one platform and one client id twice',
      why: 'two budgets for one client would be one too many',
      second: {},
      out: ['second'],
    },
    {
      name: 'one platform at two addresses',
      why: 'one of the two is not that platform',
      second: { clientId: 'other', endpoint: 'https://evil.example' },
      out: ['second'],
    },
    {
      name: 'another client of the platform at the same address',
      why: 'each client has its own rights and its own budget',
      second: { clientId: 'other' },
      out: [],
    },
    {
      name: 'another platform',
      why: 'nothing is shared',
      second: { platformId: 'tera', endpoint: 'https://api.tera.example' },
      out: [],
    },
  ])('$name: the younger one is out where both cannot stand', ({ second, out, why }) => {
    const read = readConnections([connection('second', 2, second), connection('first', 1)]);

    const refused = read.filter((one) => !one.connection).map(({ name }) => name);
    expect(refused, why).toEqual(out);
    expect(
      read.every(({ trusted }) => trusted !== undefined),
      'programs keep their keys',
    ).toBe(true);
  });

  it('trust nobody where they are invalid', () => {
    const [read] = readConnections([connection('broken', 1, { driver: 'ftp' })]);

    expect(read?.connection).toBeUndefined();
    expect(read?.trusted).toEqual({ platformId: 'mega', grants: [] });
    expect(read?.problems[0]?.origin).toMatchObject({
      object: { kind: 'PlatformConnection', name: 'broken' },
    });
  });

  it('are opened anew when a Secret behind them is another one, appears or goes', async () => {
    const read = readConnections([connection('first', 1)]);
    const versions = (version: string | undefined) =>
      secretVersions(
        read,
        {
          namespace: 'fairlead-system',
          reader: {
            secret: () =>
              Promise.resolve(
                version === undefined ? undefined : { data: {}, resourceVersion: version },
              ),
          },
        },
        new AbortController().signal,
      );

    const texts = [await versions('1'), await versions('2'), await versions(undefined)];

    expect(new Set(texts).size).toBe(3);
    expect(await versions('1')).toBe(texts[0]);
  });

  it('call for half a Lease at most', () => {
    const times = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };
    const [usual, brief] = readConnections([
      connection('first', 1),
      connection('second', 2, { clientId: 'other', timeoutSeconds: 2 }),
    ]).map((one) => withinLease(one, times).connection?.spec.timeoutSeconds);

    expect([usual, brief]).toEqual([7.5, 2]);
  });
});
