import { execFile, type ChildProcess } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';

import { readStatus } from '../../../src/cli/composition/status-board.ts';
import type { HeldStatus, ProgramStatus } from '../../../src/core/model/controller.ts';
import type { CallEntry } from '../../../src/emulator/calls.ts';
import { createPlace, type EmulatorProcess, type Place, type Ran } from '../../support/cli.ts';
import { coffee, world } from '../../support/cli-world.ts';

const exec = promisify(execFile);
const patient = { timeout: 60_000, interval: 100 };

interface Team {
  readonly place: Place;
  readonly platform: EmulatorProcess;
  /** Commits what `coffee.yaml` shall be. */
  readonly commit: (text: string) => Promise<void>;
  /** Starts a controller, and waits until coffee is so; in sync if nothing is said. */
  readonly controller: (
    is?: (program: ProgramStatus) => boolean,
  ) => Promise<{ child: ChildProcess; ended: Promise<Ran> }>;
  readonly tell: (...args: readonly string[]) => Promise<Ran>;
  /** What the controller says of coffee, once it is so. */
  readonly program: (is: (program: ProgramStatus) => boolean) => Promise<ProgramStatus>;
  /** Writes to the platform so far. */
  readonly writes: () => Promise<readonly CallEntry[]>;
}

const running = ['run', '--config', 'fairlead.yaml', '--state', 'state'];

async function team(): Promise<Team> {
  const place = await createPlace();
  const platform = await place.emulator(world);
  const git = (...args: readonly string[]) =>
    exec('git', args, { cwd: place.path('team'), env: place.env });
  const commit = async (text: string): Promise<void> => {
    await place.write('team/coffee.yaml', text);
    await git('init', '-q', '-b', 'main');
    await git('add', '.');
    await git('commit', '-qm', 'Change');
  };
  await commit(coffee);
  const connection = (await place.read('connections.yaml')).trimEnd();
  await place.write(
    'fairlead.yaml',
    `${connection}
---
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: team }
spec: { url: "file://${place.path('team')}", intervalSeconds: 1 }
---
apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec: { allowFileUrls: true }
`,
  );
  const program: Team['program'] = (is) =>
    vi.waitFor(async () => {
      const [found] = (await readStatus(place.path('state'))).programs;
      expect(found && is(found), JSON.stringify(found)).toBe(true);
      return found!;
    }, patient);
  return {
    place,
    platform,
    commit,
    program,
    tell: (...args) => place.run([...args, '--state', 'state']),
    writes: async () =>
      (await platform.calls()).filter(({ operation }) => /^(create|patch)/.test(operation)),
    controller: async (is = ({ state }) => state === 'InSync') => {
      let child: ChildProcess | undefined;
      const ended = place.run(running, {
        during: (started) => {
          child = started;
        },
      });
      const early = ended.then(({ stderr }) => Promise.reject(new Error(stderr)));
      await Promise.race([early, program(is)]);
      early.catch(() => undefined);
      return { child: child!, ended };
    },
  };
}

const sandbox = (merchant: string) =>
  coffee.replace('merchantId: M-77-T', `merchantId: ${merchant}`);
const production = (merchant: string) =>
  coffee.replace('merchantId: M-77 }', `merchantId: ${merchant} }`);

const orderKinds = async (place: Place): Promise<readonly string[]> => {
  const names = (await readdir(place.path('state/orders'))).toSorted();
  const texts = await Promise.all(names.map((name) => place.read(`state/orders/${name}`)));
  return texts.map((text) => (JSON.parse(text) as { kind: string }).kind);
};

describe('from a second terminal, while the controller runs', () => {
  it('a suspension stops writes until somebody resumes it', async () => {
    const { commit, controller, tell, program, writes, platform } = await team();
    await controller();
    const before = await writes();

    const suspended = await tell('suspend', 'coffee', '--reason', 'incident');
    await commit(sandbox('M-78-T'));
    const { held } = await program((one) => one.held.some(({ path }) => path === 'merchantId'));
    const during = await writes();
    const resumed = await tell('resume', 'coffee');
    await program(({ state }) => state === 'InSync');

    expect(suspended.stdout).toContain('coffee is suspended');
    expect(new Set(held.map(({ reason }) => reason))).toEqual(new Set(['Suspended']));
    expect(during.length).toBe(before.length);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(await platform.world()).toContain('M-78-T');
  });

  it('a suspension ends by itself, and not a moment before', async () => {
    const { commit, controller, tell, writes, platform } = await team();
    await controller();
    const before = await writes();

    await tell('suspend', '--reason', 'a moment', '--until', '4s', '--no-wait');
    const { stdout } = await tell(
      'suspend',
      'coffee',
      '--reason',
      'x',
      '--until',
      '5s',
      '-o',
      'json',
    );
    await commit(sandbox('M-79-T'));

    await vi.waitFor(async () => {
      expect(await platform.world()).toContain('M-79-T');
    }, patient);
    const { orders } = JSON.parse(stdout) as { orders: { until: string }[] };
    const [first] = (await writes()).slice(before.length);
    expect(first?.at).toBeGreaterThanOrEqual(Date.parse(orders[0]!.until));
  });

  it('an approval lets exactly one change pass, once, and only until it ends', async () => {
    const { commit, controller, tell, program, platform, place } = await team();
    const { child, ended } = await controller();
    await commit(production('M-88'));
    const first = merchantOf(await program(({ state }) => state === 'Held'));
    const approved = await tell('approve', first.changeId, '--until', '1h');
    await program(({ state }) => state === 'InSync');

    expect(first).toMatchObject({ reason: 'GateRefused', where: '2.4.0/megapay/Production' });
    expect(approved.stdout).toContain('1 change released');
    expect(await platform.world()).toContain('M-88');
    expect(await orderKinds(place)).toEqual(['approve', 'used']);

    await commit(production('M-77'));
    const back = merchantOf(await program(({ state }) => state === 'Held'));
    const wrong = await tell('approve', first.changeId);
    await tell('approve', back.change);
    await program(({ state }) => state === 'InSync');
    await commit(production('M-88'));
    const again = merchantOf(await program(({ state }) => state === 'Held'));

    expect(wrong.code, 'another value is another change').toBe(1);
    expect(again.changeId, 'the very change, and its approval is used up').toBe(first.changeId);

    child.kill('SIGKILL');
    await ended;
    const late = await tell('approve', first.changeId, '--until', '1s');
    await sleep(1_000);
    const restartedAt = Date.now();
    await controller((one) => one.state === 'Held' && (one.plannedAt ?? 0) >= restartedAt);

    expect(late.stdout).toContain('it counts from its next start');
    expect(await platform.world(), 'nobody wrote').not.toContain('M-88');
  });

  it('a second controller is refused, and a killed one leaves nothing behind', async () => {
    const { place, controller, tell, commit, program, writes } = await team();
    const { child, ended } = await controller();

    const second = await place.run(running);
    child.kill('SIGKILL');
    await ended;
    const before = await writes();
    const offline = await tell('suspend', 'coffee', '--reason', 'while it is down');
    await commit(sandbox('M-80-T'));
    await controller(({ held }) => held.some(({ reason }) => reason === 'Suspended'));

    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`process ${String(child.pid)} on `);
    expect(offline.stdout).toContain('it counts from its next start');
    expect((await program(() => true)).suspended).toMatchObject({ reason: 'while it is down' });
    expect((await writes()).length).toBe(before.length);
  });
});

function merchantOf({ held }: ProgramStatus): HeldStatus {
  const found = held.find(({ path }) => path === 'merchantId');
  if (!found) throw new Error('the merchant id is not held');
  return found;
}
