import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';

import { coffee } from '../../support/cli-world.ts';
import {
  callWebhook,
  createStage,
  createTeamRepository,
  patient,
  programWhen,
  sourceWhen,
  startController,
  environmentOfController,
  usualSettings,
  worldWith,
  type Controller,
  type Stage,
  type StageOptions,
} from '../../support/controller.ts';
import type { Behaviour } from '../../support/git-http.ts';
import { built } from '../../support/built.ts';

async function running(
  options: StageOptions = {},
): Promise<{ stage: Stage; controller: Controller }> {
  const stage = await createStage(options);
  await stage.team.commit({ 'coffee.yaml': coffee });
  const controller = await stage.controller();
  await programWhen(controller, ({ state }) => state === 'InSync');
  return { stage, controller };
}

const sandbox = (merchant: string) =>
  coffee.replace('merchantId: M-77-T', `merchantId: ${merchant}`);

const otherSource = (settings: string) =>
  settings.replace(
    'kind: Settings',
    `kind: GitSource
metadata: { name: other }
spec: { url: "https://127.0.0.1:1/other.git", caFile: ca.pem }
---
apiVersion: fairlead.dev/v1alpha1
kind: Settings`,
  );

describe('settings that cannot be', () => {
  it.each([
    {
      name: 'a field nobody knows',
      settings: (text: string) => text.replace('intervals:', 'sweepOften: true\n  intervals:'),
      says: 'sweepOften',
    },
    {
      name: 'two sources, and a connection that grants nobody anything',
      settings: otherSource,
      says: 'grants',
    },
    {
      name: 'no source',
      settings: (text: string) => text.slice(text.indexOf('---') + 4),
      says: 'GitSource',
    },
    {
      name: 'a key that is not there',
      settings: (text: string) => text,
      without: 'connections.key.pem',
      says: 'connections.key.pem',
    },
  ])('$name: nothing starts, and nobody is asked', async ({ settings, without, says }) => {
    const stage = await createStage();
    await stage.configure(settings(usualSettings(stage.git)));
    if (without !== undefined) await rm(stage.place.path(without));
    await stage.platform.control('reset-calls', {});

    const { code, stderr } = await stage.place.run(
      ['run', '--config', 'fairlead.yaml', '--state', 'state', '--listen', '127.0.0.1:0'],
      { env: environmentOfController },
    );

    expect(code).toBe(1);
    expect(stderr).toContain(says);
    expect(stderr).not.toContain('serving');
    expect(stage.git.requests).toEqual([]);
    expect(await stage.platform.calls()).toEqual([]);
  });

  it('put in place of those in force: the old ones stay, status says why, and good ones are taken without a signal', async () => {
    const { stage, controller } = await running();
    const usual = usualSettings(stage.git);
    await stage.configure(usual.replace('intervals:', 'sweepOften: true\n  intervals:'));
    const { trouble } = await vi.waitFor(async () => {
      const { config } = await controller.status();
      expect(config.trouble).toBeDefined();
      return config;
    }, patient);
    await stage.team.commit({ 'coffee.yaml': sandbox('M-78-T') });
    await callWebhook(controller.url());
    await worldWith(stage, 'M-78-T');

    const other = await createTeamRepository(stage.place, 'other');
    await other.commit({
      'books.yaml': coffee
        .replaceAll('coffee', 'books')
        .replaceAll('2.4.0', '1.0.0')
        .replace('3500020208396321', '3500020208396399')
        .replace('M-77-T', 'M-99-T'),
    });
    const granted = (await stage.place.read('fairlead.yaml')).replace(
      '  requestsPerSecond: 200\n',
      '  requestsPerSecond: 200\n  grants: [{ sources: [team, other] }]\n',
    );
    const [connection = ''] = granted.split('---\n');
    const [source = ''] = usualSettings(stage.git, { name: 'other' }).split('---\n');
    await stage.place.write('fairlead.yaml', [connection, source, usual].join('---\n'));
    await worldWith(stage, 'M-99-T');

    expect(trouble?.message).toContain('sweepOften');
    const { config, sources } = await controller.status();
    expect(config.trouble).toBeUndefined();
    expect(sources.map(({ name }) => name)).toEqual(['other', 'team']);
    expect(controller.log().filter((line) => line['about'] === 'config')).toMatchObject([
      { state: 'Failing' },
      { state: 'Ready' },
    ]);
  });
});

const quick: StageOptions = {
  settings: (git) => usualSettings(git, { lookSeconds: 1, timeoutSeconds: 1 }),
};

const behaviours: readonly {
  readonly name: string;
  readonly behaviour: Behaviour | 'password';
  readonly code: string;
}[] = [
  { name: 'vanishes', behaviour: 'reset', code: 'SourceUnavailable' },
  { name: 'hangs', behaviour: 'hang', code: 'SourceUnavailable' },
  { name: 'answers garbage', behaviour: 'garbage', code: 'SourceUnavailable' },
  { name: 'asks for another password', behaviour: 'password', code: 'SourceUnavailable' },
];

describe('a repository', () => {
  it.each(behaviours)(
    'that $name leaves everything as it is, is told of once, and recovers by itself',
    async ({ behaviour, code }) => {
      const { stage, controller } = await running(quick);
      const before = await stage.writes();
      if (behaviour === 'password') stage.git.setPassword('another');
      else stage.git.behave(behaviour);
      const { trouble } = await sourceWhen(controller, ({ state }) => state === 'Failing');
      stage.git.forget();
      await vi.waitFor(() => {
        expect(stage.git.requests.length).toBeGreaterThanOrEqual(3);
      }, patient);
      const told = controller.log().filter((line) => line['about'] === 'source');
      const [program] = (await controller.status()).programs;
      stage.git.behave('serve');
      stage.git.setPassword('canary-git-password');
      await stage.team.commit({ 'coffee.yaml': sandbox('M-78-T') });
      await worldWith(stage, 'M-78-T');
      await sourceWhen(controller, ({ state }) => state === 'Ready');

      expect(trouble?.code).toBe(code);
      expect(told.map(({ state }) => state)).toEqual(['Ready', 'Failing']);
      expect(program?.state).toBe('InSync');
      expect(await stage.writes()).toHaveLength(before.length + 1);
      expect(controller.said()).not.toContain('canary');
    },
  );

  it('with a broken file holds back its own keys alone, and names file and line', async () => {
    const { stage, controller } = await running();
    const books = coffee
      .replaceAll('coffee', 'books')
      .replaceAll('2.4.0', '1.0.0')
      .replace('3500020208396321', '3500020208396399');
    await stage.team.commit({
      'coffee.yaml': sandbox('M-78-T'),
      'books.yaml': books.replace('version: 1.0.0', 'version: [1.0.0'),
    });
    await callWebhook(controller.url());
    await worldWith(stage, 'M-78-T');
    const { problems } = await sourceWhen(controller, ({ problemCount }) => problemCount > 0);
    const { stdout } = await stage.tell('status');

    expect(problems[0]).toMatch(/^books\.yaml:\d+/);
    expect(stdout).toMatch(/books\.yaml:\d+/);
    expect(await stage.writes()).toHaveLength(3);

    await stage.team.commit({ 'books.yaml': books.replace('M-77-T', 'M-99-T') });
    await callWebhook(controller.url());
    await worldWith(stage, 'M-99-T');
    await sourceWhen(controller, ({ problemCount }) => problemCount === 0);
  });

  it('whose every file was deleted removes nothing', async () => {
    const { stage, controller } = await running();
    const before = await stage.platform.world();
    await stage.platform.control('reset-calls', {});
    const commit = await stage.team.commit({ 'coffee.yaml': undefined });
    await callWebhook(controller.url());
    await sourceWhen(controller, ({ completed }) => completed === commit);

    expect(await stage.platform.world()).toBe(before);
    expect(await stage.writes()).toEqual([]);
  });
});

describe('a hostile caller', () => {
  it('floods the webhook: nobody looks because of it, and work goes on beside it', async () => {
    const { stage, controller } = await running();
    stage.git.forget();
    const bodies = ['{}', 'x'.repeat(100_000), '', '\0'.repeat(1_000)];
    let isOver = false;
    const answers: number[] = [];
    const flood = Array.from({ length: 8 }, async (_, index) => {
      while (!isOver) {
        const body = bodies[index % bodies.length]!;
        answers.push(await callWebhook(controller.url(), { body, secret: 'guessed' }));
      }
    });
    await vi.waitFor(() => {
      expect(answers.length).toBeGreaterThan(300);
    }, patient);
    const looks = stage.git.requests.length;
    await stage.team.commit({ 'coffee.yaml': sandbox('M-78-T') });
    expect(await callWebhook(controller.url())).toBe(202);
    await worldWith(stage, 'M-78-T');
    isOver = true;
    await Promise.all(flood);

    expect(looks).toBe(0);
    expect(new Set(answers)).toEqual(new Set([401]));
    const refused = controller.log().filter((line) => line['about'] === 'webhook');
    expect(refused.filter(({ state }) => state === 'Refusing').length).toBeLessThanOrEqual(2);
  });
});

describe('a state directory that cannot be written', () => {
  it('has things of another kind where history and notes go: history is lost, and nothing else', async () => {
    const stage = await createStage();
    await mkdir(stage.place.path('state/ledger.db'), { recursive: true });
    await mkdir(stage.place.path('state/completed.json'), { recursive: true });
    await writeFile(stage.place.path('state/sources'), 'no folder');
    await stage.team.commit({ 'coffee.yaml': coffee });
    const controller = await stage.controller();
    await programWhen(controller, ({ state }) => state === 'InSync');
    await stage.team.commit({ 'coffee.yaml': sandbox('M-78-T') });
    await callWebhook(controller.url());
    await worldWith(stage, 'M-78-T');

    const metrics = await (await fetch(`${controller.url()}/metrics`)).text();
    expect(metrics).toContain('fairlead_ledger_degraded 1');
    expect((await fetch(`${controller.url()}/readyz`)).status).toBe(200);
    expect((await controller.status()).ledgerTrouble).toBeDefined();
  });

  it('is on a full disk: what drifts is put back all the same', async () => {
    const stage = await createStage();
    const policy = coffee.replace(
      'spec:\n  workspace',
      'spec:\n  policy: { onDrift: Apply }\n  workspace',
    );
    await stage.team.commit({ 'coffee.yaml': policy });
    const first = await stage.controller();
    await programWhen(first, ({ state }) => state === 'InSync');
    await first.stop();
    await stage.platform.act('editReleaseConfig', {
      ...{ workspace: 'acme', miniProgram: '3500020208396321', version: '2.4.0' },
      ...{ app: 'megapay', environment: 'Sandbox', patch: { merchantId: 'M-by-hand' } },
    });

    const full = await startController(stage.place, {
      program: ['sh', '-c', 'ulimit -f 0; exec "$@"', 'sh', process.execPath, built().cli],
      args: ['run', '--config', 'fairlead.yaml', '--state', 'state', '--listen', '127.0.0.1:0'],
      env: environmentOfController,
      stateDir: stage.place.path('state'),
    });
    await worldWith(stage, 'merchantId: M-77-T');
    const { code } = await full.stop();

    expect(code).toBe(143);
    expect(await readdir(stage.place.path('state'))).not.toContain('core');
  });
});
