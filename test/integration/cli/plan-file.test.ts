import { symlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

import { createPlace, type Place } from '../../support/cli.ts';
import { coffee, world } from '../../support/cli-world.ts';

const settings = ['--connections', 'connections.yaml'];
const plan = ['plan', 'coffee.yaml', '--out', 'plan.json', ...settings];
const apply = ['apply', '--plan', 'plan.json', '--yes', ...settings];

const books = `---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: books }
spec: { workspace: acme, id: "3500020208396399" }
---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: books-1.0.0 }
spec:
  miniProgram: books
  version: 1.0.0
  targets: [{ app: rapipay, environment: Sandbox, config: { merchantId: B-1 } }]
`;

async function ready(declarations = coffee) {
  const place = await createPlace();
  const platform = await place.emulator(world);
  await place.write('coffee.yaml', declarations);
  const creates = async () =>
    (await platform.calls()).filter(({ operation }) => operation === 'createRelease').length;
  return { place, platform, creates };
}

/** Adds something to the spec of the connection. */
async function amend(place: Place, text: string): Promise<void> {
  await place.write(
    'connections.yaml',
    `${(await place.read('connections.yaml')).trimEnd()}\n${text}`,
  );
}

describe('a plan file', () => {
  it('does not take a gate with it: who gets paid in Production asks here as well', async () => {
    const { place, creates } = await ready(
      coffee.replace('M-77 }', 'M-88 }').replace('[Sandbox, Production]', '[Production]'),
    );

    const planned = await place.run(plan);
    const applied = await place.run(apply);

    expect(planned.stdout, 'the plan holds it').toContain('--allow');
    expect(applied.code, applied.stdout).toBe(3);
    expect(await creates()).toBe(0);
  });

  it('is applied although another program in it has nothing to do', async () => {
    const { place, creates } = await ready(coffee + books);
    await place.run(['apply', 'coffee.yaml', '--yes', ...settings]);
    await place.write('coffee.yaml', coffee.replace('M-77-T', 'M-78-T') + books);

    await place.run(plan);
    const applied = await place.run(apply);

    expect(applied.code, applied.stderr).toBe(0);
    expect(await creates()).toBe(3);
  });

  it('is nothing under a connection that was suspended since', async () => {
    const { place, creates } = await ready();
    await place.run(plan);
    await amend(place, '  suspend: { reason: holidays }\n');

    const applied = await place.run(apply);
    const directly = await place.run(['apply', 'coffee.yaml', '--yes', ...settings]);

    expect(applied.stdout).toContain('holidays');
    expect(directly.stdout).toContain('holidays');
    expect(await creates(), 'no --allow can lift it either').toBe(0);
  });

  it('lends nobody the grants of the source it was made as', async () => {
    const { place, creates } = await ready();
    await amend(
      place,
      `  grants: [{ cli: true, environments: [Test] }, { sources: [payments] }]
---
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: payments }
spec: { url: https://git.acme.example/payments.git }
`,
    );
    const made = await place.run([...plan, '--as', 'payments']);

    const borrowed = await place.run(apply);
    const before = await creates();
    const own = await place.run([...apply, '--as', 'payments']);

    expect(made.code, made.stderr).toBe(0);
    expect(borrowed.code, borrowed.stderr).toBe(6);
    expect(borrowed.stderr).toContain('made as payments');
    expect(before).toBe(0);
    expect(own.code, own.stderr).toBe(0);
  });

  it('is bound by the grants of today', async () => {
    const { place, creates } = await ready();
    await place.run(plan);
    await amend(place, '  grants: [{ cli: true, environments: [Test] }]\n');

    const applied = await place.run(apply);

    expect(applied.code, applied.stderr).toBe(6);
    expect(applied.stderr).toContain('may no longer declare');
    expect(await creates()).toBe(0);
  });

  it('does not follow its connection to another platform', async () => {
    const { place, creates } = await ready();
    await place.run(plan);
    await place.write(
      'connections.yaml',
      (await place.read('connections.yaml')).replace('platformId: emulator', 'platformId: other'),
    );

    const applied = await place.run(apply);

    expect(applied.code, applied.stderr).toBe(6);
    expect(applied.stderr).toContain('does not lead to platform emulator');
    expect(await creates()).toBe(0);
  });

  it('says at which key the platform has moved', async () => {
    const { place } = await ready();
    await place.run(plan);
    await place.run(apply);

    const again = await place.run(apply);

    expect(again.code).toBe(6);
    expect(again.stderr).toContain('2.4.0 megapay/Sandbox');
  });
});

describe('a repository settings file of a stranger', () => {
  it('is not followed out of the checkout', async () => {
    const { place } = await ready();
    await place.write('elsewhere/secret.txt', 'root:x:0:0\n');
    await symlink(place.path('elsewhere/secret.txt'), place.path('.fairlead.yaml'));

    const { code, stdout } = await place.run(['validate', 'coffee.yaml']);

    expect(code).toBe(5);
    expect(stdout).toContain('.fairlead.yaml');
    expect(stdout).not.toContain('root:x');
  });
});
