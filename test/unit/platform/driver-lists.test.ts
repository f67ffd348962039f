import { describe, expect, it } from 'vitest';

import {
  collect,
  driverOver,
  failed,
  key,
  never,
  platformAnswer,
  record,
  type Scripted,
  success,
} from './fake-platform.ts';

const page = (releases: readonly object[], more: object = {}): Scripted => ({
  body: { ...success, releases, ...more },
});

describe('a list', () => {
  it('follows pages, whatever their size, and ends with the cursor', async () => {
    const { driver, sent } = driverOver([
      page([record(), record({ version: '2.5.0' })], { nextPageToken: 'p2' }),
      page([], { nextPageToken: 'p3' }),
      page([record({ version: '2.6.0' })], { cursor: 'c-9' }),
    ]);

    const pages = [];
    for await (const found of driver.releases({ workspace: 'acme' }, never)) pages.push(found);

    expect(pages.map(({ items }) => items.map((item) => item.key.version))).toEqual([
      ['2.4.0', '2.5.0'],
      [],
      ['2.6.0'],
    ]);
    expect(pages.map(({ cursor }) => cursor)).toEqual([undefined, undefined, 'c-9']);
    expect(sent.map(({ body }) => body)).toEqual([
      { workspace: 'acme', pageSize: 500 },
      { workspace: 'acme', pageSize: 500, pageToken: 'p2' },
      { workspace: 'acme', pageSize: 500, pageToken: 'p3' },
    ]);
  });

  it('asks for no more than it was told to', async () => {
    const { driver, sent } = driverOver([page([])], { pageSize: 20 });

    await collect(driver.releases({ workspace: 'acme', statuses: ['NewVersionCreated'] }, never));

    expect(sent[0]?.body).toEqual({
      workspace: 'acme',
      statuses: ['NewVersionCreated'],
      pageSize: 20,
    });
  });

  it('splits a filter that is longer than the platform takes; its parts have no cursor', async () => {
    const platform = platformAnswer({ maxIdsPerFilter: 2 });
    const { driver, sent } = driverOver([page([], { cursor: 'c' }), page([], { cursor: 'd' })], {
      platform,
    });

    const pages = [];
    const query = { workspace: 'acme', miniPrograms: ['A', 'B', 'A', 'C'] };
    for await (const found of driver.releases(query, never)) pages.push(found);

    expect(sent.map(({ body }) => body['miniPrograms'])).toEqual([['A', 'B'], ['C']]);
    expect(pages).toEqual([{ items: [] }, { items: [] }]);
  });

  it('asks nothing for nothing', async () => {
    const { driver, sent } = driverOver([]);

    expect(await collect(driver.releases({ workspace: 'acme', miniPrograms: [] }, never))).toEqual(
      [],
    );
    expect(sent).toEqual([]);
  });

  it('drops what was not asked for', async () => {
    const asked = record();
    const others = [
      record({ workspace: 'other' }),
      record({ miniProgram: 'B' }),
      record({ version: '9' }),
      record({ status: 'Archived' }),
    ];
    const { driver } = driverOver([page([...others, asked])]);

    const items = await collect(
      driver.releases(
        {
          workspace: 'acme',
          miniPrograms: ['3500020208396321'],
          versions: ['2.4.0'],
          statuses: ['NewVersionCreated'],
        },
        never,
      ),
    );

    expect(items.map((item) => item.key)).toEqual([key]);
  });

  it('needs a platform that can list increments for a cursor', async () => {
    const { driver, sent } = driverOver([], { platform: platformAnswer({ increments: false }) });

    await expect(
      collect(driver.releases({ workspace: 'acme', cursor: 'c' }, never)),
    ).rejects.toMatchObject({ code: 'ListExpired' });
    expect(sent).toEqual([]);
  });

  it('that no longer knows its token is listed again from the start', async () => {
    const { driver } = driverOver([
      page([record()], { nextPageToken: 'p2' }),
      { body: failed('PAGE_TOKEN_EXPIRED') },
    ]);

    await expect(collect(driver.releases({ workspace: 'acme' }, never))).rejects.toMatchObject({
      code: 'ListExpired',
    });
  });

  it.each([
    { name: 'the same token again', tokens: ['a', 'a'] },
    { name: 'tokens in a circle', tokens: ['a', 'b', 'a'] },
    { name: 'a hundred empty pages', tokens: Array.from({ length: 100 }, (_, i) => `t${i}`) },
  ])('with $name ends as an error', async ({ tokens }) => {
    const { driver, done } = driverOver(tokens.map((nextPageToken) => page([], { nextPageToken })));

    await expect(collect(driver.releases({ workspace: 'acme' }, never))).rejects.toMatchObject({
      code: 'ResponseUntrusted',
    });
    expect(done()).toBe(true);
  });
});

describe('a record of a list that cannot be read', () => {
  const odd = (miniProgram: unknown) => record({ miniProgram, status: 'Paused' });
  it.each([
    { name: 'of a declared program', query: { declared: ['ours'] }, bad: odd('ours') },
    {
      name: 'of a program that was asked for',
      query: { miniPrograms: ['ours'] },
      bad: odd('ours'),
    },
    { name: 'while everything could be declared', query: {}, bad: odd('any') },
    { name: 'that names no program', query: { declared: ['ours'] }, bad: odd(7) },
    { name: 'that is none', query: { declared: ['ours'] }, bad: 'record' },
  ])('fails the list: $name', async ({ query, bad }) => {
    const { driver } = driverOver([page([record(), bad as object])]);

    await expect(
      collect(driver.releases({ workspace: 'acme', ...query }, never)),
    ).rejects.toMatchObject({ code: 'ResponseUntrusted' });
  });

  it('is left out, and told, if it is foreign', async () => {
    const { driver, events } = driverOver([page([odd('foreign'), record()])]);

    const items = await collect(
      driver.releases({ workspace: 'acme', declared: ['3500020208396321'] }, never),
    );

    expect(items.map((item) => item.key.version)).toEqual(['2.4.0']);
    expect(events.map(({ kind }) => kind)).toEqual(['call', 'call', 'ignored']);
  });
});

describe('other lists', () => {
  const program = (change: object = {}) => ({
    workspace: 'acme',
    miniProgram: 'A',
    globalConfig: { clientId: 'C', environmentVariables: [{ name: 'X', value: 'y' }] },
    globalRevision: '7',
    ...change,
  });

  it('mini programs, with their global configuration and no variables in it', async () => {
    const { driver } = driverOver([
      { body: { ...success, miniPrograms: [program({ name: 'Coffee', type: 'DSL' })] } },
    ]);

    const items = await collect(driver.miniPrograms('acme', ['A'], never));

    expect(items).toEqual([
      {
        key: { platform: 'megapay', workspace: 'acme', miniProgram: 'A' },
        name: 'Coffee',
        type: 'DSL',
        global: { revision: '7', config: { clientId: { kind: 'text', text: 'C' } } },
      },
    ]);
  });

  it('a mini program that cannot be read fails only those who asked for it', async () => {
    const answer = { body: { ...success, miniPrograms: [program({ type: 'Odd' }), program()] } };
    const { driver } = driverOver([answer, answer]);

    expect(await collect(driver.miniPrograms('acme', undefined, never))).toHaveLength(1);
    await expect(collect(driver.miniPrograms('acme', ['A'], never))).rejects.toMatchObject({
      code: 'ResponseUntrusted',
    });
  });

  it('versions and targets, page by page', async () => {
    const { driver } = driverOver([
      { body: { ...success, versions: ['1.0.0'], nextPageToken: 'p' } },
      { body: { ...success, versions: ['1.1.0'] } },
      { body: { ...success, targets: [{ app: 'megapay', environments: ['Production'] }] } },
    ]);

    expect(await driver.versions(key, never)).toEqual(['1.0.0', '1.1.0']);
    expect(await driver.targets(key, never)).toEqual([
      { app: 'megapay', environments: ['Production'] },
    ]);
  });
});
