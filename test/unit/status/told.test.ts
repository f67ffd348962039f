import { describe, expect, it } from 'vitest';

import { planChangeId } from '../../../src/core/plan/identity.ts';
import { basesOf } from '../../../src/core/status/bases.ts';
import { programReport } from '../../../src/core/status/report.ts';
import { releaseStatus } from '../../../src/core/status/release-status.ts';
import { eventsOf } from '../../../src/core/status/events.ts';
import { programId, releaseId } from '../../../src/core/words/keys.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { markOf, now, record, secretTexts } from '../plan/fixtures.ts';
import { program, release, stream } from '../resolve/world.ts';
import {
  documentOf,
  judgedGeneration,
  programIn,
  releaseIn,
  scene,
  told,
  type Asked,
} from './scene.ts';
import { sceneOf, states } from './states.ts';
import { sameStatus } from '../../../src/core/status/same.ts';
import {
  both,
  coffee,
  drifted,
  home,
  objects,
  one,
  outdated,
  production,
  sandbox,
  source,
  withSecret,
} from './state.ts';

const asked = 'fairlead.dev/reconcile-requested-at';
const approve = 'fairlead.dev/approve';
const later = epochMs(now + 60_000);

describe('what was asked for', () => {
  it.each([
    { name: 'after a pass', why: 'it was obeyed', result: undefined, handled: '2' },
    {
      name: 'after a pass without a plan',
      why: 'it was tried, and the conditions say what came of it',
      result: { state: 'failed', trouble: { code: 'RateLimited', message: 'slow down' } },
      handled: '2',
    },
    {
      name: 'before any pass',
      why: 'nobody looked yet',
      result: { state: 'unseen' },
      handled: '1',
    },
  ] as const)('$name: the request is echoed', ({ result, handled, why }) => {
    const made = scene({ objects: objects(), ...(result ? { result } : {}) });

    const status = releaseIn(made, {
      object: { annotations: { [asked]: '2' }, status: { lastHandledReconcileAt: '1' } },
    });

    expect(status.lastHandledReconcileAt, why).toBe(handled);
  });

  it('an approval is used up while its annotation stands, and forgotten after it', () => {
    const made = scene({ objects: objects(), records: [sandbox, production] });
    const id = 'c-0123456789ab' as ReturnType<typeof planChangeId>;
    const first = releaseIn(made, { object: { annotations: { [approve]: id } }, used: [id] });

    const second = releaseIn(made, { object: { annotations: { [approve]: id }, status: first } });
    const third = releaseIn(made, { object: { annotations: {}, status: second } });

    expect([first, second, third].map(({ usedApprovals }) => usedApprovals)).toEqual([
      [id],
      [id],
      undefined,
    ]);
  });

  it('an approval that counts for nothing is answered even where nothing is held', () => {
    const made = scene({ objects: objects(), records: [sandbox, production] });

    const status = releaseIn(made, {
      object: { annotations: { [approve]: 'c-0123456789ab' } },
      approvalsIgnored: true,
    });

    expect(told(status)).toMatchObject({ ready: 'True', reason: 'InSync' });
    expect(told(status).message).toContain('Approvals by annotation are ignored');
  });

  it('the plan of what is held can be approved by its id, and by nothing wider in the message', () => {
    const made = scene({
      objects: objects(both, '  policy: { onChange: Plan }'),
      records: [outdated],
    });
    const [field] = made.plan.changes.flatMap(({ fields }) => fields);

    const status = releaseIn(made);

    expect(status.changeId).toBe(planChangeId([made.plan]));
    expect(told(status).message).toContain(field?.changeId);
    expect(told(status).message).not.toContain(status.changeId);
  });

  it('what no approval lifts offers no id', () => {
    const made = scene({
      objects: objects(`${one}\n  suspend: { reason: audit week }`),
      records: [outdated],
    });

    expect(releaseIn(made).changeId).toBeUndefined();
  });
});

describe('what was known before', () => {
  const before = releaseIn(scene({ objects: objects(), records: [sandbox, drifted, production] }));

  it('stays while another process judges the program', () => {
    const made = scene({ objects: objects(), result: { state: 'elsewhere' } });

    const status = releaseIn(made, { object: { status: before }, now: later });

    expect(status.targets).toEqual(before.targets);
    expect(told(status)).toMatchObject({ ready: 'True', reason: 'DriftReported' });
  });

  it.each(states.map((state) => [state.name, state] as const))(
    '%s: two processes that write one status come to rest',
    (_name, state) => {
      const first = sceneOf(state).report;
      const second = scene(otherConsole).report;
      const elsewhere = (report: typeof first) =>
        programReport({ desired: report.desired, result: { state: 'elsewhere' } });
      const views = [
        [first, elsewhere(second)],
        [elsewhere(first), second],
      ];
      const written: unknown[] = [undefined];

      for (const programs of [...views, ...views, ...views]) {
        const status = statusOver(programs, state.asked, written.at(-1));
        if (!sameStatus(written.at(-1), status)) written.push(status);
      }

      // Each says its own, and once more what the other said meanwhile.
      expect(written.length - 1).toBeLessThanOrEqual(3);
    },
  );

  it('stays after a start until its program was judged again', () => {
    const made = scene({ objects: objects(), result: { state: 'unseen' } });

    const status = releaseIn(made, { object: { status: before }, now: later });

    expect(status.targets).toEqual(before.targets);
    expect(told(status)).toMatchObject({ ready: 'True', reason: 'DriftReported' });
  });

  it('a newer generation than the declarations that were judged is not observed', () => {
    const made = scene({ objects: objects(), records: [sandbox, production] });

    const status = releaseIn(made, { object: { generation: 10 } });

    expect(status.observedGeneration, 'the pass saw the one before').toBe(judgedGeneration);
    expect(status.conditions?.map(({ observedGeneration }) => observedGeneration)).toEqual([9]);
  });

  it('is nothing for another generation', () => {
    const made = scene({ objects: objects(), result: { state: 'elsewhere' } });

    const status = releaseIn(made, { object: { status: before, generation: 2 } });

    expect(told(status)).toMatchObject({ ready: 'Unknown', reason: 'NotYetSeen' });
    expect(
      status.targets?.map(({ releaseId: id }) => id),
      'records do not go',
    ).toEqual(before.targets?.map(({ releaseId: id }) => id));
  });

  it('keeps ids and codes of records that a plan does not repeat', () => {
    const made = scene({ objects: objects(), carry: 'applied' });
    const first = releaseIn(made);
    const again = scene({ objects: objects(), records: [sandbox, production] });
    const report = programReport({ desired: again.report.desired, result: again.report.result });

    const second = releaseIn({ ...again, report }, { object: { status: first } });

    expect(second.targets?.map(({ testQrCode }) => testQrCode)).toEqual([
      'https://qr.example/megapay',
      'https://qr.example/tapngo',
    ]);
  });

  it('a program counts releases of another process by their own objects', () => {
    const made = scene({ objects: objects(), result: { state: 'elsewhere' } });

    const known = programIn(made, { releases: { status: before } });
    const unknown = programIn(made);

    expect([known.progress, told(known).ready]).toEqual(['2/2', 'True']);
    expect([unknown.progress, told(unknown).ready]).toEqual(['0/2', 'Unknown']);
  });
});

describe('a record that the platform does not have', () => {
  it('takes nothing of an earlier one', () => {
    const before = {
      observedGeneration: 1,
      targets: [{ app: 'megapay', environment: 'Sandbox', releaseId: 'old', status: 'Canceled' }],
    };

    const status = releaseIn(scene({ objects: objects(one) }), { object: { status: before } });

    expect(status.targets).toEqual([
      {
        app: 'megapay',
        environment: 'Sandbox',
        action: 'create',
        reason: 'Progressing',
        nextStep: 'the release is being created.',
      },
    ]);
  });
});

describe('a platform without marks', () => {
  const objectsWithGlobal = {
    'team-a': stream(
      program(
        '  globalConfig: { clientId: "7" }\n  targets:\n    - { app: megapay, environment: Sandbox, config: { merchantId: M-1 } }',
        'coffee',
        home,
      ),
      release('1.0.0', one),
    ),
    'team-b': stream(coffee(), release('1.0.0', one)),
  };

  it('has its bases in the statuses of those who count', () => {
    const made = scene({ objects: objectsWithGlobal, records: [sandbox] });
    const [claim] = made.desired.releases;
    const bases = {
      [releaseId(claim!.key)]: markOf({ merchantId: 'M-1' }, source),
      [programId(made.desired.key)]: markOf({ clientId: '7' }, source),
    };
    const { desired, result } = made.report;
    const told = { ...made, report: programReport({ desired, result, bases }) };

    const statuses: Readonly<Record<string, unknown>> = {
      [documentOf('MiniProgramRelease', 'team-a', 'coffee-1.0.0')]: releaseIn(told),
      [documentOf('MiniProgramRelease', 'team-b', 'coffee-1.0.0')]: releaseIn(told, {
        namespace: 'team-b',
      }),
      [documentOf('MiniProgram', 'team-a', 'coffee')]: programIn(told),
    };

    expect(basesOf(made.desired, (document) => statuses[document])).toEqual(bases);
    expect(
      JSON.stringify(statuses[documentOf('MiniProgramRelease', 'team-b', 'coffee-1.0.0')]),
      'a neighbour that lost learns nothing of what was written',
    ).not.toContain('"mark"');
  });

  it('has none where no status says any', () => {
    expect(basesOf(scene({ objects: objects() }).desired, () => undefined)).toEqual({});
  });
});

describe('a program', () => {
  it('says how its global configuration stands, per console', () => {
    const made = scene({
      objects: {
        'team-a': stream(
          program(
            '  globalConfig: { merchantId: M-G }\n  targets:\n    - { app: megapay, environment: Sandbox }',
            'coffee',
            home,
          ),
          release('1.0.0', one),
        ),
      },
      observed: {
        global: { merchantId: 'M-X' },
        globalMark: markOf({ merchantId: 'M-G' }, source),
      },
    });

    const status = programIn(made);

    expect(status.globals).toMatchObject([
      { platform: 'mp', workspace: 'acme', id: '3500', action: 'update', reason: 'DriftReported' },
    ]);
    expect(told(status)).toMatchObject({ ready: 'False', reason: 'AwaitsOther' });
  });

  it('counts the releases of its own namespace alone', () => {
    const made = scene({
      objects: {
        'team-a': stream(coffee(), release('1.0.0', both)),
        'team-b': stream(coffee(), release('1.0.0', one), release('1.1.0', one)),
      },
      records: [sandbox, production],
    });

    const [first, second] = [programIn(made), programIn(made, { namespace: 'team-b' })];

    expect([first.releases, first.progress]).toEqual([1, '2/2']);
    expect([second.releases, second.progress]).toEqual([2, '0/2']);
  });
});

describe('a message', () => {
  it('tells three matters, and counts the rest', () => {
    const spec = `  targets:
${['a', 'b', 'c', 'd'].map((app) => `    - { app: no-${app}, environment: Test, config: { merchantId: M-7 } }`).join('\n')}`;

    const status = releaseIn(scene({ objects: objects(spec) }));

    expect(told(status).message).toContain('1 more is told in status.targets.');
    expect(status.counts?.blocked).toBe(4);
  });

  it('says a matter once, with all it is about', () => {
    const message = told(
      releaseIn(scene({ objects: objects(), observed: { versions: [] } })),
    ).message;

    expect(message?.startsWith('megapay/Sandbox, tapngo/Production: the version')).toBe(true);
    expect(message?.split('Upload version').length).toBe(2);
  });
});

it('no secret gets into a status or an event', () => {
  const observed = record({
    config: { 'environmentVariables/API_KEY': { secret: 'second' }, merchantId: 'M-1' },
  });
  for (const carry of [undefined, 'applied', 'skipped'] as const) {
    const made = scene({
      objects: objects(withSecret()),
      records: [observed],
      ...(carry ? { carry } : {}),
    });
    const status = releaseIn(made);

    const texts = JSON.stringify([status, programIn(made), eventsOf(undefined, status)]);

    for (const secret of Object.values(secretTexts)) {
      expect(texts).not.toContain(secret);
      expect(texts).not.toContain(Buffer.from(secret).toString('base64'));
    }
  }
});

const otherConsole = {
  objects: {
    'team-a': stream(
      program(
        '  targets:\n    - { app: otherpay, environment: Test }',
        'coffee',
        '  workspace: acme\n  id: "3501"',
      ),
      release('1.0.0', '  environments: [Test]'),
    ),
  },
  result: {
    state: 'failed',
    trouble: { code: 'PlatformUnavailable', message: 'it is down' },
  },
} as const;

function statusOver(
  programs: readonly ReturnType<typeof programReport>[],
  { namespace = 'team-a', name = 'coffee-1.0.0' }: Asked = {},
  before?: unknown,
) {
  return releaseStatus({
    object: { generation: 1, annotations: {}, status: before },
    document: documentOf('MiniProgramRelease', namespace, name),
    programs,
    problems: [],
    locate: () => ({ file: 'none', line: 1, column: 1 }),
    approvalsIgnored: undefined,
    approvals: { used: [], expanded: [] },
    now,
  });
}

it('a release over two consoles says how it stands on both', () => {
  const first = scene({ objects: objects(one), records: [sandbox] });

  const status = statusOver([first.report, scene(otherConsole).report]);

  expect(status.targets?.map(({ app, action, reason }) => [app, action, reason])).toEqual([
    ['megapay', 'unchanged', undefined],
    ['otherpay', undefined, 'PlatformUnavailable'],
  ]);
  expect([status.progress, told(status).reason]).toEqual(['1/2', 'PlatformUnavailable']);
});
