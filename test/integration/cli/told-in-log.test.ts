import { describe, expect, it, vi } from 'vitest';

import { coffee } from '../../support/cli-world.ts';
import {
  createStage,
  patient,
  programWhen,
  usualSettings,
  type Controller,
} from '../../support/controller.ts';

/*
 * What somebody who reads nothing but the log of a controller learns.
 */

const conditions = ({ log }: Controller, name: string) =>
  log()
    .filter((line) => line.msg === 'condition' && line['name'] === name)
    .map(({ level, ...line }) => ({ level, state: line['state'], said: line['said'] }));

async function toldOf(controller: Controller, name: string, expected: object): Promise<void> {
  await vi.waitFor(
    () => expect(conditions(controller, name)).toContainEqual(expect.objectContaining(expected)),
    patient,
  );
}

const broken = coffee.replace('version: 2.4.0', 'version: [2.4.0]');
/** A new version, whose records cannot be made without the secret. */
const secret = coffee
  .replaceAll('2.4.0', '2.5.0')
  .replace(
    'merchantId: M-77-T',
    'environmentVariables: [{ name: API_KEY, valueFrom: { secretKeyRef: { name: pay, key: token } } }]',
  );

describe('the log of a controller', { timeout: 120_000 }, () => {
  it('tells of broken documents, of what is blocked, and of what is declared no more', async () => {
    const stage = await createStage({
      settings: (git) => usualSettings(git, { lookSeconds: 1 }),
    });
    await stage.team.commit({ 'coffee.yaml': coffee });
    const controller = await stage.controller();
    await programWhen(controller, ({ state }) => state === 'InSync');

    await stage.team.commit({ 'coffee.yaml': broken });
    await toldOf(controller, 'team', {
      level: 'warn',
      state: 'Invalid',
      said: expect.stringContaining('coffee.yaml:') as string,
    });

    await stage.team.commit({ 'coffee.yaml': secret });
    await toldOf(controller, 'team', { level: 'info', said: 'no problem is left' });
    await toldOf(controller, 'emulator/acme/3500020208396321', {
      level: 'warn',
      state: 'Blocked',
      said: expect.stringMatching(/SecretUnavailable.*\(coffee\.yaml:\d+\)/s) as string,
    });

    await stage.team.commit({ 'coffee.yaml': undefined });
    await toldOf(controller, 'team', {
      level: 'warn',
      state: 'Undeclared',
      said: '1 program, 2 releases are no longer declared; left alone',
    });
    // The status is written a moment after it is told.
    for (const command of ['status', 'history']) {
      await vi.waitFor(async () => {
        expect((await stage.tell(command)).stdout).toContain(
          '1 program, 2 releases are no longer declared; left alone',
        );
      }, patient);
    }
    await controller.stop();
  });
});
