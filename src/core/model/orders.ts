import type { ProgramId } from '../words/keys.ts';
import type { EpochMs } from '../words/time.ts';
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

/** What stands at `now`; orders in any order. Pure. */
export function standing(orders: readonly Order[], now: EpochMs): Standing {
  const folded: Folded = { approved: new Map(), suspensions: new Map() };
  for (const order of orders.toSorted(byTime)) fold(order, folded);
  const approved = [...folded.approved].filter(([, one]) => !isOver(one, now));
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
      suspensions.set(order.program ?? 'everything', { ...ending(order), reason, at });
      return;
    }
    case 'resume':
      suspensions.delete(order.program ?? 'everything');
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
