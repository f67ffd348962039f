import { globSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';

import { coffee } from '../../support/cli-world.ts';
import {
  callWebhook,
  createStage,
  createTeamRepository,
  patient,
  programWhen,
  usualSettings,
  worldWith,
  type Controller,
  type Stage,
  type StageOptions,
} from '../../support/controller.ts';
import { seededRandom } from '../../support/random.ts';

/** A controller that keeps coffee. */
async function running(
  options: StageOptions = {},
): Promise<{ stage: Stage; controller: Controller }> {
  const stage = await createStage(options);
  await stage.team.commit({ 'coffee.yaml': coffee });
  const controller = await stage.controller();
  await programWhen(controller, ({ state }) => state === 'InSync');
  return { stage, controller };
}

const sandbox = (merchant: string) => ({
  'coffee.yaml': coffee.replace('merchantId: M-77-T', `merchantId: ${merchant}`),
});
const production = (merchant: string) => ({
  'coffee.yaml': coffee.replace('merchantId: M-77 }', `merchantId: ${merchant} }`),
});

const written = /^release (written|created)/;
const releases = 'emulator/acme/3500020208396321/2.4.0/megapay';

/** Sweeps that ended since the controller started. */
async function sweeps({ url }: Controller): Promise<number> {
  const text = await (await fetch(`${url()}/metrics`)).text();
  return Number(/^fairlead_sweep_total\{.*code="ok"\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

interface Told {
  readonly kind: string;
  readonly order?: { readonly kind: string; readonly by: string };
}

/** Newest first. */
async function history(stage: Stage, ...about: readonly string[]): Promise<readonly Told[]> {
  const { stdout } = await stage.tell('history', ...about, '-o', 'json');
  return (JSON.parse(stdout) as { readonly entries: readonly Told[] }).entries;
}

async function rested(controllers: readonly Controller[], count: number): Promise<void> {
  const before = await Promise.all(controllers.map(sweeps));
  await vi.waitFor(async () => {
    const now = await Promise.all(controllers.map(sweeps));
    for (const [index, ended] of now.entries())
      expect(ended).toBeGreaterThanOrEqual(before[index]! + count);
  }, patient);
}

describe('a commit', () => {
  it('is written after a webhook, and status, history, log, readyz and metrics tell of it', async () => {
    const { stage, controller } = await running();
    const before = controller.log().length;
    const commit = await stage.team.commit(sandbox('M-78-T'), {
      author: 'Ada <ada@example.test>',
      message: 'Pay another company',
    });

    expect(await callWebhook(controller.url())).toBe(202);
    await worldWith(stage, 'M-78-T');
    await vi.waitFor(async () => {
      expect((await controller.status()).sources).toMatchObject([{ completed: commit }]);
    }, patient);
    await rested([controller], 2);

    const news = controller.log().slice(before);
    const lines = news.filter(({ msg }) => written.test(msg));
    expect(lines).toMatchObject([{ level: 'info', release: `${releases}/Sandbox` }]);
    expect(JSON.stringify(news), 'nothing is said of what did not change').not.toContain(
      `${releases}/Production`,
    );
    expect((await stage.tell('status')).stdout).toMatch(
      new RegExp(`${commit.slice(0, 12)}.*[^]*1 program in sync`),
    );
    expect((await history(stage, 'coffee/Sandbox', 'merchantId'))[0]).toMatchObject({
      kind: 'attempt',
      fields: [
        {
          ...{ path: 'merchantId', origin: { file: 'coffee.yaml', line: 8 } },
          before: { value: 'M-77-T' },
          after: { value: 'M-78-T' },
          commit: { id: commit, author: 'Ada <ada@example.test>' },
        },
      ],
    });
    expect((await fetch(`${controller.url()}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${controller.url()}/metrics`)).text();
    expect(metrics).toContain('fairlead_writes_total{action="update"} 1\n');
    expect(metrics).toContain('fairlead_webhook_requests_total{name="hook",result="hinted"} 1\n');
  });

  it('meets a platform that is down: said once, however often it is asked, and once that it is back', async () => {
    const { stage, controller } = await running();
    const about = () =>
      controller
        .log()
        .filter((line) => line['about'] === 'connection')
        .map((line) => line['state']);
    await stage.platform.control('reset-calls', {});
    await stage.platform.control('faults', { rules: [{ effect: 'status', status: 503 }] });
    await vi.waitFor(async () => {
      expect((await stage.platform.calls()).length).toBeGreaterThan(6);
    }, patient);
    const during = about();
    const ready = (await fetch(`${controller.url()}/readyz`)).status;
    await stage.platform.control('faults', { rules: [] });
    await vi.waitFor(() => {
      expect(about()).toEqual(['Ready', 'Failing', 'Ready']);
    }, patient);

    expect(during).toEqual(['Ready', 'Failing']);
    expect(ready, 'a sweep succeeded a moment ago').toBe(200);
  });
});

describe('from a second terminal', () => {
  it('a suspension stops writes until it is resumed, and history knows who said so', async () => {
    const { stage, controller } = await running();
    const before = await stage.writes();

    await stage.tell('suspend', 'coffee', '--reason', 'incident');
    await stage.team.commit(sandbox('M-78-T'));
    await callWebhook(controller.url());
    await programWhen(controller, ({ held }) => held.some(({ path }) => path === 'merchantId'));
    const shown = await stage.tell('status', 'coffee');
    await rested([controller], 2);
    const during = await stage.writes();
    await stage.tell('resume', 'coffee');
    await worldWith(stage, 'M-78-T');

    expect(during).toEqual(before);
    expect(shown.stdout).toContain('suspended');
    expect(shown.stdout).toContain('incident');
    const orders = (await history(stage, 'coffee')).filter(({ kind }) => kind === 'order');
    expect(orders).toMatchObject([
      { at: expect.stringMatching(/^20.*Z$/), order: { kind: 'resume', by: expect.any(String) } },
      { order: { kind: 'suspend', reason: 'incident', by: expect.any(String) } },
    ]);
  });

  it('an approval lets exactly one change pass, once; one that is over lets nothing pass', async () => {
    const { stage, controller: earlier } = await running();
    let controller = earlier;
    const push = async (merchant: string): Promise<void> => {
      await stage.team.commit(production(merchant));
      await callWebhook(controller.url());
    };
    const held = async (merchant: string) => {
      const found = await programWhen(controller, (program) =>
        program.held.some(
          ({ path, reason, message }) =>
            path === 'merchantId' && reason === 'GateRefused' && message !== '',
        ),
      );
      expect(await stage.platform.world()).not.toContain(`merchantId: ${merchant}\n`);
      return found.held.find(({ path }) => path === 'merchantId')!;
    };

    await push('M-88');
    const first = await held('M-88');
    const status = await stage.tell('status');
    await controller.stop();
    await stage.tell('approve', first.changeId, '--until', '1s');
    // The approval ends while nobody is there to use it.
    await sleep(1_500);
    controller = await stage.controller();
    await rested([controller], 2);
    const late = await held('M-88');
    await stage.tell('approve', first.changeId, '--until', '1h');
    await worldWith(stage, 'merchantId: M-88');

    await push('M-77');
    const back = await held('M-77-none');
    await stage.tell('approve', back.changeId);
    await programWhen(controller, ({ state }) => state === 'InSync');
    await push('M-88');
    const again = await held('M-88');

    expect(first.where).toBe('2.4.0/megapay/Production');
    expect(status.stdout).toContain(first.changeId);
    expect(late.changeId, 'nothing was written by an approval that is over').toBe(first.changeId);
    expect(again.changeId, 'the very change that was approved and used').toBe(first.changeId);
    const orders = (await history(stage)).flatMap(({ order }) => order ?? []);
    expect(orders).toMatchObject([
      { kind: 'used', ids: [back.changeId] },
      { kind: 'approve', by: expect.any(String) },
      { kind: 'used', ids: [first.changeId] },
      { kind: 'approve', until: expect.stringMatching(/^20.*Z$/) },
      { kind: 'approve', until: expect.stringMatching(/^20.*Z$/) },
    ]);
    expect((await history(stage)).find(({ kind }) => kind === 'attempt')).toMatchObject({
      approvedBy: orders[1]!.by,
    });
  });
});

/** Four records to create, one after the other. */
const slowly = {
  connection: '  requestsPerSecond: 200\n  maxWriters: 1',
} as const satisfies StageOptions;
const four = `${coffee.replace('[Sandbox, Production]', '[Sandbox, Production]\n  targets:\n    - { app: megapay, environment: Test }\n    - { app: megapay, environment: Development }')}`;

async function amid(delayMs: number): Promise<{ stage: Stage; controller: Controller }> {
  const stage = await createStage(slowly);
  await stage.team.commit({ 'coffee.yaml': four });
  await stage.platform.control('faults', {
    rules: [{ effect: 'delay', operation: 'createRelease', nth: 2, delayMs }],
  });
  const controller = await stage.controller();
  await vi.waitFor(
    async () => {
      expect(await stage.writes()).toHaveLength(1);
    },
    { ...patient, interval: 10 },
  );
  // The second call follows the answer of the first at once.
  await sleep(300);
  return { stage, controller };
}

describe('SIGTERM in mid-pass', () => {
  it('finishes the call under way, starts none, and leaves; the next start goes on', async () => {
    const { stage, controller } = await amid(1_500);

    const { code } = await controller.stop('SIGTERM');
    const done = await stage.writes();
    const told = controller.log().filter(({ msg }) => written.test(msg));
    await stage.platform.control('faults', { rules: [] });
    const next = await stage.controller();
    await programWhen(next, ({ state }) => state === 'InSync');

    expect(code).toBe(143);
    expect(done).toHaveLength(2);
    expect(told, 'both were heard of').toHaveLength(2);
    const all = await stage.writes();
    expect(all).toHaveLength(4);
    expect(new Set(all).size).toBe(4);
  });

  it('leaves without a call that does not end', async () => {
    const { stage, controller } = await amid(60_000);

    // The call's own deadline is far away: only who leaves without it is gone before.
    const { code } = await Promise.race([
      controller.stop('SIGTERM'),
      sleep(15_000, { code: 'still there' }),
    ]);

    expect(code).toBe(143);
    expect(await stage.writes()).toHaveLength(1);
  });
});

describe('kill -9', () => {
  it('at random moments leaves no duplicate, orders stand, and nothing is parsed again', async () => {
    const { stage, controller: first } = await running();
    const random = seededRandom(7);
    let controller = first;
    for (const round of [1, 2, 3, 4]) {
      await stage.team.commit(sandbox(`M-${String(round)}-T`));
      await callWebhook(controller.url());
      await sleep(Math.floor(random.next() * 400));
      await controller.stop('SIGKILL');
      controller = await stage.controller();
    }
    await worldWith(stage, 'M-4-T');
    await programWhen(controller, ({ state }) => state === 'InSync');
    await stage.tell('suspend', 'coffee', '--reason', 'incident');
    const [parsed] = globSync(`${stage.place.path('state')}/git/**/*parsed*`);
    const before = await stat(String(parsed));

    await controller.stop('SIGKILL');
    stage.git.forget();
    controller = await stage.controller();
    // Of this process: what the killed one said stands in the same file.
    await rested([controller], 1);
    const after = await stat(String(parsed));
    const asked = stage.git.requests.flatMap(({ command }) => command ?? []);
    await stage.team.commit(sandbox('M-5-T'));
    await callWebhook(controller.url());
    const { suspended } = await programWhen(controller, ({ held }) => held.length > 0);

    expect(after.mtimeMs, 'what was parsed is kept, and nothing was added').toBe(before.mtimeMs);
    expect(asked).toEqual(['ls-refs']);
    expect(suspended).toMatchObject({ reason: 'incident' });
    const told = (await history(stage)).flatMap(({ order }) => order?.kind ?? []);
    expect(told, 'once, whatever was restarted').toEqual(['suspend']);
    const creates = (await stage.writes()).filter((write) => write.startsWith('create'));
    expect(new Set(creates).size).toBe(creates.length);
    expect(await stage.platform.world()).not.toContain('M-5-T');
  });
});

describe('a start without Git', () => {
  it('takes nothing back that was written of a commit before it was completed', async () => {
    const { stage, controller } = await running(slowly);
    await stage.platform.control('faults', {
      rules: [{ effect: 'delay', operation: 'patchReleaseConfig', nth: 2, delayMs: 60_000 }],
    });
    const both = coffee
      .replace('M-77-T', 'M-78-T')
      .replace('testers: ["2088001", "2088002"]', 'testers: ["2088001"]');
    await stage.team.commit({ 'coffee.yaml': both });
    await callWebhook(controller.url());
    await vi.waitFor(async () => {
      expect(await stage.writes()).toHaveLength(3);
    }, patient);
    await controller.stop('SIGKILL');

    await stage.platform.control('faults', { rules: [] });
    stage.git.outage(true);
    const next = await stage.controller();
    await vi.waitFor(async () => {
      expect(await stage.writes()).toHaveLength(4);
    }, patient);
    await rested([next], 2);

    const [, , first, second] = await stage.writes();
    expect(second, 'what is left of it, not the first one again').not.toBe(first);
    expect(await stage.writes()).toHaveLength(4);
  });
});

describe('two controllers', () => {
  it('of one state directory: the second is refused, and told who holds it', async () => {
    const { stage, controller } = await running();

    const second = await stage.place.run(['run', '--config', 'fairlead.yaml', '--state', 'state'], {
      env: { GIT_PASSWORD: 'x', HOOK: 'x' },
    });

    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`process ${String(controller.child.pid)} on `);
    await rested([controller], 1);
  });

  it('of one program: the incumbent goes on, the other says Contended, nobody writes in circles', async () => {
    const { stage, controller } = await running();
    const other = usualSettings(stage.git, { name: 'other', installation: 'other' });
    await stage.configure(other, 'other.yaml');
    await (await createTeamRepository(stage.place, 'other')).commit(sandbox('M-0-T'));
    const second = await stage.controller({ config: 'other.yaml', state: 'other' });
    await programWhen(second, ({ state }) => state === 'Blocked');
    const before = await stage.writes();

    await rested([controller, second], 6);
    const during = await stage.writes();
    await stage.team.commit(sandbox('M-78-T'));
    await callWebhook(controller.url());
    await worldWith(stage, 'M-78-T');
    await rested([controller, second], 2);

    expect(during).toEqual(before);
    expect(await stage.writes()).toHaveLength(before.length + 1);
    expect((await second.status()).programs).toMatchObject([
      { state: 'Blocked', blocked: [{ reasons: ['Contended'] }] },
    ]);
    expect((await controller.status()).programs).toMatchObject([{ state: 'InSync' }]);
  });
});
