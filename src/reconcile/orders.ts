import { stillNeeded, type Order } from '../core/model/orders.ts';
import { show, standingOf, type LoopState, type ProgramEntry } from './state.ts';

/** How soon what a person says is seen, even while nothing is written. */
const everyMs = 1_000;

/** Reads what people say for ever, and wakes what it is about: also when something they said ends by itself. */
export async function heedOrders(state: LoopState, signal: AbortSignal): Promise<void> {
  const { clock } = state.ports;
  for (;;) {
    await heedOnce(state);
    await clock.sleep(everyMs, signal);
  }
}

/** Takes up new orders, and those that ended. */
export async function heedOnce(state: LoopState): Promise<void> {
  const { ports, heeded, told } = state;
  state.orders = await ports.orders.read();
  const now = ports.clock.wall();
  const fresh = state.orders.filter(({ id }) => !told.orders.has(id));
  const { isStart } = heeded;
  heeded.isStart = false;
  // What was over before we started is no news.
  const news = new Set(isStart ? stillNeeded(state.orders, now) : fresh);
  for (const order of fresh) await take(state, order, news.has(order));
  const { changesAt } = standingOf(state);
  const isOver = heeded.changesAt !== undefined && heeded.changesAt <= now;
  heeded.changesAt = changesAt;
  if (isOver) wakeAll(state, (entry) => entry.status.state === 'Suspended');
}

async function take(state: LoopState, order: Order, isNews: boolean): Promise<void> {
  const { ports, told } = state;
  told.orders.add(order.id);
  // What stood when we started is history already; its effect is not.
  await ports.ledger.append({ kind: 'order', at: order.at, order });
  if (order.kind === 'used' || !isNews) return;
  ports.telemetry.emit({ kind: 'order', order });
  if (order.kind === 'approve') {
    const ids = new Set<string>(order.ids);
    wakeAll(state, ({ status }) => status.held.some(({ changeId }) => ids.has(changeId)));
    for (const { status, wake } of state.sources.values())
      if (status.changeId !== undefined && ids.has(status.changeId)) wake();
  } else {
    wakeAll(state, ({ id }) => order.program === undefined || order.program === id);
  }
  show(state);
}

function wakeAll(state: LoopState, which: (entry: ProgramEntry) => boolean): void {
  for (const entry of state.programs.values()) {
    if (!which(entry)) continue;
    state.connections.get(entry.wish.desired.connection)?.queue.add(entry.id, 'hot');
  }
}
