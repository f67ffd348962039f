import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { createPlace, type Place } from '../../support/cli.ts';
import { world } from '../../support/cli-world.ts';
import { fixtureFolder } from '../../support/sops-fixtures.ts';

const settings = ['--connections', 'connections.yaml'];
const plan = ['plan', 'releases', '--out', 'plan.json', ...settings];
const apply = ['apply', '--plan', 'plan.json', '--yes', ...settings];
const document = 'releases/secrets/keys.enc.yaml';

const declaration = `apiVersion: fairlead.dev/v1alpha1
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
  targets:
    - app: megapay
      environment: Sandbox
      config:
        merchantId: M-1
        environmentVariables:
          - { name: API_KEY, valueFrom: { secretKeyRef: { name: coffee-keys, key: apiKey } } }
`;

async function fixture(name: string): Promise<string> {
  return readFile(join(fixtureFolder, name), 'utf8');
}

/** A checkout whose one secret lies in an encrypted document. */
async function ready() {
  const place = await createPlace();
  const platform = await place.emulator(world);
  await place.write(
    'connections.yaml',
    `${(await place.read('connections.yaml')).trimEnd()}
---
apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec:
  ageIdentities: [{ env: AGE_KEY }]
  secrets:
    - name: coffee-keys
      keys: { apiKey: { encrypted: { file: secrets/keys.enc.yaml, key: apiKey } } }
`,
  );
  await place.write('releases/coffee.yaml', declaration);
  await mkdir(place.path('releases/secrets'), { recursive: true });
  await place.write(document, await fixture('everything.enc.yaml'));
  const env = { AGE_KEY: await fixture('own.key') };
  const creates = async () =>
    (await platform.calls()).filter(({ operation }) => operation === 'createRelease').length;
  const run = (args: readonly string[]) => place.run(args, { env });
  return { place, platform, creates, run };
}

async function rotate(place: Place): Promise<void> {
  await place.write(document, await fixture('two-recipients.enc.yaml'));
}

describe('a secret in an encrypted document', () => {
  it('is found below PATH wherever the checkout lies, and written', async () => {
    const { place, platform, run } = await ready();

    const applied = await run(['apply', place.path('releases'), '--yes', ...settings]);
    const again = await run(['plan', 'releases', '--detailed-exitcode', ...settings]);

    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    expect(await platform.world()).toContain('s3cret-✓');
    expect(again.code, 'nothing is left to do').toBe(0);
    expect(applied.stdout + applied.stderr).not.toContain('s3cret');
  });

  it('that was changed without sops writes nothing, and names the document', async () => {
    const { place, creates, run } = await ready();
    await place.write(
      document,
      (await fixture('everything.enc.yaml')).replace('text: open', 'text: opened'),
    );

    const applied = await run(['apply', 'releases', '--yes', ...settings]);

    expect(applied.code).toBe(4);
    expect(applied.stdout).toContain('secrets/keys.enc.yaml');
    expect(await creates()).toBe(0);
  });

  it('that PATH holds twice is nobody knows which', async () => {
    const { place, creates, run } = await ready();
    await mkdir(place.path('releases/other/secrets'), { recursive: true });
    await place.write('releases/other/secrets/keys.enc.yaml', await fixture('whole.enc'));

    const applied = await run(['apply', 'releases', '--yes', ...settings]);

    expect(applied.code).toBe(4);
    expect(applied.stdout).toContain('PATH holds 2');
    expect(await creates()).toBe(0);
  });

  it('that was rotated is an update with the next apply', async () => {
    const { place, platform, run } = await ready();
    await run(['apply', 'releases', '--yes', ...settings]);

    await rotate(place);
    const applied = await run(['apply', 'releases', '--yes', ...settings]);

    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    expect(await platform.world()).toContain('for two');
    expect(await platform.world()).not.toContain('s3cret');
  });
});

describe('a document of a source', () => {
  it('is for whom its secret is mapped, and read where that source is applied by hand', async () => {
    const { place, creates, run } = await ready();
    const amended = (await place.read('connections.yaml')).replace(
      '    - name: coffee-keys\n',
      '    - name: coffee-keys\n      for: [shop]\n',
    );
    await place.write(
      'connections.yaml',
      `${amended}---
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: shop }
spec: { url: https://git.example/acme/shop.git }
`,
    );

    const stranger = await run(['apply', 'releases', '--yes', ...settings]);
    const shop = await run(['apply', 'releases', '--as', 'shop', '--yes', ...settings]);

    expect(stranger.code, stranger.stdout).toBe(4);
    expect(shop.code, shop.stdout + shop.stderr).toBe(0);
    expect(await creates()).toBe(1);
  });
});

describe('a plan file with a secret in an encrypted document', () => {
  it('needs PATH, says which secret, and is applied with it', async () => {
    const { creates, run } = await ready();
    await run(plan);

    const without = await run(apply);
    const applied = await run([...apply.slice(0, 3), 'releases', ...apply.slice(3)]);

    expect(without.code).toBe(1);
    expect(without.stderr).toContain('coffee-keys/apiKey');
    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    expect(await creates()).toBe(1);
  });

  it('takes nothing else from PATH', async () => {
    const { place, platform, run } = await ready();
    await run(plan);
    await place.write('releases/coffee.yaml', declaration.replace('M-1', 'M-2'));

    const applied = await run([...apply, 'releases']);

    expect(applied.code, applied.stdout + applied.stderr).toBe(0);
    expect(await platform.world()).toContain('M-1');
    expect(await platform.world()).not.toContain('M-2');
  });

  it('is stale where the secret was rotated since', async () => {
    const { place, creates, run } = await ready();
    await run(plan);
    await rotate(place);

    const applied = await run([...apply, 'releases']);

    expect(applied.code, applied.stdout + applied.stderr).toBe(6);
    expect(await creates()).toBe(0);
  });

  it('refuses PATH where no secret needs it', async () => {
    const { place, creates, run } = await ready();
    await place.write(
      'releases/coffee.yaml',
      declaration.replace(/ +environmentVariables:\n.*\n/, ''),
    );
    await run(plan);

    const applied = await run([...apply, 'releases']);

    expect(applied.code).toBe(1);
    expect(await creates()).toBe(0);
  });
});
