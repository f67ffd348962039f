import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';

import { writeConnection } from '../../../src/emulator/connection.ts';
import { startEmulator } from '../../../src/emulator/server.ts';
import { loadWorld } from '../../../src/emulator/world-file.ts';
import { createPlace, type Place, type Ran } from '../../support/cli.ts';
import { coffee, world } from '../../support/cli-world.ts';

const settings = ['--connections', 'connections.yaml'];
const plan = ['plan', 'coffee.yaml', ...settings];

async function placeWithCoffee(): Promise<Place> {
  const place = await createPlace();
  await place.write('coffee.yaml', coffee);
  return place;
}

/** What every failure must be: short, of words a person knows, and without a stack. */
function expectSentence({ stderr, stdout }: Ran, ...words: readonly string[]): void {
  for (const word of words) expect(stderr).toContain(word);
  expect(stderr).not.toMatch(/\n\s+at .*[:(]\d+/);
  expect(stderr).not.toContain('this is a bug');
  expect(stdout).toBe('');
}

describe('mistakes of the command line', () => {
  it.each([
    { args: ['plann', 'x'], words: ["unknown command 'plann'", 'plan'] },
    {
      args: ['plan', '--detailed-exitcod', 'x'],
      words: ["unknown option '--detailed-exitcod'", '--detailed-exitcode'],
    },
    { args: ['plan'], words: ['missing required argument', 'PATH'] },
    { args: ['plan', 'x', '-o', 'xml'], words: ['xml', 'markdown'] },
    {
      args: ['get', 'release-notes'],
      words: ['release-notes', 'programs, versions, targets, releases'],
    },
    { args: ['get', 'programs', 'a/b/c'], words: ['WORKSPACE/MINIPROGRAM'] },
    { args: ['import', 'acme', '--out', 'd'], words: ['names no mini program'] },
    { args: ['import', 'acme/1'], words: ['--out DIR'] },
    { args: ['schema', 'MiniProgramm'], words: ['did you mean MiniProgram?'] },
    { args: ['completion', 'tcsh'], words: ['bash, zsh, fish'] },
    {
      args: ['explain', 'coffee-2.4.0/megapay/Staging', 'coffee.yaml'],
      words: ['no environment Staging'],
    },
    { args: ['explain', 'coffee-9', 'coffee.yaml'], words: ['coffee-9'] },
    { args: ['diff', 'main', 'coffee.yaml'], words: ['BASE..HEAD'] },
    { args: ['validate', 'nowhere/'], words: ['nowhere'] },
    {
      args: ['plan', 'coffee.yaml', '--snapshot', 'none.yaml'],
      words: ['none.yaml', 'fairlead snapshot'],
    },
    { args: ['emulator', '--listen', 'here'], words: ['HOST:PORT'] },
  ])('$args: exit 1, says what to do', async ({ args, words }) => {
    const place = await placeWithCoffee();

    const ran = await place.run(args);

    expect(ran.code).toBe(1);
    expectSentence(ran, ...words);
  });

  it('an empty snapshot: says so, and how to take one', async () => {
    const place = await placeWithCoffee();
    await place.write('empty.yaml', '');

    const ran = await place.run(['plan', 'coffee.yaml', '--snapshot', 'empty.yaml']);

    expect(ran.code).toBe(1);
    expectSentence(ran, 'empty.yaml is empty', 'fairlead snapshot');
  });

  it('missing settings: says where they were looked for and how to get some', async () => {
    const place = await placeWithCoffee();

    const ran = await place.run(['get', 'programs']);

    expect(ran.code).toBe(1);
    expectSentence(ran, '.config/fairlead/connections.yaml', '--connections', 'fairlead emulator');
  });

  it('settings of no form: names file, line and rule', async () => {
    const place = await placeWithCoffee();
    await place.write(
      'connections.yaml',
      'apiVersion: fairlead.dev/v1alpha1\nkind: PlatformConnection\nmetadata: { name: default }\nspec: { platformId: e, drivr: http }\n',
    );

    const ran = await place.run(plan);

    expect(ran.code).toBe(1);
    expectSentence(ran, 'connections.yaml:4', 'drivr', 'driver');
  });

  it('a declaration with mistakes: every one at its place, exit 5, and nothing is asked of the platform', async () => {
    const place = await createPlace();
    await place.write(
      'coffee.yaml',
      coffee.replace('testers', 'tester').replace('merchantId: M-77 ', 'merchant: M-77 '),
    );
    const platform = await place.emulator(world);

    const validated = await place.run(['validate', 'coffee.yaml']);
    const applied = await place.run(['apply', 'coffee.yaml', '--yes', ...settings]);

    expect(validated.code).toBe(5);
    expect(validated.stdout).toContain('coffee.yaml:9:');
    expect(validated.stdout).toContain('coffee.yaml:18:');
    expect(validated.stdout).toContain('testers');
    expect(applied.code).toBe(5);
    expect(await platform.calls()).toEqual([]);
  });
});

describe('a platform that cannot be used', () => {
  it('a misspelt connection: names those there are', async () => {
    const place = await placeWithCoffee();
    await place.emulator(world);

    const ran = await place.run(['get', 'programs', '--connection', 'defualt', ...settings]);

    expect(ran.code).toBe(1);
    expectSentence(ran, 'defualt', 'default');
  });

  it('nothing listens: says so, and where to look', async () => {
    const place = await placeWithCoffee();
    await (await place.emulator(world)).stop();

    const planned = await place.run(plan);
    const doctor = await place.run(['doctor', ...settings]);

    expect(planned.code).toBe(1);
    expectSentence(planned, 'endpoint');
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/fail +default +.*ECONNREFUSED/);
  });

  it('another key than the platform knows: refused, with what to compare', async () => {
    const place = await placeWithCoffee();
    await place.emulator(world);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await place.write('connections.key.pem', pem);

    const planned = await place.run(plan);
    const doctor = await place.run(['doctor', '-o', 'json', ...settings]);

    expect(planned.code).toBe(1);
    expectSentence(planned, 'public half of privateKey');
    expect(doctor.code).toBe(1);
    expect(failed(doctor)).toEqual(['signature']);
  });

  it('a key that is none: names the connection, not the key', async () => {
    const place = await placeWithCoffee();
    await place.emulator(world);
    await place.write('connections.key.pem', 'MIIEvgIBADANBgkqh');

    const ran = await place.run(plan);

    expect(ran.code).toBe(1);
    expectSentence(ran, 'connection default', 'privateKey');
    expect(ran.stderr).not.toContain('MIIEvgIBADANBgkqh');
  });

  it('answers signed by somebody else: nothing of them is believed', async () => {
    const place = await placeWithCoffee();
    await place.emulator(world);
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    await place.write('connections.platform.pem', pem);

    const planned = await place.run(plan);
    const doctor = await place.run(['doctor', '-o', 'json', ...settings]);

    expect(planned.code).toBe(1);
    expectSentence(planned, 'platformPublicKey');
    expect(failed(doctor)).toEqual(['answer']);
  });

  it('another platform than expected: nothing is read or written', async () => {
    const place = await placeWithCoffee();
    const platform = await place.emulator(world);
    const connections = await place.read('connections.yaml');
    await place.write(
      'connections.yaml',
      connections.replace('platformId: emulator', 'platformId: megapay'),
    );

    const ran = await place.run(['apply', 'coffee.yaml', '--yes', ...settings]);
    const doctor = await place.run(['doctor', '-o', 'json', ...settings]);

    expect(ran.code).not.toBe(0);
    expect(`${ran.stdout}${ran.stderr}`).toContain('emulator');
    expect(failed(doctor)).toEqual(['platform']);
    expect(new Set((await platform.calls()).map(({ operation }) => operation))).toEqual(
      new Set(['getPlatform']),
    );
  });

  it('a clock that is ten minutes off: says by how much, on either side', async () => {
    const place = await placeWithCoffee();
    for (const { minutes, words } of [
      { minutes: 10, words: '600 s behind' },
      { minutes: -10, words: '600 s ahead of' },
    ]) {
      await platformWithClock(place, minutes);

      const planned = await place.run(plan);
      const doctor = await place.run(['doctor', ...settings]);

      expect(planned.code).toBe(1);
      expectSentence(planned, 'clock');
      expect(doctor.code).toBe(1);
      expect(doctor.stdout).toContain(words);
    }
  });

  it('a clock that is two minutes off: works, and doctor warns', async () => {
    const place = await placeWithCoffee();
    await platformWithClock(place, 2);

    const planned = await place.run(plan);
    const doctor = await place.run(['doctor', ...settings]);

    expect(planned.code, planned.stderr).toBe(0);
    expect(doctor.code, doctor.stdout).toBe(0);
    expect(doctor.stdout).toMatch(/warn +default +.*120 s behind/);
  });

  it('a role that may not: blocked, with what would help, and doctor tells beforehand', async () => {
    const place = await placeWithCoffee();
    await place.emulator(
      world
        .replace('- id: acme', '- id: acme\n    admins: [somebody]')
        .replace('name: Coffee', 'name: Coffee\n        developers: [fairlead-ci]'),
    );

    const applied = await place.run(['apply', 'coffee.yaml', '--yes', ...settings]);
    const doctor = await place.run(['doctor', ...settings]);

    expect(applied.code).not.toBe(0);
    expect(`${applied.stdout}${applied.stderr}`).toContain('Developer');
    expect(doctor.stdout).toMatch(/warn +default +.*only Developer of 3500020208396321/);
  });

  it('no role at all: doctor fails', async () => {
    const place = await placeWithCoffee();
    await place.emulator(world.replace('- id: acme', '- id: acme\n    admins: [somebody]'));

    const doctor = await place.run(['doctor', '-o', 'json', ...settings]);

    expect(doctor.code).toBe(1);
    expect(failed(doctor)).toEqual(['role']);
  });

  it('a platform that lacks capabilities: doctor says what each costs', async () => {
    const place = await placeWithCoffee();
    await place.emulator(
      `switches: { marks: false, requestIds: false, conditionalWrites: false, increments: false, frozen: false, variables: hidden }\n${world}`,
    );

    const { code, stdout } = await place.run(['doctor', ...settings]);

    expect(code, stdout).toBe(0);
    for (const name of ['marks', 'requestIds', 'conditionalWrites', 'increments', 'frozen'])
      expect(stdout).toMatch(new RegExp(`warn +default +no ${name}:`));
    expect(stdout).toContain('drift cannot be seen');
  });

  it('a mini program and a workspace that are not there are told, not shown as nothing', async () => {
    const place = await placeWithCoffee();
    await place.emulator(world);

    const program = await place.run(['get', 'releases', 'acme/404', ...settings]);
    const workspace = await place.run(['get', 'releases', 'emca', ...settings]);
    const imported = await place.run(['import', 'acme/404', '--out', 'd', ...settings]);

    for (const ran of [program, workspace, imported]) expect(ran.code).toBe(1);
    expectSentence(program, '404', 'fairlead get programs');
    expectSentence(workspace, 'emca', 'fairlead doctor');
    expectSentence(imported, '404', 'fairlead get programs');
  });
});

/** Replaces the connection by one to a platform whose clock is off. */
async function platformWithClock(place: Place, minutes: number): Promise<void> {
  const emulator = await startEmulator({
    world: loadWorld(world),
    now: () => Date.now() + minutes * 60_000,
  });
  onTestFinished(() => emulator.close());
  await writeConnection(emulator, { path: place.path('connections.yaml'), kind: 'file' });
}

function failed({ stdout }: Ran): readonly string[] {
  const { checks } = JSON.parse(stdout) as {
    checks: readonly { readonly check: string; readonly state: string }[];
  };
  return checks.filter(({ state }) => state === 'fail').map(({ check }) => check);
}
