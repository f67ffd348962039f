import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { readSettings, watchConfig } from '../../../src/cli/composition/config-watch.ts';
import { watchedFiles } from '../../../src/cli/composition/watched-files.ts';
import { CliError } from '../../../src/cli/exit.ts';
import { readAdministration, type Administration } from '../../../src/cli/settings.ts';
import type { Trouble } from '../../../src/core/model/controller.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const connection = (endpoint = 'https://a.example.com') => `apiVersion: fairlead.dev/v1alpha1
kind: PlatformConnection
metadata: { name: default }
spec:
  driver: http
  platformId: m
  endpoint: "${endpoint}"
  clientId: c
  privateKey: { file: key.pem }
  platformPublicKey: { env: PLATFORM_KEY }
`;

async function place() {
  const dir = await mkdtemp(join(tmpdir(), 'fairlead-watch-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const path = (name: string) => join(dir, name);
  const write = (name: string, text: string) => writeFile(path(name), text);
  await write('fairlead.yaml', connection());
  await write('key.pem', 'key one');
  return { dir, path, write, file: path('fairlead.yaml') };
}

interface Heard {
  readonly news: Administration[];
  readonly bad: Trouble[];
}

/** A watch over a file; time moves only when `look` is called. */
async function watch(file: string, onNew?: (heard: Heard) => void) {
  const clock = createVirtualClock();
  const stop = new AbortController();
  const { signal } = stop;
  const auto = createVirtualClock({ auto: true });
  const inForce = await readSettings(file, { clock: auto, signal });
  const heard: Heard = { news: [], bad: [] };
  const watching = watchConfig(file, {
    clock,
    signal,
    inForce,
    onNew: (administration) => {
      heard.news.push(administration);
      onNew?.(heard);
    },
    onBad: (trouble) => {
      heard.bad.push(trouble);
    },
  });
  onTestFinished(async () => {
    stop.abort();
    await watching;
  });
  /** Waits until the watch sleeps again, which it does after all reading. */
  const asleep = (count: number) =>
    vi.waitFor(() => {
      expect(clock.slept.length).toBeGreaterThanOrEqual(count);
    });
  await asleep(1);
  /** Time passes until nothing is looked at any more: one long sleep after another. */
  const look = async (): Promise<void> => {
    for (let long = 0; long < 2;) {
      const before = clock.slept.length;
      const ms = clock.slept.at(-1) ?? 0;
      await clock.advance(ms);
      await asleep(before + 1);
      long = clock.slept.at(-1) === 2_000 ? long + 1 : 0;
    }
  };
  await look();
  return {
    heard,
    look,
    clock,
    stop: async () => {
      stop.abort();
      await watching;
    },
  };
}

const endpoints = ({ news }: Heard) => news.map(({ connections }) => connections[0]?.spec.endpoint);

describe('settings that are followed', () => {
  it('say nothing while nothing changes', async () => {
    const { file, path } = await place();
    const { heard, look } = await watch(file);

    await look();
    await chmod(path('key.pem'), 0o600);
    await look();

    expect(heard).toEqual({ news: [], bad: [] });
  });

  it('are looked at every two seconds', async () => {
    const { file } = await place();
    const { clock, look } = await watch(file);

    await look();

    expect(clock.slept.slice(-2)).toEqual([2_000, 2_000]);
  });

  it('come into force once, whole', async () => {
    const { file, write } = await place();
    const { heard, look } = await watch(file);

    await write('fairlead.yaml', connection('https://b.example.com'));
    await look();
    await look();

    expect(endpoints(heard)).toEqual(['https://b.example.com']);
    expect(heard.bad).toEqual([]);
  });

  it('are told when only a file they name changed: a key was rotated', async () => {
    const { file, write } = await place();
    const { heard, look } = await watch(file);

    await write('key.pem', 'key two');
    await look();

    expect(endpoints(heard)).toEqual(['https://a.example.com']);
  });

  it('follow a link that leads elsewhere, as where a ConfigMap is mounted', async () => {
    const { dir, path, write } = await place();
    for (const [version, endpoint] of [
      'https://a.example.com',
      'https://b.example.com',
    ].entries()) {
      await mkdir(path(`..v${String(version)}`));
      await write(`..v${String(version)}/fairlead.yaml`, connection(endpoint));
      await write(`..v${String(version)}/key.pem`, 'key one');
    }
    await symlink('..v0', path('..data'));
    await mkdir(path('mount'));
    await symlink('../..data/fairlead.yaml', path('mount/fairlead.yaml'));
    await symlink('../..data/key.pem', path('mount/key.pem'));
    const { heard, look } = await watch(join(dir, 'mount/fairlead.yaml'));

    await symlink('..v1', path('..data_tmp'));
    await rename(path('..data_tmp'), path('..data'));
    await look();

    expect(endpoints(heard)).toEqual(['https://b.example.com']);
  });

  it('follow the files that new settings name', async () => {
    const { file, write } = await place();
    await write('other.pem', 'other key');
    const { heard, look } = await watch(file);
    await write('fairlead.yaml', connection().replace('key.pem', 'other.pem'));
    await look();

    await write('key.pem', 'nobody reads this any more');
    await look();
    expect(heard.news).toHaveLength(1);
    await write('other.pem', 'other key two');
    await look();

    expect(heard.news).toHaveLength(2);
  });

  it('end with the signal, and say nothing of it', async () => {
    const { file, write } = await place();
    const { heard, stop } = await watch(file);
    await write('fairlead.yaml', connection('https://b.example.com'));

    await stop();

    expect(heard).toEqual({ news: [], bad: [] });
  });
});

describe('settings that are no good', () => {
  it.each([
    {
      name: 'half of a file',
      spoil: (path: (name: string) => string) =>
        writeFile(path('fairlead.yaml'), connection().slice(0, -60)),
      says: 'fairlead.yaml',
    },
    {
      name: 'an unknown field',
      spoil: (path: (name: string) => string) =>
        writeFile(path('fairlead.yaml'), connection().replace('clientId', 'clientid')),
      says: 'fairlead.yaml:',
    },
    {
      name: 'an emptied file',
      spoil: (path: (name: string) => string) => writeFile(path('fairlead.yaml'), ''),
      says: 'holds no PlatformConnection',
    },
    {
      name: 'nothing at all any more',
      spoil: (path: (name: string) => string) => unlink(path('fairlead.yaml')),
      says: 'no settings at',
    },
    {
      name: 'a folder in its place',
      spoil: async (path: (name: string) => string) => {
        await unlink(path('fairlead.yaml'));
        await mkdir(path('fairlead.yaml'));
      },
      says: 'cannot be read',
    },
    {
      name: 'a key that is gone',
      spoil: (path: (name: string) => string) => unlink(path('key.pem')),
      says: 'privateKey of connection default',
    },
    {
      name: 'a key that is empty',
      spoil: (path: (name: string) => string) => writeFile(path('key.pem'), ''),
      says: 'privateKey of connection default',
    },
  ])('$name: told once, and the old ones stay', async ({ spoil, says }) => {
    const { file, path } = await place();
    const { heard, look } = await watch(file);

    await spoil(path);
    await look();
    await look();

    expect(heard.news).toEqual([]);
    expect(heard.bad).toHaveLength(1);
    expect(heard.bad[0]).toMatchObject({ code: 'SettingsInvalid' });
    expect(heard.bad[0]?.message).toContain(says);
  });

  it('are over when the old ones are back', async () => {
    const { file, write } = await place();
    const { heard, look } = await watch(file);
    await write('fairlead.yaml', 'nonsense: [');
    await look();

    await write('fairlead.yaml', connection());
    await look();

    expect(heard.bad).toHaveLength(1);
    expect(endpoints(heard), 'so that the trouble can be taken away').toEqual([
      'https://a.example.com',
    ]);
  });

  it('are told again when they are bad in another way', async () => {
    const { file, write } = await place();
    const { heard, look } = await watch(file);

    await write('fairlead.yaml', connection().replace('clientId', 'clientid'));
    await look();
    await write('fairlead.yaml', connection().replace('platformId', 'platformid'));
    await look();

    expect(heard.bad).toHaveLength(2);
  });

  it('that cannot come into force are told as such', async () => {
    const { file, write } = await place();
    const { heard, look } = await watch(file, () => {
      throw new CliError('SettingsInvalid', 'the key is none');
    });

    await write('key.pem', 'no key');
    await look();
    await look();

    expect(heard.news).toHaveLength(1);
    expect(heard.bad).toMatchObject([{ code: 'SettingsInvalid', message: 'the key is none' }]);
  });

  it('at the start stop it', async () => {
    const { file, write } = await place();
    await write('key.pem', '');
    const waiting = {
      clock: createVirtualClock({ auto: true }),
      signal: new AbortController().signal,
    };

    await expect(readSettings(file, waiting)).rejects.toMatchObject({
      code: 'SettingsInvalid',
      exit: 1,
    });
  });
});

describe('settings that are still being written', () => {
  it('are not believed until they stay as they are', async () => {
    const { file, write } = await place();
    const clock = createVirtualClock();
    const stop = new AbortController();
    onTestFinished(() => {
      stop.abort();
    });
    const reading = readSettings(file, { clock, signal: stop.signal });
    const slept = (count: number) =>
      vi.waitFor(() => {
        expect(clock.slept).toHaveLength(count);
      });
    await slept(1);

    await write('key.pem', 'key two');
    await clock.advance(200);
    await slept(2);
    await write('fairlead.yaml', connection('https://b.example.com'));
    await clock.advance(200);
    await slept(3);
    await clock.advance(200);

    const { administration } = await reading;
    expect(administration.connections[0]?.spec.endpoint).toBe('https://b.example.com');
    expect(clock.slept).toEqual([200, 200, 200]);
  });

  it('that come through a pipe are read once, and not followed', async () => {
    const { path, write } = await place();
    const pipe = path('pipe');
    execFileSync('mkfifo', [pipe]);
    const writing = write('pipe', connection());

    const inForce = await readSettings(pipe, quick());
    await writing;
    await watchConfig(pipe, {
      ...quick(),
      inForce,
      onNew: () => Promise.reject(new Error('nothing is new')),
      onBad: () => undefined,
    });

    expect(inForce.administration.connections).toHaveLength(1);
  });
});

function quick() {
  return { clock: createVirtualClock(), signal: new AbortController().signal };
}

describe('the files that settings name', () => {
  it('are all but the values of secrets, each once', async () => {
    const { write, file, path } = await place();
    await write(
      'fairlead.yaml',
      `${connection()}  fingerprintKey: { file: fingerprint }
  previousFingerprintKeys: [{ file: before }, { env: NO_FILE }]
  caFile: ca.pem
---
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: shop }
spec:
  url: ssh://git@git.example.com/shop
  caFile: ca.pem
  credentials: { sshKey: { file: /keys/ssh }, knownHosts: { file: hosts } }
  signatures: { verify: commits, gpgKeys: { file: gpg }, allowedSigners: { file: signers } }
---
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: books }
spec:
  url: https://git.example.com/books
  credentials: { username: git, password: { file: password } }
---
apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec:
  ageIdentities: [{ file: age }]
  secrets: [{ name: s, for: [shop], keys: { k: { file: secret } } }]
  server: { webhooks: [{ name: hook, form: github, secret: { file: hook } }] }
`.replace('clientId: c', 'clientId: c\n  grants: [{ sources: [shop, books] }]'),
    );

    const files = watchedFiles(await readAdministration(file));

    expect(files.map((each) => each.path)).toEqual(
      [
        ...['key.pem', 'fingerprint', 'before', 'ca.pem', '/keys/ssh', 'hosts', 'gpg', 'signers'],
        ...['password', 'age', 'hook'],
      ].map((name) => (name.startsWith('/') ? name : path(name))),
    );
    expect(files.find((each) => each.path === path('hosts'))?.what).toBe(
      'knownHosts of source shop',
    );
  });
});
