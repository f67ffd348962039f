import { describe, expect, it } from 'vitest';

import { documentId, readObject } from '../../../../src/cli/cluster/objects.ts';
import { createReports, refOf } from '../../../../src/cli/cluster/reports.ts';
import type { MakeStatus } from '../../../../src/cli/cluster/status-queue.ts';
import type { Trouble } from '../../../../src/core/model/controller.ts';
import type { DocumentId } from '../../../../src/core/words/places.ts';
import { epochMs } from '../../../../src/core/words/time.ts';
import type { ClusterObject, ObjectRef } from '../../../../src/ports/cluster.ts';
import { createDeclared } from '../../../../src/reconcile/declared.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';
import { objectOf } from './stage.ts';

type Declaration = ClusterObject & { readonly kind: 'MiniProgram' | 'MiniProgramRelease' };

const trust = {
  connections: { default: { platformId: 'megapay', grants: [{ namespaces: ['team'] }] } },
  order: [],
  namespaces: { team: {} },
};
const trouble: Trouble = { code: 'PlatformUnavailable', message: 'no answer' };

function coffee(generation: number, merchantId: string): Declaration {
  const spec = {
    workspace: 'acme',
    id: '35',
    targets: [{ app: 'megapay', environment: 'Sandbox', config: { merchantId } }],
  };
  return objectOf({
    ...{ kind: 'MiniProgram', namespace: 'team', name: 'coffee', spec, generation },
  }) as Declaration;
}

function release(generation = 1): Declaration {
  const spec = { miniProgram: 'coffee', version: '1.0.0', environments: ['Sandbox'] };
  return objectOf({
    ...{ kind: 'MiniProgramRelease', namespace: 'team', name: 'coffee-1', spec, generation },
  }) as Declaration;
}

interface Said {
  readonly observedGeneration: number;
  readonly conditions: readonly {
    readonly type: string;
    readonly reason: string;
    readonly message?: string;
  }[];
}

/** Reports over objects that a test applies; what is queued is made when a test looks. */
function stage() {
  const objects = new Map<DocumentId, ClusterObject>();
  const wishes = new Map<DocumentId, MakeStatus>();
  const declared = createDeclared(trust);
  const reports = createReports({
    hub: {
      get: (ref: ObjectRef) => objects.get(documentId(ref)),
      objects: () => [...objects.values()],
    },
    queue: {
      put: (ref, make) => void wishes.set(documentId(ref), make),
      settled: () => Promise.resolve(),
      run: () => Promise.resolve(),
      size: () => wishes.size,
      room: () => Promise.resolve(),
      trouble: () => undefined,
    },
    clock: createVirtualClock(),
    shards: {
      count: () => 1,
      holder: () => ({}) as never,
      changed: () => new Promise(() => undefined),
      heard: () => new Promise(() => undefined),
      takenUp: () => undefined,
      speak: () => undefined,
      said: () => ({ judged: {}, done: {} }),
      others: () => [],
    },
    approvals: { of: () => ({ used: [], expanded: [] }) },
    approvalsIgnored: () => undefined,
    problemsOf: () => [],
    connectionTrouble: () => undefined,
    onSource: () => undefined,
    onConnection: () => undefined,
    onTaken: () => undefined,
    onResolved: () => undefined,
    bases: () => ({}),
  });
  reports.begin(declared);
  return {
    reports,
    declared,
    apply(...given: readonly Declaration[]) {
      for (const object of given) objects.set(documentId(object), object);
      declared.change(given.map((object) => readObject(object, epochMs(0)).change));
      declared.resolve();
    },
    desired: () => [...declared.programs.values()][0]!.desired,
    /** `coffee: 1 PlatformUnavailable`, sorted. */
    said: () =>
      [...wishes]
        .flatMap(([document, make]) => {
          const { name } = refOf(document)!;
          const status = make(objects.get(document)!) as Said | undefined;
          const ready = status?.conditions.find(({ type }) => type === 'Ready');
          return status ? [`${name}: ${status.observedGeneration} ${ready?.reason ?? ''}`] : [];
        })
        .toSorted(),
    messages: () =>
      [...wishes].map(([document, make]) => {
        const status = make(objects.get(document)!) as Said;
        return status.conditions.find(({ type }) => type === 'Ready')?.message;
      }),
  };
}

describe('what a pass came to', () => {
  it('is said of the objects that declare its program', () => {
    const { reports, apply, desired, said } = stage();
    apply(coffee(1, 'M-1'), release());

    reports.failed(desired(), trouble);

    expect(said()).toEqual(['coffee-1: 1 PlatformUnavailable', 'coffee: 1 PlatformUnavailable']);
  });

  it.each([
    { name: 'while it went on', why: 'the newer declaration was not looked at', isQueued: false },
    { name: 'while its status waited', why: 'a status is made when it is written', isQueued: true },
  ])('is not said of what was declared anew $name', ({ isQueued, why }) => {
    const { reports, apply, desired, said } = stage();
    apply(coffee(1, 'M-1'), release());
    const before = desired();
    if (isQueued) reports.failed(before, trouble);

    apply(coffee(2, 'M-2'));
    if (!isQueued) reports.failed(before, trouble);

    expect(said(), why).toEqual([]);
    reports.failed(desired(), trouble);
    expect(said()).toEqual(['coffee-1: 1 PlatformUnavailable', 'coffee: 2 PlatformUnavailable']);
  });

  it('is said of a newer generation that wants the very same', () => {
    const { reports, apply, desired, said } = stage();
    apply(coffee(1, 'M-1'), release());
    const before = desired();

    apply(coffee(2, 'M-1'));
    reports.failed(before, trouble);

    expect(said()).toEqual(['coffee-1: 1 PlatformUnavailable', 'coffee: 2 PlatformUnavailable']);
  });
});

describe('a connection that nobody has declared', () => {
  const lost = (): Declaration => {
    const object = coffee(1, 'M-1');
    return { ...object, spec: { ...(object.spec as object), connection: 'defualt' } };
  };

  it('is told by everything that wants to go through it, with the one that was meant', () => {
    const { reports, apply, said, messages, declared } = stage();
    apply(lost(), release());

    reports.resolved({
      programs: new Set(declared.programs.keys()),
      documents: new Set([documentId(lost()), documentId(release())]),
    });

    expect(said()).toEqual(['coffee-1: 1 ReferenceNotFound', 'coffee: 1 ReferenceNotFound']);
    for (const message of messages()) {
      expect(message).toContain('There is no PlatformConnection defualt. Did you mean default?');
      expect(message).toContain('See MiniProgram team/coffee, spec.connection.');
    }
  });

  it('is told of a program without releases, too', () => {
    const { reports, apply, said } = stage();
    apply(lost());

    reports.taken();

    expect(said()).toEqual(['coffee: 1 ReferenceNotFound']);
  });
});
