import { describe, expect, it } from 'vitest';

import { createPlace } from '../../support/cli.ts';
import { coffee, world } from '../../support/cli-world.ts';

describe('fairlead emulator', () => {
  it('says where it listens, what it serves and where the connection went, and stops cleanly', async () => {
    const place = await createPlace();
    const platform = await place.emulator(world);

    const { code, stderr } = await platform.stop('SIGINT');

    expect(platform.banner).toContain(platform.url);
    expect(platform.banner).toContain('2 mini programs, 2 apps, 1 release');
    expect(platform.banner).toContain(place.path('connections.yaml'));
    expect(platform.banner).toContain('no real app is touched');
    expect(code).toBe(0);
    expect(stderr).toContain('has stopped');
  });

  it('stops cleanly when a supervisor asks, too', async () => {
    const place = await createPlace();
    const platform = await place.emulator(world);

    expect((await platform.stop('SIGTERM')).code).toBe(0);
  });

  it.each(['0.0.0.0:0', '192.0.2.1:8080', '[::]:0', 'example.com:80'])(
    'refuses to listen on %s: it has no door keeper',
    async (listen) => {
      const place = await createPlace();

      const { code, stderr } = await place.run(['emulator', '--listen', listen]);

      expect(code).toBe(1);
      expect(stderr).toContain('loopback only');
    },
  );

  it('tells every mistake of a world file', async () => {
    const place = await createPlace();
    const file = await place.write(
      'world.yaml',
      'apps: [{ id: a, environments: [Staging] }]\nspaces: []\n',
    );

    const { code, stderr } = await place.run(['emulator', '--world', file]);

    expect(code).toBe(1);
    expect(stderr).toContain(`:2:1 a world has no "spaces"`);
    expect(stderr).toContain(':1:32 apps[0].environments[0] must be one of');
    expect(stderr).toContain('next:');
  });

  it('starts for a command that names a data directory, and keeps what it did', async () => {
    const place = await createPlace();
    await place.write('world.yaml', world);
    await place.write('coffee.yaml', coffee);
    await place.write(
      'connections.yaml',
      `apiVersion: fairlead.dev/v1alpha1
kind: PlatformConnection
metadata: { name: default }
spec: { platformId: emulator, driver: emulator, dataDir: data, worldFile: world.yaml }
`,
    );
    const options = ['--connections', 'connections.yaml'];

    const applied = await place.run(['apply', 'coffee.yaml', '--yes', ...options]);
    const again = await place.run(['plan', 'coffee.yaml', '--detailed-exitcode', ...options]);

    expect(applied.code, applied.stderr).toBe(0);
    expect(again.code, again.stdout).toBe(0);
    expect(again.stdout).toContain('2 unchanged');
  });

  it('is shared by commands that name the data directory of a running one', async () => {
    const place = await createPlace();
    const platform = await place.emulator(world, ['--data', place.path('data')]);
    await place.write(
      'shared.yaml',
      `apiVersion: fairlead.dev/v1alpha1
kind: PlatformConnection
metadata: { name: default }
spec: { platformId: emulator, driver: emulator, dataDir: data }
`,
    );

    const listed = await place.run([
      'get',
      'programs',
      '-o',
      'json',
      '--connections',
      'shared.yaml',
    ]);

    expect(listed.code, listed.stderr).toBe(0);
    expect((await platform.calls()).map(({ operation }) => operation)).toContain(
      'listMiniPrograms',
    );
  });

  it('keeps what its data directory holds, whatever world is named, and has it alone', async () => {
    const place = await createPlace();
    const data = ['--data', place.path('data')];
    const first = await place.emulator(world, data);
    const second = await place.run(['emulator', ...data]);
    await first.act('uploadVersion', {
      workspace: 'acme',
      miniProgram: '3500020208396321',
      version: '9.9.9',
    });
    await first.stop('SIGKILL');

    const again = await place.emulator(world, data);

    expect(second.code).toBe(1);
    expect(second.stderr).toContain('another process uses');
    expect(again.banner).toContain('has a world already');
    expect(await again.world()).toContain('9.9.9');
  });

  it('writes manifests for a cluster, too', async () => {
    const place = await createPlace();

    const platform = await place.emulator(world, ['--connection-kind', 'kubernetes']);

    const manifests = await place.read('connections.yaml');
    expect(platform.banner).toContain('kubectl apply -f');
    expect(manifests).toContain('kind: PlatformConnection');
    expect(manifests).toContain('kind: Secret');
    expect(manifests).toContain('namespace: fairlead-system');
  });
});
