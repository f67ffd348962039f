import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { giveOrder, ordersIn } from '../../../src/cli/composition/orders.ts';
import { standing, type Order } from '../../../src/core/model/orders.ts';
import type { ChangeId } from '../../../src/core/model/plan.ts';
import type { ProgramId } from '../../../src/core/words/keys.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import type { TelemetryEvent } from '../../../src/ports/index.ts';

const a = 'c-aaaaaaaaaaaa' as ChangeId;
const b = 'c-bbbbbbbbbbbb' as ChangeId;
const coffee = 'mega/acme/1' as ProgramId;

async function place() {
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-orders-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const told: TelemetryEvent[] = [];
  const time = { wall: Date.now(), mono: 0 };
  const open = () =>
    ordersIn(dir, {
      clock: { wall: () => epochMs(time.wall), mono: () => time.mono },
      telemetry: { emit: (event) => told.push(event) },
      user: 'fairlead',
    });
  const file = (name: string) => join(dir, 'orders', name);
  return { dir, open, told, time, file, names: () => readdir(join(dir, 'orders')) };
}

const approve = (...ids: ChangeId[]) =>
  ({ kind: 'approve', by: 'ann', asked: ids[0] ?? a, ids }) as const;
const approvedBy = (orders: readonly Order[]) => [
  ...standing(orders, epochMs(Date.now())).approved.keys(),
];

describe('orders of a state directory', () => {
  it('are files of their own, whole, for their owner alone', async () => {
    const { dir, names, file } = await place();

    const order = await giveOrder(dir, approve(a));

    expect(await names()).toEqual([`${order.id}.json`]);
    expect(order.id).toMatch(/^\d{8}T\d{9}Z-[0-9a-f]{16}$/);
    expect(JSON.parse(await readFile(file(`${order.id}.json`), 'utf8'))).toEqual(order);
    expect((await stat(file(`${order.id}.json`))).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir, 'orders'))).mode & 0o777).toBe(0o700);
  });

  it('belong to whom the directory belongs: root tells a controller that is not root', async () => {
    const { dir, file } = await place();
    if (process.getuid?.() === 0) await chown(dir, 65_534, 65_534);
    const { uid, gid } = await stat(dir);

    const { id } = await giveOrder(dir, approve(a));

    for (const path of [join(dir, 'orders'), file(`${id}.json`)]) {
      expect(await stat(path)).toMatchObject({ uid, gid });
    }
  });

  it('are read in the order in which they were given, and only when one is new', async () => {
    const { dir, open } = await place();
    const orders = open();
    expect(await orders.read()).toEqual([]);
    const first = await giveOrder(dir, approve(a));
    const second = await giveOrder(dir, { kind: 'suspend', by: 'bob', reason: 'incident' });

    const read = await orders.read();

    expect(read).toEqual([first, second]);
    expect(await orders.read(), 'the very same list: nothing was parsed').toBe(read);
    const third = await giveOrder(dir, { kind: 'resume', by: 'bob' });
    const again = await orders.read();
    expect(again).toEqual([first, second, third]);
    expect(again[0], 'what was known is not read again').toBe(read[0]);
  });

  it('are gone when their file is', async () => {
    const { dir, open, file } = await place();
    const orders = open();
    const { id } = await giveOrder(dir, { kind: 'suspend', by: 'bob', reason: 'incident' });
    expect(await orders.read()).toHaveLength(1);

    await rm(file(`${id}.json`));

    expect(await orders.read()).toEqual([]);
  });

  it('count in the order of giving also after the clock was set back', async () => {
    const { dir, file } = await place();
    await mkdir(join(dir, 'orders'));
    const later = Date.UTC(2035, 0, 1);
    const id = '20350101T000000000Z-0123456789abcdef';
    const suspended = { id, at: later, by: 'bob', kind: 'suspend', reason: 'x', program: coffee };
    await writeFile(file(`${id}.json`), JSON.stringify(suspended));

    const order = await giveOrder(dir, { kind: 'resume', by: 'ann', program: coffee });

    expect(order.at).toBe(later + 1);
    expect(order.id > id).toBe(true);
  });

  it('cannot be given where nothing can be written', async () => {
    await expect(giveOrder('/proc/none', approve(a))).rejects.toMatchObject({
      code: 'OrderNotGiven',
      exit: 1,
    });
  });
});

describe('files that are no orders', () => {
  const good = { id: '', at: 1, by: 'ann', kind: 'approve', asked: a, ids: [a] };
  const name = (digit: string) => `20260101T00000000${digit}Z-0123456789abcdef`;

  it.each([
    { name: 'half a file', text: '{"id": "x", "at"', tells: 1 },
    { name: 'an empty one', text: '', tells: 1 },
    { name: 'another kind of order', text: { ...good, kind: 'shout' }, tells: 1 },
    { name: 'a field this version does not know', text: { ...good, onlyIf: 'rain' }, tells: 1 },
    { name: 'an id that is none', text: { ...good, ids: ['all'] }, tells: 1 },
    { name: 'no ids', text: { ...good, ids: [] }, tells: 1 },
    { name: 'a suspension of nobody’s', text: { ...good, kind: 'suspend' }, tells: 1 },
    { name: 'a list', text: [], tells: 1 },
    { name: 'null', text: null, tells: 1 },
  ])('$name: ignored, and told once', async ({ text, tells }) => {
    const { dir, open, told, file } = await place();
    const orders = open();
    await mkdir(join(dir, 'orders'));
    const id = name('1');
    const whole =
      typeof text === 'object' && text !== null && !Array.isArray(text) ? { ...text, id } : text;
    await writeFile(file(`${id}.json`), typeof whole === 'string' ? whole : JSON.stringify(whole));
    const given = await giveOrder(dir, approve(b));

    const read = [await orders.read(), await orders.read()];

    expect(read).toEqual([[given], [given]]);
    expect(told).toHaveLength(tells);
    expect(told[0]).toMatchObject({ kind: 'ignored', what: `orders/${id}.json` });
  });

  it('an order under another’s name, a link and a folder', async () => {
    const { dir, open, told, file } = await place();
    await mkdir(file(`${name('3')}.json`), { recursive: true });
    await writeFile(file(`${name('1')}.json`), JSON.stringify({ ...good, id: name('9') }));
    await writeFile(join(dir, 'elsewhere'), JSON.stringify({ ...good, id: name('2') }));
    await symlink(join(dir, 'elsewhere'), file(`${name('2')}.json`));

    expect(await open().read()).toEqual([]);

    expect(told).toHaveLength(3);
  });

  it('what is being written, and what somebody else keeps there, is not even looked at', async () => {
    const { dir, open, told, file } = await place();
    await mkdir(join(dir, 'orders'));
    await writeFile(file(`.${name('1')}.new`), '{');
    await writeFile(file('notes.txt'), 'remember');

    expect(await open().read()).toEqual([]);

    expect(told).toEqual([]);
  });

  it('a folder that cannot be read for a moment lifts no suspension', async () => {
    const { dir, open, told, file } = await place();
    const orders = open();
    await giveOrder(dir, { kind: 'suspend', by: 'bob', reason: 'incident' });
    const before = await orders.read();
    await rm(join(dir, 'orders'), { recursive: true });
    await writeFile(file('.').replace(/\/\.?$/, ''), 'a file in its place');

    expect(await orders.read()).toEqual(before);
    expect(await orders.read()).toEqual(before);

    expect(told).toHaveLength(1);
  });
});

describe('approvals that are used', () => {
  it('count no more, here and after a restart', async () => {
    const { dir, open } = await place();
    const orders = open();
    await giveOrder(dir, approve(a, b));
    await orders.read();

    await orders.used([a]);

    expect(approvedBy(await orders.read())).toEqual([b]);
    expect(approvedBy(await open().read())).toEqual([b]);
  });

  it('count no more from the moment on at which it is known', async () => {
    const { dir, open } = await place();
    const orders = open();
    await giveOrder(dir, approve(a));
    await orders.read();

    const [, seen] = await Promise.all([orders.used([a]), orders.read()]);

    expect(approvedBy(seen)).toEqual([]);
  });

  it('leave no trace where nobody had approved', async () => {
    const { dir, open, names } = await place();
    const orders = open();
    await giveOrder(dir, approve(a));
    await orders.read();

    await orders.used([b]);
    await orders.used([]);

    expect(await names()).toHaveLength(1);
  });

  it('can be given again', async () => {
    const { dir, open } = await place();
    const orders = open();
    await giveOrder(dir, approve(a));
    await orders.read();
    await orders.used([a]);

    await giveOrder(dir, approve(a));

    expect(approvedBy(await orders.read())).toEqual([a]);
  });

  it('count once also while the disk takes nothing, and are recorded when it does again', async () => {
    const { dir, open, told, time, file } = await place();
    const orders = open();
    const { id } = await giveOrder(dir, approve(a));
    const text = await readFile(file(`${id}.json`), 'utf8');
    await orders.read();
    await rm(join(dir, 'orders'), { recursive: true });
    await writeFile(join(dir, 'orders'), 'no room');

    await orders.used([a]);
    const during = await orders.read();
    time.mono += 4_999;
    await rm(join(dir, 'orders'));
    await mkdir(join(dir, 'orders'));
    await writeFile(file(`${id}.json`), text);
    const tooSoon = [await orders.read(), await open().read()];
    time.mono += 1;
    const atLast = await orders.read();

    expect(approvedBy(during)).toEqual([]);
    expect(tooSoon.map(approvedBy), 'a restart in between would not know').toEqual([[], [a]]);
    expect(approvedBy(atLast)).toEqual([]);
    expect(approvedBy(await open().read())).toEqual([]);
    expect(told.map((event) => event.kind === 'ignored' && event.what)).toEqual([
      'orders',
      'orders',
    ]);
  });
});

describe('an order that somebody else may have written', () => {
  it.each([
    { name: 'everybody may write to it', mode: 0o666, uid: undefined },
    { name: 'its group may write to it', mode: 0o620, uid: undefined },
    ...(process.getuid?.() === 0 ? [{ name: "it is a stranger's", mode: 0o600, uid: 4321 }] : []),
  ])('is left out and told once: $name', async ({ mode, uid }) => {
    const { dir, open, names, told } = await place();
    await giveOrder(dir, approve(a));
    const [name] = await names();
    const file = join(dir, 'orders', name!);
    await chmod(file, mode);
    if (uid !== undefined) await chown(file, uid, uid);
    const orders = open();

    expect(await orders.read()).toEqual([]);
    expect(await orders.read()).toEqual([]);

    expect(told).toHaveLength(1);
  });
});

describe('compacting', () => {
  it('removes what can never matter again, and says what', async () => {
    const { dir, open, names, time } = await place();
    const orders = open();
    const first = await giveOrder(dir, approve(a));
    const whole = await giveOrder(dir, approve(b, a));
    const ended = await giveOrder(dir, { kind: 'suspend', by: 'bob', reason: 'x' });
    const end = await giveOrder(dir, { kind: 'resume', by: 'bob' });
    const stays = await giveOrder(dir, {
      kind: 'suspend',
      by: 'bob',
      reason: 'y',
      program: coffee,
    });
    const over = await giveOrder(dir, {
      kind: 'suspend',
      by: 'bob',
      reason: 'z',
      until: epochMs(time.wall + 5),
    });
    await orders.read();
    await orders.used([a]);
    time.wall += 1_000;

    const removed = await orders.compact();

    expect(removed).toEqual([first, ended, end]);
    const left = await orders.read();
    expect(left.map(({ kind }) => kind)).toEqual(['approve', 'suspend', 'suspend', 'used']);
    expect(left.slice(0, 3)).toEqual([whole, stays, over]);
    expect(await names()).toHaveLength(4);
    expect(await open().read()).toEqual(left);
  });

  it('records an approval as used that ended while its write was under way', async () => {
    const { dir, open, time } = await place();
    const orders = open();
    await giveOrder(dir, { ...approve(a), until: epochMs(time.wall + 5) });
    await orders.read();
    time.wall += 1_000;

    await orders.used([a]);

    time.wall -= 1_000;
    expect(standing(await open().read(), epochMs(time.wall)).approved.size).toBe(0);
  });

  it('has nothing to do where there is nothing', async () => {
    const { open, told } = await place();

    expect(await open().compact()).toEqual([]);

    expect(told).toEqual([]);
  });
});
