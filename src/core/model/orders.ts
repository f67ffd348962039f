import type { ProgramId } from '../words/keys.ts';
import { epochMs, type EpochMs } from '../words/time.ts';
import type { ChangeId } from './plan.ts';

/** What a person told the controller, once, and who said it. Orders are only ever added; what stands is their fold. */
export type Order =
  | (OrderBase & {
      readonly kind: 'approve';
      /** What the person named. */
      readonly asked: string;
      /** Field change ids it stands for (or a rewound ref's id), expanded when it was given. */
      readonly ids: readonly ChangeId[];
      readonly until?: EpochMs;
    })
  | (OrderBase & {
      readonly kind: 'suspend';
      /** Absent: every program. */
      readonly program?: ProgramId;
      readonly reason: string;
      readonly until?: EpochMs;
    })
  | (OrderBase & {
      readonly kind: 'resume';
      readonly program?: ProgramId;
      readonly reason?: string;
    })
  /** By the controller itself: these approvals released a write and count no more. */
  | (OrderBase & { readonly kind: 'used'; readonly ids: readonly ChangeId[] });

interface OrderBase {
  /** Unique; orders by time of giving. */
  readonly id: string;
  readonly at: EpochMs;
  /** User name of who gave it. */
  readonly by: string;
}

export interface StandingSuspension {
  readonly reason: string;
  readonly by: string;
  readonly at: EpochMs;
  readonly until?: EpochMs;
}

/** What stands of all orders at a moment. */
export interface Standing {
  /** Approved and neither used nor expired: by field change id, who approved. */
  readonly approved: ReadonlyMap<ChangeId, { readonly by: string; readonly until?: EpochMs }>;
  readonly everything: StandingSuspension | undefined;
  readonly programs: ReadonlyMap<ProgramId, StandingSuspension>;
  /** The next moment at which something of this ends by itself. */
  readonly changesAt: EpochMs | undefined;
}

/**
 * What stands at `now`; orders in any order. Pure.
 *
 * A clock that is set back must not let through what was over: approvals end by the greatest time ever seen. Suspensions
 * end by `now`: where a clock that was ahead ended one too early, it holds again.
 *
 * @param latest  the greatest time that the caller has seen
 */
export function standing(orders: readonly Order[], now: EpochMs, latest: EpochMs = now): Standing {
  const folded: Folded = { approved: new Map(), suspensions: new Map() };
  for (const order of orders.toSorted(byTime)) fold(order, folded);
  const approved = [...folded.approved].filter(([, one]) => !isOver(one, latest));
  const suspended = [...folded.suspensions].filter(([, one]) => !isOver(one, now));
  const ends = [...approved, ...suspended].flatMap(([, { until }]) => until ?? []);
  return {
    approved: new Map(approved),
    everything: suspended.find(([whom]) => whom === 'everything')?.[1],
    programs: new Map(
      suspended.flatMap(([whom, one]) => (whom === 'everything' ? [] : [[whom, one] as const])),
    ),
    changesAt: ends.length === 0 ? undefined : ends.reduce((a, b) => (a < b ? a : b)),
  };
}

/**
 * The orders that what stands at `now`, and at every later moment, is the fold of; in the order of giving. Every other
 * one can go, oldest first: what an order ended goes before it. Pure.
 */
export function stillNeeded(orders: readonly Order[], now: EpochMs): readonly Order[] {
  const ordered = orders.toSorted(byTime);
  const last = lastWords(ordered);
  const stand = (order: Order): boolean => {
    if (order.kind === 'suspend')
      return !isOver(order, now) && last.suspensions.get(whom(order)) === order;
    if (order.kind !== 'approve' || isOver(order, now)) return false;
    return order.ids.some((id) => last.approvals.get(id) === order);
  };
  const needed = new Set(ordered.filter(stand));
  // Of an approval that stands in part, the rest would stand again without what ended it: a use, or a shorter approval.
  const open = new Set([...needed].flatMap((order) => (order.kind === 'approve' ? order.ids : [])));
  const ends = (order: Order): boolean =>
    'ids' in order && order.ids.some((id) => open.has(id) && last.approvals.get(id) === order);
  return ordered.filter((order) => needed.has(order) || ends(order));
}

/** An order that ended by itself is kept for so long. */
const graceMs = 30 * 86_400_000;

/**
 * The orders that must stay on disk: those still needed, and those that ended by themselves less than thirty days before
 * the newest order was given. The clock alone removes nothing: one that is ahead must not end a suspension for good.
 * Pure.
 */
export function worthKeeping(orders: readonly Order[], now: EpochMs): readonly Order[] {
  const newest = orders.reduce((last, { at }) => Math.max(last, at), 0);
  return stillNeeded(orders, epochMs(Math.max(0, Math.min(now, newest) - graceMs)));
}

/** Who spoke last of each change and of each program. */
function lastWords(ordered: readonly Order[]) {
  const approvals = new Map<ChangeId, Order>();
  const suspensions = new Map<ProgramId | 'everything', Order>();
  for (const order of ordered) {
    if (order.kind === 'approve' || order.kind === 'used')
      for (const id of order.ids) approvals.set(id, order);
    else suspensions.set(whom(order), order);
  }
  return { approvals, suspensions };
}

function whom({ program }: { readonly program?: ProgramId }): ProgramId | 'everything' {
  return program ?? 'everything';
}

interface Folded {
  readonly approved: Map<ChangeId, { readonly by: string; readonly until?: EpochMs }>;
  readonly suspensions: Map<ProgramId | 'everything', StandingSuspension>;
}

function fold(order: Order, { approved, suspensions }: Folded): void {
  switch (order.kind) {
    case 'approve':
      for (const id of order.ids) approved.set(id, ending(order));
      return;
    case 'used':
      for (const id of order.ids) approved.delete(id);
      return;
    case 'suspend': {
      const { reason, at } = order;
      suspensions.set(whom(order), { ...ending(order), reason, at });
      return;
    }
    case 'resume':
      suspensions.delete(whom(order));
  }
}

function ending({ by, until }: { readonly by: string; readonly until?: EpochMs }) {
  return { by, ...(until === undefined ? {} : { until }) };
}

function isOver({ until }: { readonly until?: EpochMs }, now: EpochMs): boolean {
  return until !== undefined && until <= now;
}

function byTime(a: Order, b: Order): number {
  if (a.at !== b.at) return a.at - b.at;
  return a.id < b.id ? -1 : 1;
}
