import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished, vi } from 'vitest';

import {
  administrationOf,
  refuseFileUrls,
  watchAdministration,
} from '../../../../src/cli/cluster/config.ts';
import type { Trouble } from '../../../../src/core/model/controller.ts';
import { createVirtualClock } from '../../../support/virtual-clock.ts';

const settings = (sweepSeconds: number) => `apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec: { intervals: { sweepSeconds: ${sweepSeconds} } }
`;

const connection = (clientId: string) => `apiVersion: fairlead.dev/v1alpha1
kind: PlatformConnection
metadata: { name: default }
spec:
  driver: http
  platformId: m
  endpoint: https://a.example.com
  clientId: ${clientId}
  privateKey: { file: key.pem }
  platformPublicKey: { file: key.pem }
  grants: [{ namespaces: [team] }]
`;

/** Mounted files that are followed in time that runs by itself. */
async function stage() {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-mounted-'));
  const over = new AbortController();
  const write = async (name: string, text: string): Promise<void> => {
    await writeFile(join(folder, `${name}.new`), text);
    await rename(join(folder, `${name}.new`), join(folder, name));
  };
  await write('settings.yaml', settings(60));
  await write('connections.yaml', connection('c-1'));
  await write('key.pem', 'one');
  const files = {
    namespaces: ['team'],
    config: join(folder, 'settings.yaml'),
    connections: join(folder, 'connections.yaml'),
  };
  const news: string[] = [];
  const bad: Trouble[] = [];
  const inForce = await administrationOf(files);
  const watching = watchAdministration(
    files,
    {
      clock: createVirtualClock({ auto: true }),
      inForce,
      onNew({ settings: { intervals }, connections }) {
        news.push(`${intervals?.sweepSeconds ?? ''} ${connections[0]?.spec.clientId ?? ''}`);
        return Promise.resolve();
      },
      onBad: (trouble) => void bad.push(trouble),
    },
    over.signal,
  ).catch(() => undefined);
  onTestFinished(async () => {
    over.abort();
    await watching;
    await rm(folder, { recursive: true, force: true });
  });
  return { write, news, bad };
}

const heard = (check: () => void) => vi.waitFor(check, { timeout: 10_000, interval: 5 });

describe('the files of a controller of a cluster', () => {
  it.each([
    { name: 'settings', file: 'settings.yaml', text: settings(30), expected: '30 c-1' },
    { name: 'connections', file: 'connections.yaml', text: connection('c-2'), expected: '60 c-2' },
    { name: 'a key that a connection names', file: 'key.pem', text: 'two', expected: '60 c-1' },
  ])('take over when they change: $name', async ({ file, text, expected }) => {
    const { write, news, bad } = await stage();

    await write(file, text);

    await heard(() => expect(news).toEqual([expected]));
    expect(bad).toEqual([]);
  });

  it('change nothing where they are bad, say so, and take over again when they are mended', async () => {
    const { write, news, bad } = await stage();

    await write('connections.yaml', 'kind: PlatformConnection\n');
    await heard(() => expect(bad.map(({ code }) => code)).toEqual(['SettingsInvalid']));
    expect(news).toEqual([]);
    await write('connections.yaml', connection('c-3'));

    await heard(() => expect(news).toEqual(['60 c-3']));
  });

  it('say which key is missing', async () => {
    const { write, bad } = await stage();

    await write('key.pem', '');

    await heard(() =>
      expect(bad.map(({ message }) => message).join()).toContain('of connection default'),
    );
  });
});

describe('file URLs', () => {
  const administration = { file: 'f', connections: [], sources: [], path: (path: string) => path };
  const given = (allowFileUrls?: boolean) => ({
    ...administration,
    settings: allowFileUrls === undefined ? {} : { allowFileUrls },
  });

  it.each([
    { server: 'https://10.96.0.1:443', why: 'a pod' },
    { server: 'https://kubernetes.default.svc', why: 'a name' },
    { server: 'https://127.0.0.1.example.com', why: 'a name that begins like an address' },
    { server: 'https://localhost.example.com:6443', why: 'the same' },
  ])('are refused where a GitSource is somebody else’s: $why', ({ server }) => {
    expect(() => refuseFileUrls(given(true), server)).toThrow(
      expect.objectContaining({ code: 'SettingsInvalid' }),
    );
    expect(() => refuseFileUrls(given(false), server)).not.toThrow();
    expect(() => refuseFileUrls(given(), server)).not.toThrow();
  });

  it.each(['https://127.0.0.1:41234', 'https://localhost:6443', 'https://[::1]:6443'])(
    'are for tests beside an API server of one’s own: %s',
    (server) => {
      expect(() => refuseFileUrls(given(true), server)).not.toThrow();
    },
  );
});
