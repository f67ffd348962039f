import { readdir, readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import type { HeldStatus, ProgramStatus } from '../../../src/core/model/controller.ts';
import { coffee } from '../../support/cli-world.ts';
import {
  createStage,
  environmentOfController,
  programWhen,
  type Stage,
} from '../../support/controller.ts';

/*
 * One pass of a timer on the state directory of a controller: what people told the one holds for the other.
 */

const once = (stage: Stage, ...more: readonly string[]) =>
  stage.place.run(['run', '--once', '--config', 'fairlead.yaml', '--state', 'state', ...more], {
    env: environmentOfController,
  });

const sandbox = coffee.replace('M-77-T', 'M-99-T');
/** Money goes elsewhere: the usual gates ask for a person's word. */
const production = coffee.replace('merchantId: M-77 }', 'merchantId: M-88 }');

function merchantOf({ held }: ProgramStatus): HeldStatus {
  const found = held.find(({ path }) => path === 'merchantId');
  expect(found).toBeDefined();
  return found!;
}

async function orderKinds(stage: Stage): Promise<readonly string[]> {
  const folder = stage.place.path('state/orders');
  const names = (await readdir(folder)).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(`${folder}/${name}`, 'utf8')));
  return texts.map((text) => (JSON.parse(text) as { readonly kind: string }).kind);
}

describe('run --once heeds what people told the controller', { timeout: 120_000 }, () => {
  it('writes nothing while everything is suspended, and all of it once that is over', async () => {
    const stage = await createStage();
    await stage.team.commit({ 'coffee.yaml': coffee });
    expect(await once(stage)).toMatchObject({ code: 0 });
    await stage.tell('suspend', '--reason', 'incident');
    await stage.team.commit({ 'coffee.yaml': sandbox });
    const before = await stage.writes();

    const suspended = await once(stage);

    expect(await stage.writes()).toEqual(before);
    expect(suspended).toMatchObject({ code: 0 });
    expect(suspended.stdout).toContain('incident');

    await stage.tell('resume');
    const resumed = await once(stage);

    expect(resumed).toMatchObject({ code: 0 });
    expect((await stage.writes()).slice(before.length)).toEqual([
      expect.stringMatching(/^patchReleaseConfig .*Sandbox/),
    ]);
  });

  it('lets an approved change pass once, and uses the approval up', async () => {
    const stage = await createStage();
    await stage.team.commit({ 'coffee.yaml': coffee });
    const controller = await stage.controller();
    await programWhen(controller, ({ state }) => state === 'InSync');
    await stage.team.commit({ 'coffee.yaml': production });
    await controller.stop();
    const again = await stage.controller();
    const { changeId } = merchantOf(await programWhen(again, ({ state }) => state === 'Held'));
    await again.stop();
    const before = await stage.writes();
    expect(await once(stage)).toMatchObject({ code: 3 });
    expect(await stage.writes()).toEqual(before);

    await stage.tell('approve', changeId);
    const approved = await once(stage);

    expect(approved).toMatchObject({ code: 0 });
    expect(approved.stderr).not.toContain('--allow');
    expect((await stage.writes()).slice(before.length)).toHaveLength(1);
    expect(await orderKinds(stage)).toEqual(['approve', 'used']);
  });
});
