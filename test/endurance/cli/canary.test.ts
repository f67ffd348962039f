import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import { createPlace, type EmulatorProcess, type Place, type Ran } from '../../support/cli.ts';
import { release, world } from '../../support/cli-world.ts';
import { encoded, encodings, findLeaks, type Sinks } from '../../support/leaks.ts';
import { canary as sealedCanary, fixtureFolder } from '../../support/sops-fixtures.ts';
import { recordingProxy, type Manner, type RecordingProxy } from '../../support/recording-proxy.ts';

const exec = promisify(execFile);
const settings = ['--connections', 'connections.yaml', '--log-level', 'trace'];

/** A value that every encoding writes in a way of its own. */
function canary(name: string): string {
  return `${name} ${randomBytes(9).toString('hex')}?&"é`;
}

const ageKeyFile = readFileSync(join(fixtureFolder, 'own.key'), 'utf8');

const secrets = {
  env: canary('from-env'),
  file: canary('from-file'),
  rotated: canary('rotated'),
  byHand: canary('by-hand'),
  foreign: canary('foreign'),
  fingerprintKey: canary('fingerprint-key'),
  encrypted: sealedCanary,
  ageKey: /^AGE-SECRET-KEY-1.*$/m.exec(ageKeyFile)?.[0] ?? '',
};

const program = `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: coffee }
spec: { workspace: acme, id: "3500020208396321" }
`;

function declaration(version: string, variables: readonly string[], merchant = 'M-1'): string {
  const list = variables.map((each) => `          - ${each}\n`).join('');
  return `${program}---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: coffee-${version} }
spec:
  miniProgram: coffee
  version: ${version}
  targets:
    - app: megapay
      environment: Sandbox
      config:
        merchantId: ${merchant}
        environmentVariables:
${list}`;
}

const own = [
  '{ name: API_KEY, valueFrom: { secretKeyRef: { name: coffee-keys, key: apiKey } } }',
  '{ name: TOKEN, valueFrom: { secretKeyRef: { name: coffee-keys, key: token } } }',
  '{ name: SEALED, valueFrom: { secretKeyRef: { name: sealed-keys, key: apiKey } } }',
];

/** An encrypted document, where a source has it. */
const sealedFile = 'sealed/canary.enc.yaml';

/** Everything in the place but what is the platform's own, or where the secrets are kept by design. */
const exempt = [
  'data',
  'token.txt',
  'foreign.txt',
  'fingerprint.key',
  'connections.key.pem',
  'age.key',
];

interface Stage {
  readonly place: Place;
  readonly platform: EmulatorProcess;
  readonly proxy: RecordingProxy;
  readonly sinks: Map<string, Buffer>;
  /** Runs the program and keeps what it said. */
  readonly run: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ran>;
}

async function createStage(): Promise<Stage> {
  const place = await createPlace();
  const platform = await place.emulator(world, ['--data', place.path('data')]);
  const proxy = await recordingProxy(platform.url);
  const connections = (await place.read('connections.yaml')).replace(platform.url, proxy.url);
  const mapped = (name: string, owner: string, keys: string) =>
    `    - { name: ${name}, for: [${owner}], keys: { ${keys} } }\n`;
  await place.write(
    'connections.yaml',
    `${connections}  fingerprintKey: { file: fingerprint.key }
---
apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec:
  allowFileUrls: true
  ageIdentities: [{ file: age.key }]
  secrets:
${mapped('sealed-keys', 'cli, shop', `apiKey: { encrypted: { file: ${sealedFile}, key: apiKey } }`)}${mapped('coffee-keys', 'cli, shop', 'apiKey: { env: COFFEE_API_KEY }, token: { file: token.txt }')}${mapped('foreign-keys', 'somebody-else', 'key: { file: foreign.txt }')}`,
  );
  await place.write('age.key', ageKeyFile);
  await place.write(sealedFile, await readFile(join(fixtureFolder, 'canary.enc.yaml'), 'utf8'));
  await place.write('token.txt', secrets.file);
  await place.write('foreign.txt', secrets.foreign);
  await place.write('fingerprint.key', secrets.fingerprintKey);
  await place.write('coffee.yaml', declaration('2.4.0', own));
  await place.write('bin/git', recordingGit);
  await chmod(place.path('bin/git'), 0o755);
  const sinks = new Map<string, Buffer>();
  return {
    place,
    platform,
    proxy,
    sinks,
    run: async (args, env = {}) => {
      const ran = await place.run([...args], {
        env: {
          COFFEE_API_KEY: secrets.env,
          PATH: `${place.path('bin')}:${place.env['PATH'] ?? ''}`,
          ...env,
        },
      });
      const name = `${String(sinks.size)} ${args.join(' ')}`;
      sinks.set(`${name}: stdout`, Buffer.from(ran.stdout));
      sinks.set(`${name}: stderr`, Buffer.from(ran.stderr));
      return ran;
    },
  };
}

/** Writes down what a child process is started with, words and environment, and goes on as git. */
const recordingGit = `#!/bin/bash
here="$(dirname "$(dirname "$0")")"
{ printf '%s\\n' "$0 $*"; env; } >> "$here/children.log"
PATH="\${PATH#*:}" exec git "$@"
`;

async function filesBelow(place: Place, folder = place.dir): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !exempt.includes(relative(place.dir, path).split('/')[0] ?? ''));
  const texts = await Promise.all(
    files.map(async (path) => [`file ${relative(place.dir, path)}`, await readFile(path)] as const),
  );
  return new Map(texts);
}

/** Declarations, and the encrypted document that they need. */
const paths = ['coffee.yaml', 'sealed'];

/** Every verb on its good path, with secrets that are there. */
async function goodPaths({ place, run, platform, proxy }: Stage): Promise<void> {
  expect((await run(['apply', ...paths, '--yes', ...settings])).code).toBe(0);
  expect(proxy.take(), 'the secret was opened and sent').toContain(JSON.stringify(secrets.env));
  const held = await platform.world();
  expect(held, 'the secret of a variable reached the platform').toContain(yamlText(secrets.env));
  expect(held, 'the secret of a file reached the platform').toContain(yamlText(secrets.file));
  expect(held, 'the secret of an encrypted document reached the platform').toContain(
    yamlText(secrets.encrypted),
  );
  await platform.act('editReleaseConfig', {
    ...release,
    environment: 'Sandbox',
    patch: { environmentVariables: { upsert: [{ name: 'HAND', value: secrets.byHand }] } },
  });
  for (const output of ['text', 'json', 'markdown', 'runbook'])
    await run(['plan', ...paths, '--all', '-o', output, ...settings]);
  expect(proxy.take()).not.toContain(secrets.env.slice(0, 20));
  for (const what of ['programs', 'versions', 'targets', 'releases'])
    for (const output of ['text', 'json', 'yaml'])
      await run(['get', what, '-o', output, '--qr', ...settings]);
  await run(['snapshot', '--out', 'all.snapshot.yaml', ...settings]);
  await run(['snapshot', ...paths, '--out', 'coffee.snapshot.yaml', ...settings]);
  await run(['plan', ...paths, '--snapshot', 'coffee.snapshot.yaml', ...settings]);
  await run(['import', 'acme/3500020208396321', '--out', 'imported', ...settings]);
  await run(['explain', 'coffee-2.4.0', 'coffee.yaml', '-o', 'json', ...settings]);
  await run(['explain', 'coffee-2.4.0', 'coffee.yaml', ...settings]);
  await run(['validate', ...paths, '-o', 'sarif', ...settings]);
  await run(['doctor', ...settings]);
  await run(['doctor', '-o', 'json', ...settings]);
  await run(['schema']);
  await run(['completion', 'bash']);
  await run(['version']);
  await place.write('coffee.yaml', declaration('2.4.0', own, 'M-2'));
  await run(['plan', ...paths, '--out', 'plan.json', ...settings], {
    COFFEE_API_KEY: secrets.rotated,
  });
  proxy.take();
  const applied = await run(
    ['apply', '--plan', 'plan.json', 'sealed', '--yes', '-o', 'json', ...settings],
    {
      COFFEE_API_KEY: secrets.rotated,
    },
  );
  expect(applied.code, applied.stderr).toBe(0);
  expect(proxy.take(), 'the new secret was sent').toContain(JSON.stringify(secrets.rotated));
}

/** `run --once` over Git, and `diff`: child processes and a state directory. */
async function gitPaths({ place, run, platform, proxy }: Stage): Promise<void> {
  const git = async (...args: string[]) =>
    exec('git', args, { cwd: place.path('origin'), env: place.env });
  await place.write('origin/coffee.yaml', declaration('2.5.0', own));
  await place.write(`origin/${sealedFile}`, await place.read(sealedFile));
  await git('init', '-q', '-b', 'main');
  await git('add', '.');
  await git('commit', '-qm', 'First');
  await place.write(
    'fairlead.yaml',
    `${await place.read('connections.yaml')}---
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: shop }
spec: { url: "file://${place.path('origin')}" }
`,
  );
  const once = ['run', '--config', 'fairlead.yaml', '--once', '--state', place.path('state')];
  proxy.take();

  const ran = await run([...once, '--log-level', 'trace']);
  await run([...once, '-o', 'json', '--log-level', 'trace']);

  expect(ran.code, ran.stderr).toBe(0);
  expect(proxy.take(), 'a controller opened it, too').toContain(JSON.stringify(secrets.env));
  expect(await platform.world(), 'and what lies encrypted in Git').toContain(
    yamlText(secrets.encrypted),
  );
  const children = await place.read('children.log');
  expect(children, 'a child process was seen').toContain('GIT_');
}

/** The same where the platform, the network or the settings fail, amid a write that carries the secrets. */
async function failingPaths({ place, run, platform, proxy }: Stage): Promise<void> {
  await place.write('next.yaml', declaration('2.3.0', own));
  const manners: readonly Manner[] = ['echo400', 'echo500', 'echo200', 'hangUp'];
  for (const manner of manners) {
    proxy.manner = manner;
    proxy.take();
    const ran = await run(['apply', 'next.yaml', 'sealed', '--yes', ...settings]);
    expect(ran.code, `${manner}: ${ran.stdout}`).not.toBe(0);
    expect(proxy.take(), `${manner}: the secret was on its way`).toContain(
      JSON.stringify(secrets.env),
    );
  }
  proxy.manner = 'forward';
  for (const rule of [
    { effect: 'garbage' },
    { effect: 'result', resultCode: 'PROCESS_FAIL' },
    { effect: 'badSignature' },
  ]) {
    await platform.control('faults', {
      rules: [{ operation: 'createRelease', times: 1, ...rule }],
    });
    await run(['apply', 'next.yaml', 'sealed', '--yes', '-o', 'json', ...settings]);
  }
  await platform.control('faults', { rules: [] });
  await run(['apply', ...paths, '--yes', ...settings], { COFFEE_API_KEY: '' });
  await run(['plan', ...paths, '--out', '/dev/full', ...settings]);
  await run(['apply', '--plan', 'plan.json', 'sealed', '--yes', ...settings]);
  await place.write('connections.key.pem', secrets.fingerprintKey);
  await run(['plan', ...paths, ...settings]);
  await run(['doctor', ...settings]);
  await platform.stop();
  await run(['apply', ...paths, '--yes', ...settings]);
}

/** How YAML writes the text in double quotes, as the console's dump does. */
function yamlText(text: string): string {
  return text.replaceAll('"', '\\"').slice(0, 20);
}

describe('secrets', () => {
  it('stand in no output of any verb, and a leak in any of them would be found', async () => {
    const stage = await createStage();
    await goodPaths(stage);
    await gitPaths(stage);
    await failingPaths(stage);

    const sinks: Sinks = new Map([...stage.sinks, ...(await filesBelow(stage.place))]);

    expect([...sinks.keys()]).toEqual(
      expect.arrayContaining([
        'file plan.json',
        'file coffee.snapshot.yaml',
        'file children.log',
        `file ${sealedFile}`,
        'file state/ledger.db',
        'file imported/coffee/program.yaml',
      ]),
    );
    expect(findLeaks(sinks, secrets)).toEqual([]);
    expect(plantEverywhere(sinks), 'a leak that the search would miss').toEqual([]);
  }, 240_000);

  it.each([
    { name: 'a path', variable: '{ name: X, valueFrom: { file: /etc/passwd } }' },
    {
      name: 'a variable of the process',
      variable: '{ name: X, valueFrom: { env: COFFEE_API_KEY } }',
    },
    {
      name: 'a field reference',
      variable:
        '{ name: X, valueFrom: { secretKeyRef: { name: coffee-keys, key: apiKey, file: /etc/passwd } } }',
    },
  ])('a declaration that names $name is refused, and nothing is opened', async ({ variable }) => {
    const { place, run, proxy, sinks } = await createStage();
    await place.write('coffee.yaml', declaration('2.4.0', [variable]));

    const { code } = await run(['apply', ...paths, '--yes', ...settings]);

    expect(code).toBe(5);
    expect(proxy.take(), 'no platform was asked').toBe('');
    expect(findLeaks(sinks, secrets)).toEqual([]);
  });

  it.each([
    { name: "another team's secret", ref: '{ name: foreign-keys, key: key }' },
    { name: 'a secret that nobody mapped', ref: '{ name: no-keys, key: key }' },
    { name: 'a key that the secret lacks', ref: '{ name: coffee-keys, key: __proto__ }' },
  ])('$name is refused, in the same words, and the record is not created', async ({ ref }) => {
    const { place, run, platform, sinks } = await createStage();
    await place.write(
      'coffee.yaml',
      declaration('2.4.0', [`{ name: X, valueFrom: { secretKeyRef: ${ref} } }`]),
    );

    const ran = await run(['apply', ...paths, '--yes', ...settings]);

    expect(ran.code).toBe(4);
    expect(ran.stdout).toContain('blocked');
    expect((await platform.calls()).map(({ operation }) => operation)).not.toContain(
      'createRelease',
    );
    expect(findLeaks(sinks, secrets)).toEqual([]);
  });
});

/** Plants each secret in each encoding into each sink, and gives back what the search did not find. */
function plantEverywhere(sinks: Sinks): readonly string[] {
  return [...sinks].flatMap(([sink, bytes]) =>
    Object.entries(secrets).flatMap(([secret, value]) =>
      encodings
        .filter((encoding) => {
          const planted = Buffer.concat([bytes, Buffer.from(` ${encoded(value, encoding)} `)]);
          const found = findLeaks(new Map([[sink, planted]]), { [secret]: value });
          return !found.some((leak) => leak.encoding === encoding);
        })
        .map((encoding) => `${sink}: ${secret} as ${encoding}`),
    ),
  );
}
