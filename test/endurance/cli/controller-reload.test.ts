import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { coffee } from '../../support/cli-world.ts';
import {
  createStage,
  environmentOfController,
  patient,
  programWhen,
  startController,
  usualSettings,
  type Controller,
  type Stage,
} from '../../support/controller.ts';

/** How often settings were taken into force since the start. */
const reloads = (controller: Controller) =>
  controller.log().filter((line) => line['name'] === 'settings' && line['state'] === 'Ready');

async function reloaded(controller: Controller, times: number): Promise<void> {
  await vi.waitFor(() => {
    expect(reloads(controller), controller.said()).toHaveLength(times);
  }, patient);
}

async function comment({ place }: Stage, text: string): Promise<void> {
  await place.write('fairlead.yaml', `${await place.read('fairlead.yaml')}\n# ${text}\n`);
}

async function suspended({ status }: Controller): Promise<void> {
  await vi.waitFor(async () => {
    expect((await status()).suspended).toBeDefined();
  }, patient);
}

const sweeping = async ({ status }: Controller) => (await status()).connections[0]!;

describe('settings that take over', () => {
  it('ask nothing of a platform that wants no calls', async () => {
    const stage = await createStage();
    await stage.team.commit({ 'coffee.yaml': coffee });
    const controller = await stage.controller();
    await programWhen(controller, ({ state }) => state === 'InSync');
    await stage.platform.control('faults', {
      rules: [{ effect: 'tooMany', retryAfter: 'seconds', retryAfterSeconds: 600, times: 1 }],
    });
    await vi.waitFor(async () => {
      expect((await sweeping(controller)).trouble?.code).toBe('RateLimited');
    }, patient);
    const before = await stage.platform.calls();

    await comment(stage, 'nothing new');
    await reloaded(controller, 1);
    await vi.waitFor(async () => {
      const { sources, connections } = await controller.status();
      expect(sources[0]?.state, 'the new ones are at work').toBe('Ready');
      expect(connections[0]?.trouble?.code, 'and have tried').toBe('RateLimited');
    }, patient);

    expect(await stage.platform.calls()).toHaveLength(before.length);
    expect((await sweeping(controller)).rateNow).toBeLessThan(200);
  });

  it('tell nothing again: neither the commit in force nor what people ordered', async () => {
    const stage = await createStage();
    await stage.team.commit({ 'coffee.yaml': coffee });
    const controller = await stage.controller();
    await programWhen(controller, ({ state }) => state === 'InSync');
    await stage.tell('suspend', '--reason', 'incident');
    await suspended(controller);

    for (const times of [1, 2]) {
      await comment(stage, 'nothing new');
      await reloaded(controller, times);
      await programWhen(controller, ({ state }) => state === 'InSync');
      await suspended(controller);
    }

    const told = controller.log().map(({ msg }) => msg);
    expect(told.filter((text) => text === 'commit in force')).toHaveLength(1);
    expect(told.filter((text) => text === 'order taken')).toHaveLength(1);
  });
});

const listening = (stage: Stage, address: string | undefined) =>
  usualSettings(stage.git).replace(
    '  server:\n',
    address === undefined ? '  server:\n' : `  server:\n    listen: ${address}\n`,
  );

/** Everything that was served, in the order in which it was. */
const served = (controller: Controller) =>
  [...controller.said().matchAll(/serving (http:\S+)/g)].map(([, url = '']) => url);

async function isAlive(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`)).ok;
  } catch {
    return false;
  }
}

describe('the address to serve on', () => {
  it('follows the settings; one that cannot be had changes nothing', async () => {
    const stage = await createStage({ settings: (git) => usualSettings(git) });
    await stage.configure(listening(stage, '127.0.0.1:0'));
    const controller = await startController(stage.place, {
      args: ['run', '--config', 'fairlead.yaml', '--state', 'state'],
      env: environmentOfController,
      stateDir: stage.place.path('state'),
    });
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const port = String((taken.address() as AddressInfo).port);
    const [first = ''] = served(controller);
    await vi.waitFor(async () => {
      expect((await controller.status()).sources).toHaveLength(1);
    }, patient);

    await stage.configure(listening(stage, `127.0.0.1:${port}`));
    await vi.waitFor(async () => {
      const { config } = await controller.status();
      expect(config.trouble?.message).toContain(`cannot listen on 127.0.0.1:${port}`);
    }, patient);
    expect(await isAlive(first)).toBe(true);
    expect(reloads(controller)).toEqual([]);

    taken.close();
    await stage.configure(`${listening(stage, `127.0.0.1:${port}`)}# free now\n`);
    await reloaded(controller, 1);
    expect(served(controller)).toEqual([first, `http://127.0.0.1:${port}`]);
    expect(await isAlive(`http://127.0.0.1:${port}`)).toBe(true);
    expect(await isAlive(first)).toBe(false);

    // Another name of the same address: it is free only once it was left.
    await stage.configure(listening(stage, `localhost:${port}`));
    await reloaded(controller, 2);
    expect(served(controller)).toHaveLength(3);
    expect(await isAlive(`http://127.0.0.1:${port}`)).toBe(true);

    await stage.configure(listening(stage, undefined));
    await reloaded(controller, 3);
    expect(await isAlive(`http://127.0.0.1:${port}`)).toBe(false);
  });

  it('is that of the command line, whatever the settings say', async () => {
    const stage = await createStage();
    const controller = await stage.controller();
    const before = served(controller);

    await stage.configure(listening(stage, 'localhost:0'));
    await reloaded(controller, 1);

    expect(served(controller)).toEqual(before);
    expect(await isAlive(controller.url())).toBe(true);
  });
});

describe('the end of a controller', () => {
  it('is said: when it begins, and when nothing is under way any more', async () => {
    const stage = await createStage();
    await stage.team.commit({ 'coffee.yaml': coffee });
    const controller = await stage.controller();
    await programWhen(controller, ({ state }) => state === 'InSync');

    await controller.stop('SIGTERM');

    const said = controller.log().filter((line) => line['name'] === 'controller');
    expect(said.map(({ state }) => state)).toEqual(['Stopping', 'Stopped']);
  });
});
