import { describe, expect, it } from 'vitest';
import { ReconcileError } from '../../src/core/words/errors.ts';
import { SecretText } from '../../src/core/words/secret-text.ts';
import type { CallEntry } from '../../src/emulator/calls.ts';
import type { ReadPorts, WritePorts } from '../../src/ports/index.ts';
import {
  createScene,
  faultWorld,
  heldBy,
  recordCounts,
  writesIn,
  type Pass,
  type Wishes,
} from './faults-world.ts';

type Ports = ReadPorts & WritePorts;

/** `operation environment`, in the order in which the platform saw them. */
function order(calls: readonly CallEntry[]): readonly string[] {
  return writesIn(calls).map(({ operation, key }) =>
    `${operation} ${key.split('/')[4] ?? ''}`.trim(),
  );
}

function results({ outcomes }: Pass): Readonly<Record<string, string>> {
  return Object.fromEntries(
    outcomes.map((outcome) => [
      outcome.change.scope === 'release' ? outcome.change.key.environment : 'global',
      outcome.result === 'failed' ? outcome.error.code : outcome.result,
    ]),
  );
}

/** The merchant id moves from the global level into one release, out of another, and a third is new. */
const before: Wishes = {
  targets: { Test: '{ testers: [u1] }', Sandbox: '{ merchantId: M-S, testers: [u1] }' },
  global: '{ merchantId: M-1 }',
};
const after: Wishes = {
  targets: {
    Test: '{ merchantId: M-1, testers: [u1] }',
    Sandbox: '{ testers: [u1, u2] }',
    Development: '{ testers: [u1] }',
  },
  global: '{ merchantId: M-9 }',
};

describe('a merchant id that moves between levels', () => {
  it('is pinned first, then changed globally, and only then inherited', async () => {
    const scene = createScene(faultWorld(), before);
    await scene.pass();

    const pass = await scene.pass({ wishes: after, maxWriters: 1 });

    expect(order(pass.calls)).toEqual([
      'patchReleaseConfig Sandbox',
      'patchReleaseConfig Test',
      'patchGlobalConfig',
      'patchReleaseConfig Sandbox',
      'createRelease Development',
    ]);
    expect(results(pass)).toEqual({
      Test: 'applied',
      Sandbox: 'applied',
      Development: 'applied',
      global: 'applied',
    });
    const again = await scene.pass({ wishes: after });
    expect(writesIn(again.calls)).toEqual([]);
  });

  it('stays everywhere as it was while the release that must be pinned cannot be', async () => {
    const scene = createScene(faultWorld(), before);
    await scene.pass();
    const rules = [
      {
        effect: 'result' as const,
        operation: 'patchReleaseConfig' as const,
        resultCode: 'PROCESS_FAIL' as const,
      },
    ];

    const pass = await scene.pass({ wishes: after, faults: { rules } });

    expect(results(pass)).toMatchObject({
      Test: 'PlatformRefused',
      global: 'skipped',
      Development: 'skipped',
    });
    expect(heldBy(scene.host)).toMatchObject({
      global: { merchantId: 'M-1' },
      Sandbox: { merchantId: 'M-S' },
    });
    expect(recordCounts(scene.host)).not.toHaveProperty(['coffee/1.0.0/megapay/Development']);
  });

  it('reaches nobody who would inherit it while the global change is refused', async () => {
    const scene = createScene(faultWorld(), before);
    await scene.pass();
    const rules = [
      {
        effect: 'result' as const,
        operation: 'patchGlobalConfig' as const,
        resultCode: 'PROCESS_FAIL' as const,
      },
    ];

    const pass = await scene.pass({ wishes: after, faults: { rules } });

    expect(results(pass)).toMatchObject({
      Test: 'applied',
      global: 'PlatformRefused',
      Development: 'skipped',
    });
    expect(heldBy(scene.host)).toMatchObject({
      Sandbox: { merchantId: 'M-S', testers: ['u1', 'u2'] },
    });
    const sandbox = pass.outcomes.find(
      ({ change }) => change.scope === 'release' && change.key.environment === 'Sandbox',
    );
    expect(sandbox?.result === 'applied' && sandbox.left).toHaveLength(1);
    expect(recordCounts(scene.host)).not.toHaveProperty(['coffee/1.0.0/megapay/Development']);
  });

  it('comes to the same end when each run is struck at another write', async () => {
    const scene = createScene(faultWorld(), before);
    await scene.pass();
    for (const nth of [1, 2, 3, 4, 5]) {
      const effect = nth % 2 === 0 ? 'dropAfter' : 'dropBefore';
      await scene.pass({ wishes: after, faults: { rules: [{ effect, nth: 3 + nth, times: 4 }] } });
    }
    await scene.pass({ wishes: after });

    expect(heldBy(scene.host)).toEqual({
      Test: { merchantId: 'M-1', testers: ['u1'] },
      Sandbox: { testers: ['u1', 'u2'] },
      Development: { testers: ['u1'] },
      global: { merchantId: 'M-9' },
    });
  });
});

describe('a global change that has nothing to do with what a release drops', () => {
  it('leaves that release one call', async () => {
    const scene = createScene(faultWorld(), {
      targets: { Test: '{ merchantId: M-T, clientId: C-1 }' },
      global: '{ merchantId: M-1 }',
    });
    await scene.pass();
    const wishes: Wishes = {
      targets: { Test: '{ merchantId: M-T, testers: [u1] }' },
      global: '{ merchantId: M-9 }',
    };

    const pass = await scene.pass({ wishes });

    expect(order(pass.calls)).toEqual(['patchReleaseConfig Test', 'patchGlobalConfig']);
    expect(heldBy(scene.host)).toEqual({
      Test: { merchantId: 'M-T', testers: ['u1'] },
      global: { merchantId: 'M-9' },
    });
  });
});

const three: Wishes = {
  targets: { Test: '{}', Sandbox: '{}', Development: '{}', Production: '{}' },
};

describe('writers', () => {
  it.each([1, 2, 4])('%i at a time, and no more', async (maxWriters) => {
    const scene = createScene(faultWorld(), three);
    let under = 0;
    let most = 0;
    const wrap = (ports: Ports): Ports => ({
      ...ports,
      writer: {
        write: async (write, id, signal) => {
          under += 1;
          most = Math.max(most, under);
          await ports.clock.sleep(100, signal);
          const written = await ports.writer.write(write, id, signal);
          under -= 1;
          return written;
        },
      },
    });

    await scene.pass({ maxWriters, wrap });

    expect(most).toBe(maxWriters);
  });
});

describe('told to stop in the middle', () => {
  it('finishes the call under way, starts none, and a later run goes on from there', async () => {
    const stop = new AbortController();
    const scene = createScene(faultWorld(), three);
    const wrap = (ports: Ports): Ports => ({
      ...ports,
      writer: {
        write: async (write, id, signal) => {
          stop.abort(new Error('SIGINT'));
          return ports.writer.write(write, id, signal);
        },
      },
    });

    const pass = await scene.pass({ wrap, signal: stop.signal, maxWriters: 1 });

    expect(pass.outcomes.map(({ result }) => result)).toEqual([
      'applied',
      'skipped',
      'skipped',
      'skipped',
    ]);
    expect(writesIn(pass.calls)).toHaveLength(1);
    const later = await scene.pass();
    expect(writesIn(later.calls)).toHaveLength(3);
    expect(Object.values(recordCounts(scene.host))).toEqual([1, 1, 1, 1, 1]);
  });

  it('still finds out what became of the call under way', async () => {
    const stop = new AbortController();
    const scene = createScene(faultWorld(), { targets: { Test: '{}' } });
    const wrap = (ports: Ports): Ports => ({
      ...ports,
      writer: {
        write: async (write, id, signal) => {
          stop.abort(new Error('SIGINT'));
          return ports.writer.write(write, id, signal);
        },
      },
    });
    const rules = [{ effect: 'dropAfter' as const, operation: 'createRelease' as const }];

    const pass = await scene.pass({ wrap, signal: stop.signal, faults: { rules } });

    expect(pass.outcomes.map(({ result }) => result)).toEqual(['applied']);
    expect(pass.calls.filter(({ operation }) => operation === 'getRelease')).toHaveLength(1);
  });

  it('does not wait out a back-off', async () => {
    const stop = new AbortController();
    const scene = createScene(faultWorld(), { targets: { Test: '{}' } });
    const wrap = (ports: Ports): Ports => ({
      ...ports,
      clock: {
        ...ports.clock,
        sleep: (ms, signal) => {
          stop.abort(new Error('SIGINT'));
          return ports.clock.sleep(ms, signal);
        },
      },
    });
    const rules = [
      { effect: 'tooMany' as const, operation: 'createRelease' as const, retryAfterSeconds: 30 },
    ];

    const pass = await scene.pass({ wrap, signal: stop.signal, faults: { rules } });

    expect(results(pass)).toEqual({ Test: 'RateLimited' });
    expect(writesIn(pass.calls)).toHaveLength(1);
  });
});

describe('the lease', () => {
  it.each([
    {
      name: 'ends before a call could',
      heldForMs: 1000,
      expected: { Test: 'skipped' },
      why: 'the call may take 1000 ms',
    },
    {
      name: 'outlives the call',
      heldForMs: 1001,
      expected: { Test: 'applied' },
      why: 'nothing is written after its end',
    },
  ])('that $name', async ({ heldForMs, expected, why }) => {
    const scene = createScene(faultWorld(), { targets: { Test: '{}' } });
    const wrap = (ports: Ports): Ports => ({
      ...ports,
      fence: { heldUntil: () => ports.clock.mono() + heldForMs },
    });

    const pass = await scene.pass({ wrap });

    expect(results(pass), why).toEqual(expected);
    expect(writesIn(pass.calls)).toHaveLength(expected.Test === 'applied' ? 1 : 0);
  });

  it('that is lost during a back-off stops the repetition', async () => {
    const scene = createScene(faultWorld(), { targets: { Test: '{}' } });
    const wrap = (ports: Ports): Ports => {
      const until = ports.clock.mono() + 1200;
      return { ...ports, fence: { heldUntil: () => until } };
    };
    const rules = [{ effect: 'tooMany' as const, operation: 'createRelease' as const, times: 1 }];

    const pass = await scene.pass({ wrap, faults: { rules } });

    expect(results(pass)).toEqual({ Test: 'skipped' });
    expect(writesIn(pass.calls)).toHaveLength(1);
  });
});

describe('a secret', () => {
  const wishes: Wishes = {
    targets: {
      Test: '{ environmentVariables: [{ name: API_KEY, valueFrom: { secretKeyRef: { name: keys, key: api } } }] }',
    },
  };
  const canary = 'canary-0a1b2c3d';

  it('reaches the platform', async () => {
    const scene = createScene(faultWorld(), wishes);

    const pass = await scene.pass();

    expect(results(pass)).toEqual({ Test: 'applied' });
    expect(heldBy(scene.host)).toMatchObject({
      Test: { environmentVariables: [{ name: 'API_KEY', value: canary }] },
    });
    expect(JSON.stringify(pass.outcomes)).not.toContain(canary);
  });

  it('that was rotated after it was planned is not written: another value was shown', async () => {
    const scene = createScene(faultWorld(), wishes);
    const wrap = (ports: Ports): Ports => ({
      ...ports,
      secrets: { ...ports.secrets, open: async () => new SecretText('rotated') },
    });

    const pass = await scene.pass({ wrap });

    expect(writesIn(pass.calls)).toEqual([]);
    expect(pass.outcomes.map(({ result }) => result)).toEqual(['failed']);
  });

  it('that cannot be opened any more fails its own change and no other', async () => {
    const scene = createScene(faultWorld(), { targets: { ...wishes.targets, Sandbox: '{}' } });
    const wrap = (ports: Ports): Ports => ({
      ...ports,
      secrets: {
        ...ports.secrets,
        open: () => Promise.reject(new ReconcileError('SecretUnavailable', 'gone')),
      },
    });

    const pass = await scene.pass({ wrap });

    expect(results(pass)).toEqual({ Test: 'SecretUnavailable', Sandbox: 'applied' });
  });
});
