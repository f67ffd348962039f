import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Order as isOrder } from '../../core/generated/controller.js';
import type { Order } from '../../core/model/orders.ts';
import { epochMs, isoTime, type EpochMs } from '../../core/words/time.ts';
import { codeOf, isTrusted, makeFolder, syncFolder, writeWhole } from './state-files.ts';

/** `20261224T180000000Z-0123456789abcdef.json`: names sort by time of giving. */
const namePattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{16}\.json$/;
const extension = '.json';
const maxBytes = 1_048_576;

/** What one file of the folder turned out to be. */
export type OrderFile =
  | { readonly kind: 'order'; readonly order: Order }
  /** For good: files never change. */
  | { readonly kind: 'broken'; readonly why: string }
  /** Perhaps not the next time. */
  | { readonly kind: 'unread'; readonly why: string }
  | { readonly kind: 'gone' };

/** Distributes over the union, so that every kind keeps its own members. */
type WithoutBase<T> = T extends unknown ? Omit<T, 'id' | 'at'> : never;

/** What a person says; id and time come with the file. */
export type GivenOrder = WithoutBase<Order>;

export function ordersFolder(stateDir: string): string {
  return join(stateDir, 'orders');
}

/**
 * Names of the files of orders, oldest first; nothing where there is no folder yet.
 *
 * @throws  as the file system does
 */
export async function orderNames(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  return names.filter((name) => namePattern.test(name)).toSorted();
}

/** Reads one order. Never throws. */
export async function readOrder(folder: string, name: string): Promise<OrderFile> {
  let text: string;
  try {
    const handle = await open(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { size } = await handle.stat();
      if (!(await isTrusted(folder, handle)))
        return { kind: 'broken', why: 'others than the owner of the folder may have written it' };
      if (size > maxBytes) return { kind: 'broken', why: 'it is larger than any order' };
      text = await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return { kind: 'gone' };
    return isForGood(code) ? { kind: 'broken', why: code } : { kind: 'unread', why: code };
  }
  return parseOrder(text, name);
}

/** A link or a folder by the name of an order. */
function isForGood(code: string): boolean {
  return code === 'ELOOP' || code === 'EISDIR';
}

function parseOrder(text: string, name: string): OrderFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'broken', why: 'it holds no JSON' };
  }
  if (!isOrder(value)) return { kind: 'broken', why: 'it is no order of this version' };
  if (`${value.id}${extension}` !== name) {
    return { kind: 'broken', why: 'its name is not that of the order in it' };
  }
  return { kind: 'order', order: Object.freeze(value) };
}

/**
 * Gives an order its id and its time: later than every order there is, so that the last word counts also after the clock
 * was set back.
 */
export function stamped(given: GivenOrder, now: EpochMs, last: EpochMs | undefined): Order {
  const at = last === undefined || now > last ? now : epochMs(last + 1);
  const id = `${isoTime(at).replaceAll(/[-:.]/g, '')}-${randomBytes(8).toString('hex')}`;
  return { ...given, id, at };
}

/** When the newest order was given, by its name. */
export function lastGiven(names: readonly string[]): EpochMs | undefined {
  const newest = names.at(-1);
  if (newest === undefined) return undefined;
  const [, year, month, day, hour, minute, second, ms] = (namePattern.exec(newest) ?? []).map(
    Number,
  );
  const moment = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second, ms);
  return Number.isNaN(moment) ? undefined : epochMs(moment);
}

/** Puts an order on disk for good. @throws  as the file system does */
export async function writeOrder(folder: string, order: Order): Promise<void> {
  await makeFolder(folder);
  const file = join(folder, `${order.id}${extension}`);
  const text = `${JSON.stringify(order)}\n`;
  await writeWhole({ file, text, temporary: join(folder, `.${order.id}.new`), durable: true });
}

/**
 * Takes orders away, oldest first and one after the other: what an order ended goes before the order that ended it, so
 * that a crash in between revives nothing.
 *
 * @throws  as the file system does
 */
export async function removeOrders(folder: string, orders: readonly Order[]): Promise<void> {
  if (orders.length === 0) return;
  for (const { id } of orders) await rm(join(folder, `${id}${extension}`), { force: true });
  await syncFolder(folder);
}
