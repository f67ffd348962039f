import { describe, expect, it } from 'vitest';
import type { ConsoleRequest } from '../../src/emulator/world/console.ts';
import type { Switches } from '../../src/emulator/world/switches.ts';
import type { Effect } from '../../src/emulator/faults.ts';
import { ReconcileError } from '../../src/core/words/errors.ts';
import { createMemory } from '../../src/engine/read.ts';
import { noLedger } from '../../src/ledger/ledger.ts';
import type { Ledger } from '../../src/ports/index.ts';
import {
  createIds,
  createScene,
  faultWorld,
  heldBy,
  recordCounts,
  writesIn,
  type Pass,
  type PassOptions,
  type Scene,
  type Wishes,
} from './faults-world.ts';

const target = {
  workspace: 'acme',
  miniProgram: 'coffee',
  version: '1.0.0',
  app: 'megapay',
  environment: 'Test',
} as const;
const first: Wishes = { targets: { Test: '{ merchantId: M-1, testers: [u1] }' } };
const second: Wishes = { targets: { Test: '{ merchantId: M-7, testers: [u1, u2] }' } };

/** Results, with the error code of what failed. */
function results({ outcomes }: Pass): readonly string[] {
  return outcomes.map((outcome) =>
    outcome.result === 'failed' ? outcome.error.code : outcome.result,
  );
}

function edit(
  patch: Extract<ConsoleRequest, { action: 'editReleaseConfig' }>['patch'],
): ConsoleRequest {
  return { action: 'editReleaseConfig', ...target, patch };
}

describe('somebody at the console, between our plan and our write', () => {
  it('edits another field: ours is written, theirs is left alone', async () => {
    const scene = createScene(faultWorld(), first);
    await scene.pass();
    const meanwhile = (): void => scene.console(edit({ clientId: 'C-5' }));

    const pass = await scene.pass({ wishes: second, meanwhile });

    expect(results(pass)).toEqual(['applied']);
    expect(heldBy(scene.host)).toMatchObject({
      Test: { merchantId: 'M-7', testers: ['u1', 'u2'], clientId: 'C-5' },
    });
  });

  it('edits one of two fields we want: the other is written, and the edited one is left for the next plan', async () => {
    const scene = createScene(faultWorld(), first);
    await scene.pass();
    const meanwhile = (): void => scene.console(edit({ merchantId: 'M-999' }));

    const pass = await scene.pass({ wishes: second, meanwhile });

    const [outcome] = pass.outcomes;
    expect(outcome?.result === 'applied' && outcome.left).toHaveLength(1);
    expect(heldBy(scene.host)).toMatchObject({
      Test: { merchantId: 'M-999', testers: ['u1', 'u2'] },
    });
  });

  it('makes the very edit we want: nothing is written', async () => {
    const scene = createScene(faultWorld(), first);
    await scene.pass();
    const meanwhile = (): void => scene.console(edit({ merchantId: 'M-7', testers: ['u2', 'u1'] }));

    const pass = await scene.pass({ wishes: second, meanwhile });

    expect(results(pass)).toEqual(['applied']);
    expect(
      writesIn(pass.calls)
        .filter(({ http }) => http.performed > 0 && http.status === 200)
        .map(({ resultStatus }) => resultStatus),
    ).toEqual(['F']);
  });

  it('applies for release: nothing is written to what is under review', async () => {
    const production = { ...target, environment: 'Production' } as const;
    const wish = (merchant: string): Wishes => ({
      targets: { Production: `{ merchantId: ${merchant} }` },
    });
    const scene = createScene(faultWorld(), wish('M-1'));
    await scene.pass();
    const meanwhile = (): void => scene.console({ action: 'apply', ...production });

    const pass = await scene.pass({ wishes: wish('M-7'), meanwhile });

    expect(results(pass)).toEqual(['skipped']);
    expect(heldBy(scene.host)).toMatchObject({ Production: { merchantId: 'M-1' } });
  });

  it('selects the target we are about to create: never two records, and their values are not overwritten', async () => {
    const scene = createScene(faultWorld(), second);
    const meanwhile = (): void =>
      scene.console({ action: 'selectTarget', ...target, config: { merchantId: 'M-5' } });

    const pass = await scene.pass({ meanwhile });

    expect(results(pass)).toEqual(['skipped']);
    expect(heldBy(scene.host)).toMatchObject({ Test: { merchantId: 'M-5' } });
    expect(recordCounts(scene.host)['coffee/1.0.0/megapay/Test']).toBe(1);
  });

  it('is faster four times in a row: we say so and stop', async () => {
    const scene = createScene(faultWorld(), first);
    await scene.pass();
    let edits = 0;
    const pass = await scene.pass({
      wishes: second,
      wrap: (ports) => ({
        ...ports,
        writer: {
          write: async (write, id, signal) => {
            edits += 1;
            scene.console(edit({ clientId: `C-${String(edits)}` }));
            return ports.writer.write(write, id, signal);
          },
        },
      }),
    });

    expect(results(pass)).toEqual(['Contended']);
    expect(edits).toBe(4);
    expect(heldBy(scene.host)).toMatchObject({ Test: { merchantId: 'M-1', testers: ['u1'] } });
  });
});

describe('a platform that says yes and keeps something else', () => {
  /** Testers never become what was written. */
  function stubborn(scene: Scene, ledger?: Ledger): PassOptions {
    return {
      wishes: second,
      wrap: (ports) => ({
        ...ports,
        ...(ledger ? { ledger } : {}),
        writer: {
          write: async (write, id, signal) => {
            await ports.writer.write(write, id, signal);
            scene.console(edit({ testers: ['u1'] }));
            const release = await ports.reader.release({ platform: 'megapay', ...target }, signal);
            return { kind: 'release', release: release! };
          },
        },
      }),
    };
  }

  it('is called so when it happened twice, over passes of one process', async () => {
    const scene = createScene(faultWorld(), first);
    await scene.pass();
    const memory = createMemory();

    const passes = [
      await scene.pass({ ...stubborn(scene), memory }),
      await scene.pass({ ...stubborn(scene), memory }),
    ];

    expect(passes.map(results)).toEqual([['skipped'], ['PlatformRefused']]);
    expect(passes.map(({ calls }) => writesIn(calls).length)).toEqual([1, 1]);
  });

  it('is called so at once where no base tells the second attempt from the first', async () => {
    const scene = createScene(faultWorld({ marks: false }), first);
    await scene.pass();

    const pass = await scene.pass(stubborn(scene, noLedger()));

    expect(results(pass)).toEqual(['PlatformRefused']);
    expect(writesIn(pass.calls)).toHaveLength(2);
  });

  it('is not written to for ever: after three times it is contended', async () => {
    const scene = createScene(faultWorld(), first);
    await scene.pass();
    const memory = createMemory();
    for (let i = 0; i < 6; i += 1) await scene.pass({ ...stubborn(scene), memory });

    const pass = await scene.pass({ ...stubborn(scene), memory });

    expect(pass.planned).toEqual(['Test blocked']);
    expect(writesIn(pass.calls)).toEqual([]);
  });
});

describe('giving up', () => {
  it.each([
    { name: 'a platform that is gone', effect: 'status', more: { status: 503 } },
    { name: 'a connection that is cut each time', effect: 'dropBefore', more: {} },
    { name: 'too many requests for ever', effect: 'tooMany', more: {} },
  ] as const)(
    '$name: a failure, one request id, and a later run goes on without a duplicate',
    async ({ effect, more }) => {
      const scene = createScene(faultWorld(), second);
      const rules = [{ effect, operation: 'createRelease' as const, ...more }];

      const pass = await scene.pass({ faults: { rules } });

      expect(pass.outcomes.map(({ result }) => result)).toEqual(['failed']);
      const tried = writesIn(pass.calls);
      expect(tried.length).toBeGreaterThan(1);
      expect(tried.length).toBeLessThanOrEqual(4);
      const later = await scene.pass();
      expect(results(later)).toEqual(['applied']);
      expect(createIds([...pass.calls, ...later.calls])).toMatchObject({
        'acme/coffee/1.0.0/megapay/Test': { length: 1 },
      });
      expect(recordCounts(scene.host)['coffee/1.0.0/megapay/Test']).toBe(1);
    },
  );

  it('a refusal is told at once and never repeated', async () => {
    const scene = createScene(faultWorld(), second);
    const rules = [
      {
        effect: 'result' as const,
        operation: 'createRelease' as const,
        resultCode: 'PROCESS_FAIL' as const,
      },
    ];

    const pass = await scene.pass({ faults: { rules } });

    expect(results(pass)).toEqual(['PlatformRefused']);
    expect(writesIn(pass.calls)).toHaveLength(1);
  });

  it('a platform that cannot be read: no plan, no write', async () => {
    const scene = createScene(faultWorld(), second);
    const rules = [{ effect: 'status' as const, operation: 'listReleases' as const, status: 503 }];

    const pass = await scene.pass({ faults: { rules } });

    expect([pass.planned, writesIn(pass.calls)]).toEqual([[], []]);
    expect(pass.unread).toBeDefined();
  });
});

describe('whatever the platform lacks', () => {
  const lacks: readonly { readonly name: string; readonly switches: Partial<Switches> }[] = [
    { name: 'conditional writes', switches: { conditionalWrites: false } },
    { name: 'request ids', switches: { requestIds: false } },
    { name: 'both', switches: { conditionalWrites: false, requestIds: false } },
    { name: 'marks', switches: { marks: false } },
    { name: 'counting revisions', switches: { revisions: 'contentHash' } },
    { name: 'forgetting failures', switches: { rememberFailures: true } },
    { name: 'honest page sizes', switches: { cappedPageSize: 1 } },
    { name: 'readable variables', switches: { variables: 'hidden' } },
    { name: 'any guard', switches: { permissive: true } },
  ];
  const effects: readonly Effect[] = [
    'dropBefore',
    'dropAfter',
    'unknown',
    'unknownApplied',
    'accepted',
    'tooMany',
    'errorApplied',
    'badSignature',
  ];
  const cases = lacks.flatMap((lack) => effects.map((effect) => ({ ...lack, effect })));

  it.each(cases)(
    'without $name, $effect on a create and on a patch does no harm',
    async ({ switches, effect }) => {
      const scene = createScene(faultWorld(switches), first);

      const create = await scene.pass({
        faults: { rules: [{ effect, operation: 'createRelease', times: 1 }] },
      });
      await scene.pass();
      const patch = await scene.pass({
        wishes: second,
        faults: { rules: [{ effect, operation: 'patchReleaseConfig', times: 1 }] },
      });
      await scene.pass({ wishes: second });
      const rest = await scene.pass({ wishes: second });

      expect(
        create.calls.some(({ http }) => http.fault === effect),
        'struck the create',
      ).toBe(true);
      expect(
        patch.calls.some(({ http }) => http.fault === effect),
        'struck the patch',
      ).toBe(true);
      expect(recordCounts(scene.host)['coffee/1.0.0/megapay/Test']).toBe(1);
      expect(heldBy(scene.host)).toMatchObject({
        Test: { merchantId: 'M-7', testers: ['u1', 'u2'] },
      });
      expect(writesIn(rest.calls)).toEqual([]);
    },
  );
});

describe('a platform without marks', () => {
  it('lets the ledger remember what was found as declared: its first change is ours to make', async () => {
    const scene = createScene(faultWorld({ marks: false }), first);
    scene.console({
      action: 'selectTarget',
      ...target,
      config: { merchantId: 'M-1', testers: ['u1'] },
    });
    const found = await scene.pass();

    const changed = await scene.pass({ wishes: second });

    expect([found.planned, writesIn(found.calls)]).toEqual([['Test unchanged'], []]);
    const causes = changed.decisions.flatMap(({ apply }) =>
      apply.flatMap(({ apply: fields }) => fields.map(({ cause }) => cause)),
    );
    expect(causes).toEqual(['declaration', 'declaration']);
    expect(results(changed)).toEqual(['applied']);
  });
});

describe('a bug', () => {
  it('in one write is an outcome, stops the rest of its program, and is loud', async () => {
    const scene = createScene(faultWorld(), {
      targets: { Test: '{}', Sandbox: '{}', Development: '{}' },
    });
    const told: string[] = [];
    const pass = await scene.pass({
      maxWriters: 1,
      wrap: (ports) => ({
        ...ports,
        telemetry: { emit: (event) => event.kind === 'failed' && told.push(event.code) },
        writer: {
          write: () => {
            throw new TypeError('bug');
          },
        },
      }),
    });

    expect(results(pass)).toEqual(['InternalError', 'skipped', 'skipped']);
    expect(told).toEqual(['InternalError']);
  });

  it('of a ledger stops nothing', async () => {
    const scene = createScene(faultWorld(), first);
    const pass = await scene.pass({
      wrap: (ports) => ({
        ...ports,
        ledger: {
          ...noLedger(),
          append: () => Promise.reject(new ReconcileError('LocalFailure', 'disk full')),
        },
      }),
    });

    expect(results(pass)).toEqual(['applied']);
  });
});
