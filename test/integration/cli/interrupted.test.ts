import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { createPlace, type EmulatorProcess, type Place } from '../../support/cli.ts';
import { world } from '../../support/cli-world.ts';

const settings = ['--connections', 'connections.yaml'];
const apply = ['apply', 'coffee.yaml', '--yes', ...settings];

/** Four records to create, one after the other. */
const coffee = `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: coffee }
spec: { workspace: acme, id: "3500020208396321" }
---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: coffee-2.4.0 }
spec:
  miniProgram: coffee
  version: 2.4.0
  config: { merchantId: M-77 }
  targets:
    - { app: megapay, environment: Production }
    - { app: megapay, environment: Sandbox }
    - { app: megapay, environment: Test }
    - { app: megapay, environment: Development }
`;

async function ready(): Promise<{ place: Place; platform: EmulatorProcess }> {
  const place = await createPlace();
  await place.write('coffee.yaml', coffee);
  const platform = await place.emulator(world);
  const connections = await place.read('connections.yaml');
  await place.write('connections.yaml', `${connections}  maxWriters: 1\n`);
  return { place, platform };
}

async function creates(platform: EmulatorProcess): Promise<readonly string[]> {
  const calls = await platform.calls();
  return calls
    .filter(({ operation }) => operation === 'createRelease')
    .map(({ resultCode }) => resultCode);
}

/** Signals as soon as the first record is there: the second is under way then, and takes its time. */
function signalAmid(platform: EmulatorProcess, signal: NodeJS.Signals) {
  return (child: ChildProcess): void => {
    void (async () => {
      while (child.exitCode === null && (await creates(platform)).length === 0) await sleep(20);
      await sleep(200);
      child.kill(signal);
    })();
  };
}

const slow = { rules: [{ effect: 'delay', operation: 'createRelease', nth: 2, delayMs: 1500 }] };

describe('apply, interrupted', () => {
  it.each([
    { signal: 'SIGINT', code: 130 },
    { signal: 'SIGTERM', code: 143 },
  ] as const)(
    '$signal: finishes the call under way, tells what was and was not done, and a later run goes on',
    async ({ signal, code }) => {
      const { place, platform } = await ready();
      await platform.control('faults', slow);

      const first = await place.run([...apply, '-o', 'json'], {
        during: signalAmid(platform, signal),
      });
      const done = await creates(platform);
      await platform.control('faults', { rules: [] });
      const second = await place.run(apply);

      const { outcomes } = JSON.parse(first.stdout) as {
        outcomes: readonly { readonly result: string }[];
      };
      const results = outcomes.map(({ result }) => result);
      expect(first.code, first.stderr).toBe(code);
      expect(results.filter((result) => result === 'applied')).toHaveLength(done.length);
      expect(results.filter((result) => result === 'skipped')).toHaveLength(4 - done.length);
      expect(done.length, 'the signal came too late or too early').toBeOneOf([1, 2, 3]);
      expect(second.code, second.stderr).toBe(0);
      expect(await creates(platform), 'no record is asked for twice').toEqual([
        'SUCCESS',
        'SUCCESS',
        'SUCCESS',
        'SUCCESS',
      ]);
    },
  );

  it('SIGINT: the text says it, too', async () => {
    const { place, platform } = await ready();
    await platform.control('faults', slow);

    const { code, stdout, stderr } = await place.run(apply, {
      during: signalAmid(platform, 'SIGINT'),
    });

    expect(code).toBe(130);
    expect(`${stdout}${stderr}`).toContain('megapay/Test');
    expect(stdout).toMatch(/done +\+/);
    expect(stdout).toMatch(/(skipped|not done)/);
  });

  it('SIGKILL: a later run goes on without a duplicate', async () => {
    const { place, platform } = await ready();
    await platform.control('faults', slow);

    const first = await place.run(apply, { during: signalAmid(platform, 'SIGKILL') });
    await platform.control('faults', { rules: [] });
    const second = await place.run(apply);
    const third = await place.run([...apply, '-o', 'json']);

    expect(first.signal).toBe('SIGKILL');
    expect(second.code, second.stderr).toBe(0);
    expect(JSON.parse(third.stdout)).toMatchObject({ outcomes: [] });
    const world = await platform.world();
    expect(world.match(/environment: (Test|Sandbox|Development)/g)).toHaveLength(3);
  });

  it('a second SIGINT ends it at once', async () => {
    const { place, platform } = await ready();
    await platform.control('faults', {
      rules: [{ effect: 'delay', operation: 'createRelease', nth: 2, delayMs: 20_000 }],
    });

    const { code, signal } = await place.run(apply, {
      during: (child) => {
        signalAmid(platform, 'SIGINT')(child);
        void (async () => {
          while (child.exitCode === null && (await creates(platform)).length === 0) await sleep(20);
          await sleep(600);
          child.kill('SIGINT');
        })();
      },
    });

    expect({ code, signal }).toEqual({ code: 130, signal: null });
  });
});

describe('plan, interrupted', () => {
  it('SIGINT: ends soon with 130 and one sentence', async () => {
    const { place, platform } = await ready();
    await platform.control('faults', {
      rules: [{ effect: 'delay', operation: 'listReleases', delayMs: 20_000 }],
    });

    const { code, stderr, stdout } = await place.run(['plan', 'coffee.yaml', ...settings], {
      during: (child) => {
        void (async () => {
          while (child.exitCode === null && (await platform.calls()).length === 0) await sleep(20);
          await sleep(200);
          child.kill('SIGINT');
        })();
      },
    });

    expect(code).toBe(130);
    expect(stdout).toBe('');
    expect(stderr).toContain('stopped by SIGINT');
  });
});
