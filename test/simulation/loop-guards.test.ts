import { expect, it } from 'vitest';
import { client } from './faults-world.ts';
import { openGates } from './loop-scene.ts';
import { breachesOf } from './loop-judge.ts';
import { townWorld, type Declared, type Values } from './loop-town.ts';
import { createUniverse, type Universe, type UniverseOptions } from './loop-universe.ts';

/*
 * One short scene for each guard of the loop, in which the world is such that only the guard stands between us and the
 * breach. Judged by the wire, like everything here.
 */

const test = '1.0.0/Test';
const key = { workspace: 'acme', miniProgram: 'coffee', version: '1.0.0', app: 'megapay' } as const;

function coffee(values: Values, more: Declared = {}): Declared {
  return { coffee: { targets: { [test]: values } }, ...more };
}

async function begun(declared: Declared, more: Partial<UniverseOptions> = {}): Promise<Universe> {
  const universe = createUniverse({ world: townWorld(), ...more });
  universe.repos['team']!.commit(declared);
  universe.machines[0]!.start();
  await universe.time.advance(3_000);
  return universe;
}

function payeesSent({ wire }: Universe): readonly unknown[] {
  return wire.attempts.flatMap(({ config }) => config['merchantId'] ?? []);
}

it('stops between two attempts of one write when a person suspends', async () => {
  const universe = await begun(coffee({ merchantId: 'M-1' }));
  const { repos, time, machines } = universe;
  repos['team']!.commit(coffee({ merchantId: 'M-2' }));
  universe.strikes = ({ name }) => {
    if (name !== 'call:patchReleaseConfig') return undefined;
    time.at(time.mono() + 100, () => {
      machines[0]!.disk.orders.push({
        ...{ kind: 'suspend', id: 'stop', at: time.wall(), by: 'ada', reason: 'freeze' },
      });
    });
    return { kind: 'wire', rule: { effect: 'status', status: 503 } };
  };
  await time.advance(60_000);

  expect(breachesOf({ universe })).toEqual([]);
  expect(payeesSent(universe)).toEqual(['M-1', 'M-2']);
});

it('stops between two attempts of one write when a commit wants something else', async () => {
  const universe = await begun(coffee({ merchantId: 'M-1' }), { lookMs: 200 });
  const { repos, time } = universe;
  repos['team']!.commit(coffee({ merchantId: 'M-2' }));
  universe.strikes = ({ name }) => {
    if (name !== 'call:patchReleaseConfig') return undefined;
    universe.strikes = () => undefined;
    repos['team']!.commit(coffee({ merchantId: 'M-3' }));
    return { kind: 'wire', rule: { effect: 'tooMany', retryAfterSeconds: 5 } };
  };
  await time.advance(60_000);

  expect(breachesOf({ universe })).toEqual([]);
  expect(payeesSent(universe)).toEqual(['M-1', 'M-2', 'M-3']);
});

it('takes nothing from a source that could not be read whole', async () => {
  const universe = await begun(coffee({ merchantId: 'M-1' }));
  const { repos, time } = universe;
  repos['team']!.commit(coffee({ merchantId: 'M-2' }), { complete: false });
  await time.advance(60_000);

  expect(breachesOf({ universe })).toEqual([]);
  expect(payeesSent(universe)).toEqual(['M-1']);
});

it('refuses a commit that changes more programs than the gate lets through, also after a restart', async () => {
  const all = (payee: string) =>
    coffee(
      { merchantId: payee },
      {
        tea: { targets: { [test]: { merchantId: payee } } },
        cake: { targets: { [test]: { merchantId: payee } } },
      },
    );
  const gates = { ...openGates, maxPrograms: 2 };
  const universe = await begun(all('M-1'), { gates });
  const { repos, time, machines } = universe;
  await time.advance(20_000);
  repos['team']!.commit(all('M-2'));
  await time.advance(20_000);
  expect(payeesSent(universe)).toEqual(['M-1', 'M-1', 'M-1']);

  machines[0]!.die();
  await time.advance(20_000);
  expect(payeesSent(universe)).toEqual(['M-1', 'M-1', 'M-1']);
});

it('has one pass of a program under way at a time', async () => {
  const universe = await begun(coffee({ merchantId: 'M-1' }), { lookMs: 100, travelMs: 600 });
  const { repos, time } = universe;
  await time.advance(20_000);
  repos['team']!.commit(coffee({ merchantId: 'M-2' }));
  while (payeesSent(universe).at(-1) !== 'M-2') await time.advance(50);
  repos['team']!.commit(coffee({ merchantId: 'M-2', testers: ['u1'] }));
  await time.advance(250);
  repos['team']!.commit(coffee({ merchantId: 'M-3', testers: ['u1'] }));
  await time.advance(20_000);

  expect(breachesOf({ universe })).toEqual([]);
  expect(payeesSent(universe).at(-1)).toBe('M-3');
});

it('makes another call of what comes back to an earlier value, and names what it was planned from', async () => {
  const universe = await begun(coffee({ merchantId: 'M-1' }));
  const { repos, time, host } = universe;
  for (const payee of ['M-2', 'M-1', 'M-2', 'M-1']) {
    repos['team']!.commit(coffee({ merchantId: payee }));
    await time.advance(12_000);
  }

  expect(breachesOf({ universe })).toEqual([]);
  expect(host.world().releases.last()?.config).toEqual({ merchantId: 'M-1' });
});

it('leaves alone what a person set and what nobody declares', async () => {
  const reported = { coffee: { policy: { onDrift: 'Report' }, targets: { [test]: {} } } };
  const declared = (values: Values): Declared => ({
    coffee: { ...reported.coffee, targets: { [test]: values } },
  });
  const universe = await begun(declared({ merchantId: 'M-1', testers: ['u1'] }));
  const { repos, time, host } = universe;
  universe.console({
    action: 'editReleaseConfig',
    ...{ ...key, environment: 'Test', patch: { merchantId: 'M-hand', clientId: 'C-hand' } },
  });
  await time.advance(20_000);
  repos['team']!.commit(declared({ merchantId: 'M-2', testers: ['u2'] }));
  await time.advance(20_000);

  expect(breachesOf({ universe })).toEqual([]);
  expect(host.world().releases.last()?.config).toEqual({
    ...{ merchantId: 'M-hand', clientId: 'C-hand', testers: ['u2'] },
  });
});

it('believes no list that was asked for before its own write, however long the others take', async () => {
  const { workspaces = [], ...world } = townWorld();
  const beta = {
    id: 'beta',
    admins: [client],
    miniPrograms: [{ id: 'juice', versions: ['1.0.0'] }],
  };
  const declared = (payee: string) =>
    coffee(
      { merchantId: payee },
      { juice: { workspace: 'beta', targets: { [test]: { testers: ['u1'] } } } },
    );
  const universe = await begun(declared('M-1'), {
    world: { ...world, workspaces: [...workspaces, beta] },
    ...{ lookMs: 200, sweepMs: 10_000, travelMs: 10 },
  });
  const { repos, time } = universe;
  await time.advance(2_000);
  let lists = 0;
  universe.strikes = ({ name }) => {
    if (name !== 'call:listReleases') return undefined;
    lists += 1;
    if (lists % 2 === 1) return undefined;
    repos['team']!.commit(declared(`M-${String(lists)}`));
    return { kind: 'wire', rule: { effect: 'delay', delayMs: 3_000 } };
  };
  await time.advance(60_000);

  expect(breachesOf({ universe })).toEqual([]);
  const sent = payeesSent(universe);
  expect(sent.length).toBeGreaterThan(3);
  expect(new Set(sent).size, 'nothing is written twice').toBe(sent.length);
});
