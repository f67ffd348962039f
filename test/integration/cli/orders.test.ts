import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';

import { ordersIn } from '../../../src/cli/composition/orders.ts';
import { lockState } from '../../../src/cli/composition/state-lock.ts';
import { statusBoard } from '../../../src/cli/composition/status-board.ts';
import { systemClock } from '../../../src/cli/system.ts';
import type { ControllerStatus } from '../../../src/core/model/controller.ts';
import { standing, type Order, type Standing } from '../../../src/core/model/orders.ts';
import { createPlace, type Place, type Ran } from '../../support/cli.ts';
import {
  changeId,
  controllerStatus,
  heldStatus,
  programStatus,
  sourceStatus,
} from '../../support/controller-status.ts';

const coffeeId = 'megaplatform/acme/3500020208396321';
const merchant = changeId('1');
const testers = changeId('2');
const change = changeId('3');
const plan = changeId('4');
const drift = changeId('5');
const rewound = changeId('6');
const waits = changeId('7');

const within = { change, plan };
const coffee = programStatus(
  { name: 'coffee', id: '3500020208396321' },
  {
    state: 'Held',
    held: [
      heldStatus(merchant, within),
      heldStatus(testers, {
        ...within,
        path: 'testers',
        reason: 'AwaitsOther',
        message: 'waits for the global change of testers',
      }),
    ],
  },
);
const books = programStatus(
  { name: 'books', id: '3500020208396399' },
  {
    state: 'Held',
    held: [
      heldStatus(drift, { reason: 'DriftReported', where: '1.0.0/megapay/Sandbox' }),
      heldStatus(waits, { reason: 'Suspended', message: 'suspended: incident' }),
    ],
  },
);
const shop = sourceStatus({ state: 'Rewound', changeId: rewound });

/** A state directory as a controller leaves it. */
async function stateOf(more: Partial<ControllerStatus> = {}): Promise<Place> {
  const place = await createPlace();
  const status = controllerStatus({ sources: [shop], programs: [coffee, books], ...more });
  await place.write('state/status.json', JSON.stringify(status));
  return place;
}

const orders = async (place: Place): Promise<readonly Order[]> => {
  const folder = place.path('state/orders');
  const names = await readdir(folder).catch(() => []);
  return Promise.all(
    names
      .toSorted()
      .map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as Order),
  );
};

const tell = (place: Place, ...args: readonly string[]): Promise<Ran> =>
  place.run([...args, '--state', 'state']);

/** A controller that does nothing but show what people told it. */
async function controller(place: Place): Promise<void> {
  const dir = place.path('state');
  const stop = new AbortController();
  const { signal } = stop;
  const lock = await lockState(dir);
  const telemetry = { emit: () => undefined };
  const read = ordersIn(dir, { clock: systemClock, telemetry, user: 'controller' });
  const board = statusBoard(dir, { clock: systemClock, telemetry, signal });
  let stands: Standing = standing([], systemClock.wall());
  board.changed(() => shown(stands));
  const working = (async () => {
    while (!signal.aborted) {
      stands = standing(await read.read(), systemClock.wall());
      board.changed(() => shown(stands));
      await sleep(50);
    }
  })();
  onTestFinished(async () => {
    stop.abort();
    await working;
    await board.flush();
    lock.release();
  });
}

function shown({ approved, everything, programs }: Standing): ControllerStatus {
  return controllerStatus({
    programs: [coffee, books].map((program) => {
      const held = program.held.filter(({ changeId }) => !approved.has(changeId));
      const suspended = programs.get(program.id);
      if (suspended) return { ...program, held, suspended, state: 'Suspended' };
      return { ...program, held, state: held.length === 0 ? 'InSync' : 'Held' };
    }),
    ...(everything ? { suspended: everything } : {}),
  });
}

describe('approving', () => {
  it.each([
    { name: 'a field', asked: merchant, ids: [merchant] },
    { name: 'drift that is reported', asked: drift, ids: [drift] },
    { name: 'a ref that moved backwards', asked: rewound, ids: [rewound] },
    {
      name: 'a change: its fields, as far as an approval can release them',
      asked: change,
      ids: [merchant],
    },
    { name: 'a plan', asked: plan, ids: [merchant] },
  ])('$name', async ({ asked, ids }) => {
    const place = await stateOf();

    const { code, stdout, stderr } = await tell(place, 'approve', asked);

    expect(code, stderr).toBe(0);
    expect(await orders(place)).toMatchObject([{ kind: 'approve', asked, ids }]);
    expect(stdout).toContain('it counts from its next start');
    expect(stdout.includes('waits for the global change')).toBe(asked === change || asked === plan);
  });

  it.each([
    {
      name: 'what nobody holds',
      id: changeId('0'),
      code: 'NotFound',
      says: `${merchant}  coffee 2.5.0/megapay/Production merchantId (GateRefused)`,
    },
    { name: 'what waits for another', id: testers, code: 'NotApprovable', says: 'waits for' },
    { name: 'what is suspended', id: waits, code: 'NotApprovable', says: 'fairlead resume' },
    { name: 'what is no id', id: 'coffee', code: 'Usage', says: 'c- and 12' },
  ])('does not take $name, and says what to do', async ({ id, code, says }) => {
    const place = await stateOf();

    const ran = await tell(place, 'approve', id, '-o', 'json');

    expect(ran.code).toBe(1);
    const { kind, error } = JSON.parse(ran.stdout) as {
      kind: string;
      error: Record<string, string>;
    };
    expect(kind).toBe('Error');
    expect(error['code']).toBe(code);
    expect(error['nextStep']).toContain(says);
    expect(await orders(place)).toEqual([]);
  });

  it('lists what is held for a person who named something else', async () => {
    const place = await stateOf();

    const { stderr } = await tell(place, 'approve', changeId('0'));

    expect(stderr).toContain(`${rewound}  source shop (SourceRewound)`);
    expect(stderr).toContain(`${drift}  books 1.0.0/megapay/Sandbox merchantId (DriftReported)`);
  });

  it('ends by itself when that is asked for', async () => {
    const place = await stateOf();
    const before = Date.now();

    await tell(place, 'approve', merchant, '--until', '2h');
    await tell(place, 'approve', merchant, '--until', '2199-12-24T18:00:00Z');
    const past = await tell(place, 'approve', merchant, '--until', '2020-01-01T00:00:00Z');

    expect(past.code).toBe(1);
    const given = (await orders(place)).map((order) => ('until' in order ? order.until : 0));
    expect(given).toHaveLength(2);
    expect(given[0]).toBeGreaterThanOrEqual(before + 7_200_000);
    expect(given[1]).toBe(Date.UTC(2199, 11, 24, 18));
  });
});

describe('suspending and resuming', () => {
  it.each([
    { name: 'by name', args: ['coffee'], program: coffeeId },
    { name: 'by id', args: ['3500020208396321'], program: coffeeId },
    { name: 'by workspace and id', args: ['acme/3500020208396321'], program: coffeeId },
    { name: 'everything', args: [], program: undefined },
  ])('$name', async ({ args, program }) => {
    const place = await stateOf();

    const ran = await tell(place, 'suspend', ...args, '--reason', 'incident', '--until', '30m');

    expect(ran.code, ran.stderr).toBe(0);
    const [order] = await orders(place);
    expect(order).toMatchObject({ kind: 'suspend', reason: 'incident' });
    expect(order && 'program' in order ? order.program : undefined).toBe(program);
  });

  it.each([
    { name: 'no reason', args: ['coffee'], code: 'Usage' },
    { name: 'an empty reason', args: ['coffee', '--reason', ' '], code: 'Usage' },
    { name: 'a misspelt program', args: ['cofee', '--reason', 'x'], code: 'NotFound' },
    { name: 'an end that is over', args: ['--reason', 'x', '--until', '0h'], code: 'Usage' },
  ])('takes no order with $name', async ({ args, code }) => {
    const place = await stateOf();

    const ran = await tell(place, 'suspend', ...args, '-o', 'json');

    expect(ran.code).toBe(1);
    expect(JSON.parse(ran.stdout)).toMatchObject({ kind: 'Error', error: { code } });
    expect(await orders(place)).toEqual([]);
  });

  it('resume ends that of everything, names what stays, and ends all of them with --all', async () => {
    const place = await stateOf();
    await tell(place, 'suspend', '--reason', 'maintenance');
    await tell(place, 'suspend', 'coffee', '--reason', 'incident');

    const one = await tell(place, 'resume');
    const again = await tell(place, 'resume');
    const all = await tell(place, 'resume', '--all', '--reason', 'over');
    const nothing = await tell(place, 'resume', '--all', '-o', 'json');

    expect([one, again, all, nothing].map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(one.stdout).toContain('coffee stays suspended');
    expect(JSON.parse(nothing.stdout)).toMatchObject({ kind: 'OrderResult', orders: [] });
    expect((await orders(place)).map((order) => [order.kind, 'program' in order])).toEqual([
      ['suspend', false],
      ['suspend', true],
      ['resume', false],
      ['resume', true],
    ]);
  });

  it('resume takes a program or --all, not both', async () => {
    const place = await stateOf();

    expect((await tell(place, 'resume', 'coffee', '--all')).code).toBe(1);

    expect(await orders(place)).toEqual([]);
  });

  it('resume ends the suspension of a program that nobody declares any more', async () => {
    const place = await stateOf();
    await tell(place, 'suspend', 'coffee', '--reason', 'incident');
    await place.write('state/status.json', JSON.stringify(controllerStatus({ programs: [books] })));

    const { code, stderr } = await tell(place, 'resume', 'acme/3500020208396321');

    expect(code, stderr).toBe(0);
    expect((await orders(place)).at(-1)).toMatchObject({ kind: 'resume', program: coffeeId });
  });
});

describe('with a controller that runs', () => {
  it('shows the effect of each', async () => {
    const place = await stateOf();
    await controller(place);

    const approved = await tell(place, 'approve', merchant);
    const suspended = await tell(place, 'suspend', 'coffee', '--reason', 'incident');
    const json = await tell(place, 'suspend', '--reason', 'all of it', '-o', 'json');
    const resumed = await tell(place, 'resume', '--all');

    expect(approved.stdout).toContain('1 change released\ncoffee is held');
    expect(suspended.stdout).toContain('coffee is suspended');
    expect(JSON.parse(json.stdout)).toMatchObject({
      formatVersion: 1,
      kind: 'OrderResult',
      orders: [
        { kind: 'suspend', reason: 'all of it', at: expect.stringMatching(/^20.*Z$/) as string },
      ],
      effect: 'seen',
    });
    expect(resumed.stdout).toContain('the controller goes on');
  });

  it('does not wait when that is not wanted', async () => {
    const place = await stateOf();
    const lock = await lockState(place.path('state'));
    onTestFinished(lock.release);

    const { code, stdout } = await tell(
      place,
      ...['suspend', 'coffee', '--reason', 'x', '--no-wait', '-o', 'json'],
    );

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ effect: null });
    expect(await orders(place)).toHaveLength(1);
  });

  it('says so where the controller does not react', async () => {
    const place = await stateOf();
    const lock = await lockState(place.path('state'));
    onTestFinished(lock.release);

    const { code, stdout } = await tell(place, 'suspend', 'coffee', '--reason', 'x', '-o', 'json');

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ effect: 'pending' });
  });
});

describe('where no controller ever ran', () => {
  it.each([
    { args: ['approve', changeId('1')] },
    { args: ['suspend', '--reason', 'x'] },
    { args: ['resume'] },
  ])('$args.0 tells it to nobody', async ({ args }) => {
    const place = await createPlace();
    await mkdir(place.path('state'));

    const { code, stderr } = await tell(place, ...args);

    expect(code).toBe(1);
    expect(stderr).toContain('--state DIR');
    expect(await readdir(place.path('state'))).toEqual([]);
  });

  it('but was started, everything can be suspended', async () => {
    const place = await createPlace();
    await mkdir(place.path('state'));
    await writeFile(place.path('state/controller.lock'), '');

    const { code, stderr } = await tell(place, 'suspend', '--reason', 'not yet');

    expect(code, stderr).toBe(0);
    expect(await orders(place)).toMatchObject([{ kind: 'suspend', reason: 'not yet' }]);
  });
});
