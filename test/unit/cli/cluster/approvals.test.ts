import { describe, expect, it } from 'vitest';

import { createApprovals } from '../../../../src/cli/cluster/approvals.ts';
import { refOf } from '../../../../src/cli/cluster/reports.ts';
import { approvalsOf } from '../../../../src/core/status/index.ts';
import type { DesiredProgram } from '../../../../src/core/model/desired.ts';
import type { ChangeId, Plan } from '../../../../src/core/model/plan.ts';
import type { ProgramId } from '../../../../src/core/words/keys.ts';
import type { DocumentId } from '../../../../src/core/words/places.ts';
import type { ClusterObject } from '../../../../src/ports/cluster.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';
import { objectOf } from './stage.ts';

const change = 'c-000000000001' as ChangeId;
const [payee, testers] = ['c-00000000000a', 'c-00000000000b'] as unknown as readonly [
  ChangeId,
  ChangeId,
];
const key = { platform: 'p', workspace: 'acme', miniProgram: '35' };
const id = 'p/acme/35' as ProgramId;
const planned = {
  desired: { key } as unknown as DesiredProgram,
  plan: {
    key,
    global: [],
    changes: [
      {
        scope: 'release',
        source: 'team',
        action: 'update',
        changeId: change,
        fields: [{ changeId: payee }, { changeId: testers }],
      },
    ],
  } as unknown as Plan,
};

/** Judges nothing but what the test says. */
function guardOf(isHeeded: boolean) {
  const all = ({ annotations }: ClusterObject) => approvalsOf(annotations);
  return isHeeded ? { heeded: all, spent: () => [] } : { heeded: () => [], spent: all };
}

function stage({ isHeeded = true, objects = [] as readonly ClusterObject[] } = {}) {
  const store = new Map(objects.map((one) => [documentOf(one), one]));
  const approvals = createApprovals({
    clock: createVirtualClock(),
    guard: guardOf(isHeeded),
    rewound: () => [],
    objectOf: (document) => store.get(document),
    documentsOf: () => new Set(store.keys()),
  });
  const ids = async () =>
    (await approvals.orders.read()).flatMap((order) => (order.kind === 'approve' ? order.ids : []));
  return { approvals, ids, store };
}

function documentOf({ namespace = '', name }: ClusterObject): DocumentId {
  return `${namespace}|MiniProgramRelease/${namespace}/${name}` as DocumentId;
}

function release(
  approve: string | undefined,
  namespace = 'team',
  status: unknown = {},
): ClusterObject {
  const annotations = approve === undefined ? {} : { 'fairlead.dev/approve': approve };
  return objectOf({ kind: 'MiniProgramRelease', name: 'coffee', namespace, annotations, status });
}

describe('an approval by annotation', () => {
  it('comes down to the fields of the plan that shows it, and is heard at once', async () => {
    const { approvals, ids } = stage({ objects: [release(change)] });

    approvals.expand(id, planned);

    expect(await ids()).toEqual([payee, testers]);
  });

  it.each([
    {
      name: 'nobody makes sure who approves',
      why: 'anybody who may change the object could approve',
      given: { isHeeded: false, objects: [release(change)] },
    },
    {
      name: "a neighbour's object gives it",
      why: 'it may not speak for what another source claims',
      given: { objects: [release(change, 'neighbour')] },
    },
    {
      name: 'it was used before this process began',
      why: 'an approval is used up by its first write',
      given: { objects: [release(change, 'team', { usedApprovals: [change] })] },
    },
    {
      name: 'it names nothing of the plan',
      why: 'another before or after is another change',
      given: { objects: [release('c-00000000ffff')] },
    },
  ])('counts for nothing where $name', async ({ given, why }) => {
    const { approvals, ids } = stage(given);

    approvals.expand(id, planned);

    expect(await ids(), why).toEqual([]);
  });

  it('is told to be used up where it was given in vain: status keeps it so', () => {
    const { approvals } = stage({ isHeeded: false, objects: [release(change)] });

    expect(approvals.of(documentOf(release(change))).used).toEqual([change]);
  });

  it('ends when somebody takes the annotation away', async () => {
    const { approvals, ids, store } = stage({ objects: [release(change)] });
    approvals.expand(id, planned);

    store.set(documentOf(release(undefined)), release(undefined));

    expect(await ids()).toEqual([]);
  });

  it('is told to be used with the words people gave, and is not taken up again', async () => {
    const { approvals } = stage({ objects: [release(change)] });
    approvals.expand(id, planned);

    await approvals.orders.used([payee]);
    approvals.expand(id, planned);

    expect(approvals.of(documentOf(release(change))).used).toEqual([change, payee]);
    const orders = await approvals.orders.read();
    expect(orders.filter(({ kind }) => kind === 'used')).toMatchObject([{ ids: [payee] }]);
    expect(orders.filter(({ kind }) => kind === 'approve')).toHaveLength(1);
  });

  it('lets a ref move backwards only on the object of that very repository', async () => {
    const source = objectOf({
      kind: 'GitSource',
      name: 'team',
      namespace: 'team',
      annotations: { 'fairlead.dev/approve': change },
    });
    const other = objectOf({ ...source, name: 'other' });
    const approvals = createApprovals({
      clock: createVirtualClock(),
      guard: guardOf(true),
      rewound: () => [
        { object: source, changeId: change },
        { object: other, changeId: payee },
      ],
      objectOf: () => undefined,
      documentsOf: () => new Set(),
    });

    expect(await approvals.orders.read()).toMatchObject([{ kind: 'approve', ids: [change] }]);
  });
});

describe('a document', () => {
  it('is an object unless it stands in a file', () => {
    expect(refOf('team|MiniProgram/team/coffee' as DocumentId)).toEqual({
      kind: 'MiniProgram',
      namespace: 'team',
      name: 'coffee',
    });
    expect(refOf('team/git|coffee.yaml#0' as DocumentId)).toBeUndefined();
    expect(
      refOf('team/git|MiniProgram/team/coffee' as DocumentId),
      'a file of a hostile name',
    ).toBeUndefined();
  });
});
