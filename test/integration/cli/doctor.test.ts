import { chmod } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

import { createPlace, type Ran } from '../../support/cli.ts';
import { world } from '../../support/cli-world.ts';

interface Check {
  readonly area: string;
  readonly check: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly message: string;
  readonly nextStep: string | null;
}

function checksOf({ stdout }: Ran): readonly Check[] {
  return (JSON.parse(stdout) as { readonly checks: readonly Check[] }).checks;
}

const doctor = ['doctor', '-o', 'json', '--connections', 'connections.yaml'];
const adminOfProgram = world
  .replace('- id: acme', '- id: acme\n    admins: [somebody]')
  .replaceAll(/name: (Coffee|Books)/g, 'name: $1\n        admins: [fairlead-ci]');

describe('fairlead doctor', () => {
  it('checks everything from Node to the rights of the credential, by one call', async () => {
    const place = await createPlace();
    const platform = await place.emulator(adminOfProgram);

    const ran = await place.run(doctor);

    expect(ran.code, ran.stdout).toBe(0);
    expect(checksOf(ran).map(({ area, check, state }) => `${area} ${check} ${state}`)).toEqual([
      'machine node ok',
      'machine git ok',
      'machine state ok',
      'settings file ok',
      'default key ok',
      'default reach ok',
      'default clock ok',
      'default signature ok',
      'default platform ok',
      'default role ok',
      'default capability ok',
    ]);
    expect((await platform.calls()).map(({ operation }) => operation)).toEqual(['getPlatform']);
  });

  it('says that all is well, and changes nothing', async () => {
    const place = await createPlace();
    const platform = await place.emulator(adminOfProgram);
    const before = await platform.world();

    const { stdout } = await place.run(['doctor', '--connections', 'connections.yaml']);

    expect(stdout).toContain('Everything a plan needs is there.');
    expect(await platform.world()).toBe(before);
  });

  it('warns of what works and should not stay so', async () => {
    const place = await createPlace();
    await place.emulator(world);
    await chmod(place.path('connections.key.pem'), 0o644);
    await place.write('file', '');
    await place.write(
      'connections.yaml',
      `${await place.read('connections.yaml')}---
apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec:
  ageIdentities: [{ file: age.key }, { env: AGE_KEY }]
  secrets:
    - name: coffee-keys
      keys:
        apiKey: { env: COFFEE_API_KEY }
        token: { env: TOKEN }
        sealed: { encrypted: { file: keys.enc.yaml, key: sealed } }
`,
    );
    await place.write('age.key', 'a-key');
    await chmod(place.path('age.key'), 0o644);

    const ran = await place.run([...doctor, '--state', place.path('file/state')], {
      env: { PATH: '/nowhere', TOKEN: 'a-value' },
    });

    const warned = checksOf(ran).filter(({ state }) => state === 'warn');
    expect(ran.code, ran.stdout).toBe(0);
    expect(warned.map(({ check }) => check)).toEqual([
      'git',
      'state',
      'key-mode',
      'key-mode',
      'secret',
      'secret',
      'role',
    ]);
    expect(warned.every(({ nextStep }) => nextStep !== null)).toBe(true);
    expect(warned.map(({ message }) => message).join('\n')).toMatch(
      /age\.key[^]*coffee-keys\/apiKey[^]*AGE_KEY/,
    );
    expect(ran.stdout).not.toContain('a-value');
  });

  it('fails without settings, and still checks the machine', async () => {
    const place = await createPlace();

    const ran = await place.run(['doctor', '-o', 'json']);

    expect(ran.code).toBe(1);
    expect(checksOf(ran).map(({ check, state }) => `${check} ${state}`)).toEqual([
      'node ok',
      'git ok',
      'state ok',
      'file fail',
    ]);
  });

  it('tells every mistake of the settings at its line', async () => {
    const place = await createPlace();
    await place.emulator(world);
    const connections = await place.read('connections.yaml');
    await place.write(
      'connections.yaml',
      connections.replace('clientId', 'clientID').replace('driver: http', 'driver: grpc'),
    );

    const ran = await place.run(doctor);

    const failed = checksOf(ran).filter(({ state }) => state === 'fail');
    expect(ran.code).toBe(1);
    expect(failed.length).toBeGreaterThanOrEqual(2);
    expect(failed.every(({ message }) => message.includes('connections.yaml:'))).toBe(true);
  });

  it('asks one connection only, if told so, and says when there is none of that name', async () => {
    const place = await createPlace();
    await place.emulator(world);

    const ran = await place.run([...doctor, '--connection', 'other']);

    expect(ran.code).toBe(1);
    expect(checksOf(ran).at(-1)).toMatchObject({ check: 'connection', state: 'fail' });
  });
});
