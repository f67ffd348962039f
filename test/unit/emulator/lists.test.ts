import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { environments } from '../../../src/core/words/environments.ts';
import { statuses } from '../../../src/core/words/statuses.ts';
import type { ReleaseKeyParts } from '../../../src/emulator/world/state.ts';
import type { ReleaseEntry } from '../../../src/emulator/world/world-schema.ts';
import { coffee, player, target, type Player, type Setup, type WorldOptions } from './players.ts';

const workspace = 'acme';

/** Eight records of `coffee`, one in every status, and two of another program between them. */
const setup: Setup = {
  releases: statuses.map((status, index): ReleaseEntry => ({
    version: index < 4 ? '1.0.0' : '1.1.0',
    app: 'plain',
    environment: environments[index % 4] ?? 'Test',
    status,
  })),
  programs: [
    {
      id: 'tea',
      versions: ['3.0.0'],
      releases: [
        { version: '3.0.0', app: 'plain', environment: 'Test' },
        { version: '3.0.0', app: 'pilot', environment: 'Test' },
      ],
    },
  ],
};

interface Listed {
  readonly ids: string[];
  readonly sizes: number[];
  readonly cursor: string | undefined;
}

/** Follows a list to its end; `between` happens before each page but the first. */
function listAll(
  world: Player,
  body: Omit<Parameters<typeof ask>[1], 'workspace'>,
  between: () => void = () => undefined,
): Listed {
  const ids: string[] = [];
  const sizes: number[] = [];
  let pageToken: string | undefined;
  for (;;) {
    const answer = ask(world, { workspace, ...body, ...(pageToken && { pageToken }) });
    ids.push(...(answer.releases ?? []).map(({ id }) => id));
    sizes.push(answer.releases?.length ?? -1);
    pageToken = answer.nextPageToken;
    if (pageToken === undefined) return { ids, sizes, cursor: answer.cursor };
    between();
  }
}

function ask(world: Player, body: Parameters<typeof world.ask<'listReleases'>>[1]) {
  return world.ask('listReleases', body);
}

describe('filters', () => {
  it.each([
    { name: 'none', filter: {}, expected: 10 },
    { name: 'a program', filter: { miniPrograms: ['tea'] }, expected: 2 },
    { name: 'two programs', filter: { miniPrograms: ['tea', 'coffee'] }, expected: 10 },
    { name: 'a program there is not', filter: { miniPrograms: ['milk'] }, expected: 0 },
    { name: 'a version', filter: { versions: ['1.0.0'] }, expected: 4 },
    { name: 'statuses', filter: { statuses: ['FullRelease', 'Canceled'] as const }, expected: 2 },
    {
      name: 'all three',
      filter: { miniPrograms: ['coffee'], versions: ['1.1.0'], statuses: ['Canceled'] as const },
      expected: 1,
    },
    { name: 'an empty filter', filter: { miniPrograms: [] }, expected: 0 },
  ])('$name: $expected', ({ filter, expected }) => {
    const { ids } = listAll(player(setup), { ...filter, pageSize: 3 });

    expect(new Set(ids).size).toBe(expected);
    expect(ids.length, 'each once').toBe(expected);
  });

  it('hold no more ids than the platform says', () => {
    const world = player(setup, { switches: { maxIdsPerFilter: 2 } });

    const codes = [
      ['a', 'b'],
      ['a', 'b', 'c'],
    ].map((miniPrograms) => world.call('listReleases', { workspace, miniPrograms }));

    expect(codes).toEqual(['SUCCESS', 'PARAM_ILLEGAL']);
  });
});

describe('pages', () => {
  it('are full until the last', () => {
    expect(listAll(player(setup), { pageSize: 4 }).sizes).toEqual([4, 4, 2]);
    expect(listAll(player(setup), { pageSize: 5 }).sizes, 'no empty page at the end').toEqual([
      5, 5,
    ]);
  });

  it.each<{ name: string; switches: WorldOptions['switches'] }>([
    { name: 'in the order of creation', switches: {} },
    { name: 'shuffled', switches: { pageOrder: 'shuffled' } },
  ])('$name: nothing is repeated or missed, whatever changes in between', ({ switches }) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 11 }),
        fc.array(fc.tuple(fc.nat(7), fc.constantFrom('patch', 'apply', 'create'))),
        (pageSize, changes) => {
          const world = player(setup, switches && { switches });
          const before = listAll(world, {}).ids;
          const queue = [...changes];

          const { ids } = listAll(world, { pageSize }, () => {
            const [index = 0, change] = queue.shift() ?? [];
            const release = world.world().releases.get(index) ?? target;
            if (change === 'patch')
              world.call('patchReleaseConfig', {
                ...keyOf(release),
                patch: { clientId: `${queue.length}` },
              });
            if (change === 'apply') world.act('apply', keyOf(release));
            if (change === 'create')
              world.call('createRelease', { ...target, app: 'pilot', config: {} });
          });

          const known = new Set(before);
          expect(ids.filter((id) => known.has(id)).toSorted()).toEqual(before.toSorted());
          expect(new Set(ids).size).toBe(ids.length);
        },
      ),
      { numRuns: 200, seed: 5 },
    );
  });

  it('shuffled is another order than that of creation', () => {
    const world = player(setup, { switches: { pageOrder: 'shuffled' } });
    const { ids } = listAll(world, {});

    expect(ids).not.toEqual(ids.toSorted());
  });

  it('recentlyChanged: a change in between repeats one record', () => {
    const world = player(setup, { switches: { pageOrder: 'recentlyChanged' } });
    let done = false;

    const { ids } = listAll(world, { pageSize: 4 }, () => {
      if (!done)
        world.call('patchReleaseConfig', {
          ...keyOf(world.world().releases.get(0) ?? target),
          patch: { clientId: 'C' },
        });
      done = true;
    });

    expect(ids.length - new Set(ids).size, 'repeated').toBe(1);
    expect(
      new Set(ids).has('rel-000001'),
      'the one that moved to a page already read is missed',
    ).toBe(false);
  });

  it('are cut without a word under the switch that does it', () => {
    const world = player(setup, { switches: { cappedPageSize: 3 } });

    expect(listAll(world, { pageSize: 8 }).sizes).toEqual([3, 3, 3, 1]);
    expect(world.ask('getPlatform', {}).capabilities?.maxPageSize).toBe(1000);
  });

  it('are never longer than the platform says', () => {
    const world = player(setup, { switches: { maxPageSize: 4 } });

    expect(listAll(world, { pageSize: 9 }).sizes).toEqual([4, 4, 2]);
  });

  it.each([
    { name: 'another filter', body: { versions: ['1.0.0'] }, code: 'PARAM_ILLEGAL' },
    { name: 'nonsense', pageToken: 'bm9uc2Vuc2U', code: 'PARAM_ILLEGAL' },
    { name: 'in time', ms: 3_600_000, code: 'SUCCESS' },
    { name: 'too late', ms: 3_600_001, code: 'PAGE_TOKEN_EXPIRED' },
  ])('a token, $name: $code', ({ body = {}, pageToken, ms = 0, code }) => {
    const world = player(setup);
    const first = ask(world, { workspace, pageSize: 2 });
    world.tick(ms);

    const found = world.call('listReleases', {
      ...{ workspace, pageSize: 2, ...body },
      pageToken: pageToken ?? first.nextPageToken ?? '',
    });

    expect(found).toBe(code);
  });

  it('of programs, versions and targets work alike', () => {
    const world = player(setup);

    const programs = world.ask('listMiniPrograms', { workspace, pageSize: 1 });
    const rest = world.ask('listMiniPrograms', {
      workspace,
      pageSize: 1,
      pageToken: programs.nextPageToken ?? '',
    });
    const versions = world.ask('listVersions', { ...coffee, pageSize: 1 });
    const targets = world.ask('listTargets', { ...coffee, pageSize: 3 });

    expect(programs.miniPrograms?.map(({ miniProgram }) => miniProgram)).toEqual(['coffee']);
    expect(rest.miniPrograms?.map(({ miniProgram }) => miniProgram)).toEqual(['tea']);
    expect(rest.nextPageToken).toBeUndefined();
    expect(versions.versions).toEqual(['1.0.0']);
    expect(targets.targets?.map(({ app }) => app)).toEqual(['pilot', 'plain', 'small']);
    expect(targets.nextPageToken).toBeDefined();
  });
});

describe('increments', () => {
  it('list exactly what changed since, QR codes and marks included', () => {
    const world = player(setup);
    const { cursor = '' } = listAll(world, {});
    const [first, , , , , , , , , last] = world.world().releases;

    world.call('patchReleaseConfig', { ...keyOf(first ?? target), patch: {}, mark: 'm' });
    world.call('patchReleaseConfig', { ...keyOf(last ?? target), patch: { clientId: 'C' } });
    world.act('editInfo', { ...coffee, name: 'Espresso', newVersion: '2.0.0' });

    expect(listAll(world, { cursor }).ids).toEqual(['rel-000001', 'rel-000010']);
  });

  it('do not lose what changes while a list is read', () => {
    const world = player(setup);
    const record = world.world().releases.get(0) ?? target;
    const { cursor = '' } = listAll(world, { pageSize: 4 }, () => {
      world.call('patchReleaseConfig', { ...keyOf(record), patch: {}, mark: 'm' });
    });

    expect(listAll(world, { cursor }).ids).toEqual(['rel-000001']);
  });

  it.each([
    { name: 'in time', ms: 604_800_000, code: 'SUCCESS' },
    { name: 'too late', ms: 604_800_001, code: 'CURSOR_EXPIRED' },
  ])('a cursor, $name: $code', ({ ms, code }) => {
    const world = player(setup);
    const { cursor = '' } = listAll(world, {});
    world.tick(ms);

    expect(world.call('listReleases', { workspace, cursor })).toBe(code);
  });

  it('are not offered where the platform has none', () => {
    const world = player(setup, { switches: { increments: false } });

    const { cursor } = listAll(world, {});

    expect(cursor).toBeUndefined();
    expect(world.call('listReleases', { workspace, cursor: 'x' })).toBe('PARAM_ILLEGAL');
  });
});

function keyOf({ workspace: own, miniProgram, version, app, environment }: ReleaseKeyParts) {
  return { workspace: own, miniProgram, version, app, environment };
}
