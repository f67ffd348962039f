import type { DesiredProgram } from '../../core/model/desired.ts';
import type { Order } from '../../core/model/orders.ts';
import type { ChangeId, Plan } from '../../core/model/plan.ts';
import { expandAllowed } from '../../core/plan/identity.ts';
import { approvalsOf, statusBefore, type StatusInput } from '../../core/status/index.ts';
import { programId, type ProgramId } from '../../core/words/keys.ts';
import type { DocumentId } from '../../core/words/places.ts';
import type { ClusterObject } from '../../ports/cluster.ts';
import type { Orders } from '../../ports/controller.ts';
import type { Clock } from '../../ports/index.ts';
import type { ObjectApprovals } from '../../reconcile/loop.ts';
import type { ApprovalGuard } from './approval-guard.ts';

export interface ClusterApprovals extends ObjectApprovals {
  readonly orders: Orders;
  /** What a status says of them. */
  of(document: DocumentId): StatusInput['approvals'];
}

export interface ApprovalOptions {
  readonly clock: Clock;
  /** Declarations that stand as objects; undefined for any other document. */
  readonly objectOf: (document: DocumentId) => ClusterObject | undefined;
  /** Documents that declare a program. */
  readonly documentsOf: (program: ProgramId) => ReadonlySet<DocumentId>;
  readonly guard: Pick<ApprovalGuard, 'heeded' | 'spent'>;
  /** Repositories whose ref moved backwards: the object, and the id that lets it. */
  readonly rewound: () => readonly Rewound[];
}

export interface Rewound {
  readonly object: ClusterObject;
  readonly changeId: ChangeId;
}

/** An approval as an object gave it, and what it came to when a plan first showed it. */
interface Given {
  readonly document: DocumentId;
  readonly asked: string;
  readonly order: Extract<Order, { readonly kind: 'approve' }>;
}

/**
 * Approvals by annotation. An object approves only what its own source claims: a neighbour's object with the same program
 * has no word in it.
 */
export function createApprovals(options: ApprovalOptions): ClusterApprovals {
  const { clock, objectOf, documentsOf, guard } = options;
  const given = new Map<string, Given>();
  const used = new Map<DocumentId, Set<string>>();
  let uses: readonly Order[] = [];
  let count = 0;

  function expand(program: ProgramId, planned: Planned): void {
    for (const document of documentsOf(program)) {
      const object = objectOf(document);
      if (object)
        for (const asked of guard.heeded(object)) take(object, { document, asked }, planned);
    }
  }

  function take(
    object: ClusterObject,
    { document, asked }: Pick<Given, 'document' | 'asked'>,
    { desired, plan }: Planned,
  ): void {
    const key = `${document} ${asked} ${programId(desired.key)}`;
    const over = new Set([
      ...statusBefore(object.status).usedApprovals,
      ...(used.get(document) ?? []),
    ]);
    if (given.has(key) || over.has(asked)) return;
    const ids = expandedIn(plan, asked, object.namespace ?? '').filter((id) => !over.has(id));
    if (ids.length === 0) return;
    count += 1;
    const by = `annotation of ${object.kind} ${object.namespace ?? ''}/${object.name}`;
    const order = {
      id: `annotation-${count}`,
      at: clock.wall(),
      by,
      kind: 'approve',
      asked,
      ids,
    } as const;
    given.set(key, { document, asked, order });
  }

  /** An annotation that was taken away approves nothing any more. */
  function forgetWithdrawn(): void {
    for (const [key, { document, asked }] of given) {
      const object = objectOf(document);
      if (!object || !approvalsOf(object.annotations).includes(asked)) given.delete(key);
    }
  }

  /** The policy may have gone since it was taken up. */
  function isStanding({ document, asked }: Given): boolean {
    const object = objectOf(document);
    return object !== undefined && guard.heeded(object).includes(asked);
  }

  return {
    expand,
    of(document) {
      const object = objectOf(document);
      const own = [...given.values()].filter((one) => one.document === document);
      return {
        used: [...(used.get(document) ?? []), ...(object ? guard.spent(object) : [])],
        expanded: own.flatMap(({ order }) => order.ids),
      };
    },
    orders: {
      async read() {
        forgetWithdrawn();
        return [
          ...[...given.values()].filter(isStanding).map(({ order }) => order),
          ...options
            .rewound()
            .filter(({ object, changeId }) => guard.heeded(object).includes(changeId))
            .map((one) => rewoundOrder(one, clock)),
          ...uses,
        ];
      },
      async used(ids) {
        const released = new Set<string>(ids);
        for (const { document, asked, order } of given.values()) {
          const own = order.ids.filter((id) => released.has(id));
          if (own.length === 0) continue;
          const known = used.get(document) ?? new Set();
          for (const each of [asked, ...own]) known.add(each);
          used.set(document, known);
        }
        count += 1;
        const order = { id: `used-${count}`, at: clock.wall(), by: 'fairlead' } as const;
        const open = new Set([...given.values()].flatMap((one) => one.order.ids));
        uses = [...uses, { ...order, kind: 'used' as const, ids }].filter(
          (use) => 'ids' in use && use.ids.some((id) => open.has(id)),
        );
      },
      compact: () => Promise.resolve(),
    },
  };
}

/** Only the very object whose ref moved says that this was meant. */
function rewoundOrder({ object, changeId }: Rewound, clock: Clock): Order {
  const { namespace = '', name, uid } = object;
  const by = `annotation of GitSource ${namespace}/${name}`;
  const id = `rewound-${uid}-${changeId}`;
  return { id, at: clock.wall(), by, kind: 'approve', asked: changeId, ids: [changeId] };
}

interface Planned {
  readonly desired: DesiredProgram;
  readonly plan: Plan;
}

/** The field ids an approval stands for, of what this source claims. */
function expandedIn(plan: Plan, asked: string, source: string): readonly ChangeId[] {
  const isOwn = (change: { readonly source: string }): boolean => change.source === source;
  const own = new Set(
    [...plan.changes, ...plan.global]
      .filter(isOwn)
      .flatMap(({ changeId, fields }) => [changeId, ...fields.map((field) => field.changeId)]),
  );
  return [...expandAllowed([plan], [asked as ChangeId])].filter((id) => own.has(id));
}
