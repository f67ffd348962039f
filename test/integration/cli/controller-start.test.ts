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
});
