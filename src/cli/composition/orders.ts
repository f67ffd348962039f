import { standing, worthKeeping, type Order } from '../../core/model/orders.ts';
import { epochMs, type EpochMs } from '../../core/words/time.ts';
import type { Clock, Telemetry } from '../../ports/index.ts';
import type { Orders } from '../../ports/controller.ts';
import { CliError } from '../exit.ts';
import { systemClock } from '../system.ts';
import {
  lastGiven,
  orderNames,
  ordersFolder,
  readOrder,
  removeOrders,
  stamped,
  writeOrder,
  type GivenOrder,
} from './order-files.ts';
import { codeOf, failureText } from './state-files.ts';

export type { GivenOrder };

export interface OrdersOptions {
  readonly clock: Pick<Clock, 'wall' | 'mono'>;
  readonly telemetry: Telemetry;
  /** Stands as `by` in what the controller itself records. */
  readonly user: string;
}

/** The orders of a state directory, as the controller holds them. */
export interface OrdersInDirectory extends Orders {
  /**
   * Removes what can never matter again: used, resumed, replaced, or long over (`worthKeeping`). To be called at start, once all that `read`
   * gave has landed in the ledger. Never throws: what cannot be removed stays, and matters no more than before.
   *
   * @returns what was removed
   */
  compact(): Promise<readonly Order[]>;
}

const beforeEveryEnd = epochMs(0);

/** Milliseconds between two tries to record on disk what is used up. */
const retryMs = 5_000;

/**
 * Orders in files, read again only where a file is new. The same list, as long as nothing is new.
 *
 * What cannot be read for a moment stays as it was last read: a suspension must not be lifted by a disk that does not
 * answer.
 */
export function ordersIn(stateDir: string, options: OrdersOptions): OrdersInDirectory {
  const folder = ordersFolder(stateDir);
  const { clock, user } = options;
  const kept = keptFiles(folder, options.telemetry);
  /** Recorded here and not yet on disk: counts at once. */
  const owed = new Map<string, Order>();
  let triedAt = -Infinity;
  let shown: readonly Order[] = [];

  const list = (): readonly Order[] => {
    const next = [...kept.orders(), ...owed.values()];
    if (!sameOrders(next, shown)) shown = Object.freeze(next);
    return shown;
  };

  async function pay(): Promise<void> {
    triedAt = clock.mono();
    for (const order of [...owed.values()]) {
      try {
        await writeOrder(folder, order);
      } catch (error) {
        kept.tell('orders', `what is used up cannot be recorded: ${failureText(error)}`);
        return;
      }
      kept.add(order);
      owed.delete(order.id);
    }
  }

  let turn: Promise<unknown> = Promise.resolve();
  /** One thing at a time: two readers at once would parse a new file twice, and tell of a broken one twice. */
  async function alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined);
    return mine;
  }

  return {
    read: async () =>
      alone(async () => {
        await kept.refresh();
        if (owed.size > 0 && clock.mono() - triedAt >= retryMs) await pay();
        return list();
      }),
    async used(ids) {
      // Also one that ended while its write was under way: the clock may be set back.
      const { approved } = standing(list(), beforeEveryEnd);
      const spent = ids.filter((id) => approved.has(id));
      if (spent.length === 0) return;
      const order = stamped({ kind: 'used', ids: spent, by: user }, clock.wall(), lastOf(list()));
      owed.set(order.id, order);
      await alone(pay);
    },
    compact: async () =>
      alone(async () => {
        await kept.refresh();
        const orders = kept.orders();
        const needed = new Set(worthKeeping([...orders, ...owed.values()], clock.wall()));
        const dead = orders.filter((order) => !needed.has(order));
        try {
          await removeOrders(folder, dead);
        } catch (error) {
          kept.tell('orders', `old ones cannot be removed: ${failureText(error)}`);
          return [];
        }
        await kept.refresh();
        return dead;
      }),
  };
}

function lastOf(orders: readonly Order[]): EpochMs | undefined {
  return orders.map(({ at }) => at).reduce<EpochMs | undefined>(later, undefined);
}

function later(a: EpochMs | undefined, b: EpochMs): EpochMs {
  return a === undefined || b > a ? b : a;
}

function sameOrders(a: readonly Order[], b: readonly Order[]): boolean {
  return a.length === b.length && a.every((order, index) => order === b[index]);
}

interface KeptFiles {
  /** Oldest first. */
  orders(): readonly Order[];
  /** Knows a file that this process wrote. */
  add(order: Order): void;
  /** Looks what is new and what is gone. Never throws. */
  refresh(): Promise<void>;
  /** Once per text. */
  tell(what: string, why: string): void;
}

function keptFiles(folder: string, telemetry: Telemetry): KeptFiles {
  /** By file name; null: looked at, and no order. */
  const files = new Map<string, Order | null>();
  const told = new Set<string>();

  const tell = (what: string, why: string): void => {
    const text = `${what}: ${why}`;
    if (told.has(text)) return;
    told.add(text);
    telemetry.emit({ kind: 'ignored', what, why });
  };

  async function look(name: string): Promise<void> {
    const file = await readOrder(folder, name);
    if (file.kind === 'order') files.set(name, file.order);
    if (file.kind === 'broken') files.set(name, null);
    if (file.kind === 'broken' || file.kind === 'unread') tell(`orders/${name}`, file.why);
  }

  return {
    tell,
    orders: () =>
      [...files]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([, order]) => (order ? [order] : [])),
    add: (order) => files.set(`${order.id}.json`, order),
    async refresh() {
      let names: readonly string[];
      try {
        names = await orderNames(folder);
      } catch (error) {
        const isNew = codeOf(error) === 'ENOENT' && files.size === 0;
        if (!isNew) tell('orders', `the folder cannot be read: ${failureText(error)}`);
        return;
      }
      const present = new Set(names);
      for (const name of files.keys()) if (!present.has(name)) files.delete(name);
      for (const name of names) if (!files.has(name)) await look(name);
    },
  };
}

/**
 * Tells the controller of a state directory something, whether it runs or not.
 *
 * @throws CliError `OrderNotGiven` where the directory cannot be written
 */
export async function giveOrder(stateDir: string, given: GivenOrder): Promise<Order> {
  const folder = ordersFolder(stateDir);
  try {
    const names = await orderNames(folder).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    });
    const order = stamped(given, systemClock.wall(), lastGiven(names));
    await writeOrder(folder, order);
    return order;
  } catch (cause) {
    throw new CliError('OrderNotGiven', `${folder} cannot be written: ${failureText(cause)}`, {
      cause,
      nextStep:
        'this was not told to the controller; be the user that runs it, or root, and name the directory it runs with (--state DIR)',
    });
  }
}
