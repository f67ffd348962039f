import { access } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPlace } from '../../support/cli.ts';

const settings = `apiVersion: fairlead.dev/v1alpha1
kind: PlatformConnection
metadata: { name: default }
spec: { platformId: emulator, driver: emulator, dataDir: data }
---
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: team }
spec: { url: "file:///nowhere" }
---
apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec: { allowFileUrls: true }
`;

describe('a controller that cannot start', () => {
  it('says that the address is taken, ends, and leaves the state directory free', async () => {
    const place = await createPlace();
    await place.write('fairlead.yaml', settings);
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const address = `127.0.0.1:${String(port)}`;
    const run = ['run', '--config', 'fairlead.yaml', '--state', 'state', '--listen', address];

    const first = await place.run(run);
    const second = await place.run(run);

    for (const { code, stderr } of [first, second]) {
      expect(code).toBe(1);
      expect(stderr).toContain(`cannot listen on ${address}: another process listens there`);
    }
  });

  it.each([
    { name: 'for ever', args: [] },
    { name: 'once', args: ['--once'] },
  ])('$name: refuses a file as state directory before it asks anything', async ({ args }) => {
    const place = await createPlace();
    await place.write('fairlead.yaml', settings);
    await place.write('state', 'a file');

    const ran = await place.run(['run', ...args, '--config', 'fairlead.yaml', '--state', 'state']);

    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain('there is a file of that name');
    await expect(access(place.path('data')), 'the platform').rejects.toThrow();
    expect(await place.read('state')).toBe('a file');
  });

  it('says with which option to name the settings', async () => {
    const place = await createPlace();

    const { code, stderr } = await place.run(['run', '--config', 'nope.yaml']);

    expect(code).toBe(1);
    expect(stderr).toContain('--config FILE');
  });
});
