import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { tidyMirrors } from '../../../../src/cli/cluster/mirrors.ts';
import { mirrorName } from '../../../../src/source/git/mirror.ts';
import type { Git } from '../../../../src/source/git/run.ts';
import { remoteUrl } from '../../../../src/source/git/strings.ts';
import { objectOf } from './stage.ts';

const kept = mirrorName(remoteUrl('https://git.example/kept.git', false));
const gone = mirrorName(remoteUrl('https://git.example/gone.git', false));
const keys = 'ssh-in-use';
const git = {
  alone: (_directory: string, work: () => Promise<unknown>) => work(),
  text: () => Promise.resolve(''),
} as unknown as Git;

async function left(isComplete: boolean): Promise<Readonly<Record<string, readonly string[]>>> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'fairlead-mirrors-'));
  onTestFinished(() => rm(stateDirectory, { recursive: true, force: true }));
  const folder = (namespace: string) => join(stateDirectory, 'namespaces', namespace, 'git');
  for (const namespace of ['shop', 'left'])
    for (const name of [kept, gone, keys])
      await mkdir(join(folder(namespace), name), { recursive: true });
  const over = new Error('over');
  let naps = 0;
  const spec = { url: 'https://git.example/kept.git' };
  const watch = {
    ...{ git, stateDirectory, allowFileUrls: false },
    hub: {
      isComplete: () => isComplete,
      objects: () => [objectOf({ kind: 'GitSource', name: 'team', namespace: 'shop', spec })],
    },
    clock: {
      sleep: () => {
        naps += 1;
        return naps > 1 ? Promise.reject(over) : Promise.resolve();
      },
    },
  };

  await expect(tidyMirrors(watch, new AbortController().signal)).rejects.toBe(over);

  const [shop, others] = [await readdir(folder('shop')), await readdir(folder('left'))];
  return { shop: shop.toSorted(), left: others.toSorted() };
}

it('removes mirrors that no GitSource of their namespace names, and no key that may be in use', async () => {
  expect(await left(true)).toEqual({ shop: [kept, keys].toSorted(), left: [keys] });
});

it('removes nothing before it is known which GitSources there are', async () => {
  const all = [kept, gone, keys].toSorted();

  expect(await left(false)).toEqual({ shop: all, left: all });
});
