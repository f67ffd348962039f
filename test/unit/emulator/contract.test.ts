import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { boss, coffee, player, target, type Target, type WorldOptions } from './players.ts';

const sandbox: Target = { ...target, environment: 'Sandbox' };
const hash = (text: string) => createHash('sha256').update(text).digest('base64url');

/** A world with a record of `target`. */
function withRecord(options: WorldOptions = {}) {
  const world = player({}, options);
  world.call('createRelease', { ...target, config: { merchantId: 'M-1' }, mark: 'm-1' });
  return world;
}

function revisionOf(world: ReturnType<typeof player>): string {
  return world.ask('getRelease', target).release?.revision ?? '';
}

describe('revisions', () => {
  it('move with configuration and status, and never come back', () => {
    const world = withRecord();
    const seen = [revisionOf(world)];
    for (const merchantId of ['A', 'M-1', 'A']) {
      world.call('patchReleaseConfig', { ...target, patch: { merchantId } });
      seen.push(revisionOf(world));
    }
    for (const event of ['apply', 'withdraw', 'apply'] as const) {
      world.act(event, target);
      seen.push(revisionOf(world));
    }

    expect(new Set(seen).size).toBe(7);
  });

  it('come back under the switch that makes them of the content', () => {
    const world = withRecord({ switches: { revisions: 'contentHash' } });
    const before = revisionOf(world);

    world.call('patchReleaseConfig', { ...target, patch: { merchantId: 'A' } });
    const between = revisionOf(world);
    world.call('patchReleaseConfig', { ...target, patch: { merchantId: 'M-1' } });

    expect(between).not.toBe(before);
    expect(revisionOf(world)).toBe(before);
  });

  it('of the global configuration move with it alone', () => {
    const world = withRecord();
    const revision = () => world.ask('listMiniPrograms', coffee0).miniPrograms?.[0]?.globalRevision;
    const first = revision();
    world.call('patchGlobalConfig', { ...coffee, patch: {}, mark: 'g-1' });
    const marked = revision();
    world.call('patchGlobalConfig', { ...coffee, patch: { clientId: 'C' } });

    expect(marked).toBe(first);
    expect(revision()).not.toBe(first);
  });
});

const coffee0 = { workspace: 'acme' };

describe('preconditions', () => {
  it.each([
    { name: 'right revision and mark', revision: 'own', mark: hash('m-1'), code: 'SUCCESS' },
    { name: 'another revision', revision: 'r0', mark: hash('m-1'), code: 'REVISION_MISMATCH' },
    { name: 'another mark', revision: 'own', mark: hash('m-2'), code: 'MARK_MISMATCH' },
    { name: 'no mark expected', revision: 'own', mark: 'absent', code: 'MARK_MISMATCH' },
  ])('$name: $code', ({ revision, mark, code }) => {
    const world = withRecord();
    const ifRevision = revision === 'own' ? revisionOf(world) : revision;
    const before = world.release();

    const found = world.call('patchReleaseConfig', {
      ...target,
      ...{ patch: { merchantId: 'M-2' }, ifRevision, ifMark: mark },
    });

    expect(found).toBe(code);
    expect(world.release() === before, 'what is refused changes nothing').toBe(code !== 'SUCCESS');
  });

  it('a write made against the state before somebody else’s is refused', () => {
    const world = withRecord();
    const ifRevision = revisionOf(world);
    world.act('editReleaseConfig', { ...target, patch: { merchantId: 'by hand' } });

    const code = world.call('patchReleaseConfig', {
      ...{ ...target, patch: { merchantId: 'M-2' }, ifRevision },
    });

    expect(code).toBe('REVISION_MISMATCH');
    expect(world.release().config.merchantId).toBe('by hand');
  });

  it('hold for the global configuration', () => {
    const world = withRecord();
    const stale = { ...coffee, patch: { clientId: 'C' }, ifRevision: 'r99' };

    expect(world.call('patchGlobalConfig', stale)).toBe('REVISION_MISMATCH');
    expect(world.call('patchGlobalConfig', { ...stale, ifRevision: 'r0', ifMark: 'absent' })).toBe(
      'SUCCESS',
    );
  });

  it.each([{ switches: { conditionalWrites: false } }, { switches: { permissive: true } }])(
    'are not looked at with $switches',
    ({ switches }) => {
      const world = withRecord({ switches });
      const patch = { merchantId: 'M-2' };

      const code = world.call('patchReleaseConfig', { ...target, patch, ifRevision: 'r0' });

      expect(code).toBe('SUCCESS');
    },
  );
});

describe('marks', () => {
  it('are returned by reads and lists, and kept by what people do', () => {
    const world = withRecord();
    world.act('editReleaseConfig', { ...target, patch: { merchantId: 'by hand' } });
    world.act('apply', target);

    const listed = world.ask('listReleases', coffee0).releases?.[0];

    expect(listed).toMatchObject({ mark: 'm-1', status: 'UnderReview' });
    expect(world.ask('getRelease', target).release?.mark).toBe('m-1');
  });

  it('are written in Pilot Testing together with testers, never alone', () => {
    const record = { version: '1.1.0', app: 'pilot', environment: 'Production' } as const;
    const world = player({ releases: [{ ...record, status: 'PilotTesting' }] });
    const key = { ...coffee, ...record };

    const alone = world.call('patchReleaseConfig', { ...key, patch: {}, mark: 'm-2' });
    const together = world.call('patchReleaseConfig', {
      ...key,
      patch: { testers: ['1'] },
      mark: 'm-3',
    });

    expect([alone, together]).toEqual(['RELEASE_NOT_EDITABLE', 'SUCCESS']);
    expect(world.release(key)).toMatchObject({ mark: 'm-3', config: { testers: ['1'] } });
    expect(world.release(key).frozen, 'testers change what is set, never what is frozen').toEqual(
      {},
    );
  });

  it('of the global configuration are always accepted', () => {
    const world = player({ releases: [{ ...record0, status: 'FullRelease' }] });

    const answer = world.ask('patchGlobalConfig', { ...coffee, patch: {}, mark: 'g-1' });

    expect(answer.miniProgram?.globalMark).toBe('g-1');
  });

  it('are forgotten by a platform without them', () => {
    const world = withRecord({ switches: { marks: false } });

    const answer = world.ask('patchReleaseConfig', {
      ...target,
      patch: {},
      mark: 'm-2',
      ifMark: 'absent',
    });

    expect(answer.release).toBeDefined();
    expect(answer.release).not.toHaveProperty('mark');
  });
});

const record0 = { version: '1.1.0', app: 'plain', environment: 'Production' } as const;

describe('request ids', () => {
  const create = { ...target, config: { merchantId: 'M-1' }, requestId: 'id-1' };

  it('a repeat gives the same answer and does nothing', () => {
    const world = player();
    const first = world.ask('createRelease', create);
    world.act('editReleaseConfig', { ...target, patch: { merchantId: 'by hand' } });

    const second = world.ask('createRelease', create);

    expect(second).toEqual(first);
    expect(world.world().releases.size).toBe(1);
    expect(world.release().config.merchantId, 'nothing is done again').toBe('by hand');
  });

  it('another body under the same id is refused', () => {
    const world = player();
    world.call('createRelease', create);

    const code = world.call('createRelease', { ...create, config: { merchantId: 'M-2' } });

    expect(code).toBe('REPEAT_REQ_INCONSISTENT');
  });

  it('another client’s id is another id', () => {
    const world = player();
    world.call('createRelease', create);

    expect(world.call('createRelease', create, 'ada')).toBe('RELEASE_TARGET_ALREADY_SELECTED');
  });

  it('a failure is not remembered: the same request may succeed later', () => {
    const world = player();
    const early = { ...create, version: '1.2.0' };
    const before = world.call('createRelease', early);
    world.act('uploadVersion', { ...coffee, version: '1.2.0' });

    expect([before, world.call('createRelease', early)]).toEqual(['VERSION_NOT_FOUND', 'SUCCESS']);
  });

  it('a failure is remembered under the switch that says so', () => {
    const world = player({}, { switches: { rememberFailures: true } });
    const early = { ...create, version: '1.2.0' };
    world.call('createRelease', early);
    world.act('uploadVersion', { ...coffee, version: '1.2.0' });

    expect(world.call('createRelease', early)).toBe('VERSION_NOT_FOUND');
  });

  it('is remembered for 24 hours', () => {
    const world = player();
    world.call('createRelease', create);

    world.tick(24 * 3_600_000);
    const inTime = world.call('createRelease', create);
    world.tick(1);
    const tooLate = world.call('createRelease', create);

    expect([inTime, tooLate]).toEqual(['SUCCESS', 'RELEASE_TARGET_ALREADY_SELECTED']);
  });

  it.each([{ switches: { requestIds: false } }, { switches: { permissive: true } }])(
    'is not remembered with $switches',
    ({ switches }) => {
      const world = player({}, { switches });
      world.call('createRelease', create);
      world.call('patchReleaseConfig', { ...target, patch: { merchantId: 'A' }, requestId: 'p' });
      world.act('editReleaseConfig', { ...target, patch: { merchantId: 'by hand' } });

      world.call('patchReleaseConfig', { ...target, patch: { merchantId: 'A' }, requestId: 'p' });

      expect(world.release().config.merchantId).toBe('A');
    },
  );

  it('ten thousand of them cost no ever growing memory', () => {
    const world = player({ releases: [record0] });
    for (let day = 0; day < 10; day += 1) {
      for (let i = 0; i < 1000; i += 1) {
        const patch = { merchantId: `${day}-${i}` };
        world.call('patchReleaseConfig', { ...target, patch, requestId: `${day}-${i}` });
      }
      world.tick(24 * 3_600_000 + 1);
    }

    expect(world.world().requests.size).toBeLessThan(3000);
  });
});

describe('a permissive platform', () => {
  it('makes a second record, and writes to what is locked', () => {
    const world = player(
      { releases: [{ ...record0, status: 'UnderReview' }] },
      { switches: { permissive: true } },
    );

    const created = world.call('createRelease', { ...target, config: {} });
    const patched = world.call('patchReleaseConfig', { ...target, patch: { clientId: 'C' } });

    expect([created, patched]).toEqual(['SUCCESS', 'SUCCESS']);
    expect(world.world().releases.size).toBe(2);
  });
});

describe('what a platform may lack', () => {
  it('says so', () => {
    const switches = {
      conditionalWrites: false,
      requestIds: false,
      marks: false,
      increments: false,
      frozen: false,
      variables: 'hidden',
      maxPageSize: 7,
      maxIdsPerFilter: 3,
    } as const;

    const answer = player({}, { switches }).ask('getPlatform', {});

    expect(answer).toMatchObject({
      platformId: 'emulator',
      emulator: true,
      capabilities: switches,
    });
  });

  it('hides values of variables, in what is set and in what is frozen', () => {
    const environmentVariables = [{ name: 'KEY', value: 'canary' }];
    const releases = [
      { ...record0, status: 'FullRelease', config: { environmentVariables } } as const,
    ];
    const world = player({ releases }, { switches: { variables: 'hidden' } });

    const { release } = world.ask('getRelease', target);

    expect(release?.config).toEqual({ environmentVariables: [{ name: 'KEY' }] });
    expect(release?.frozen).toEqual({ environmentVariables: [{ name: 'KEY' }] });
  });

  it('does not report what is frozen', () => {
    const releases = [{ ...record0, status: 'FullRelease' } as const];
    const world = player({ releases }, { switches: { frozen: false } });

    expect(world.ask('getRelease', target).release).not.toHaveProperty('frozen');
  });
});

describe('who asks', () => {
  it('learns its rights in every workspace', () => {
    const rights = (client: string) => player().ask('getPlatform', {}, client).caller?.workspaces;

    expect(rights(boss)).toEqual([
      { id: 'acme', rights: ['workspaceAdmin'] },
      { id: 'umbra', rights: ['workspaceAdmin'] },
    ]);
    expect(rights('ada')).toEqual([{ id: 'acme', rights: ['miniPrograms/coffee:admin'] }]);
    expect(rights('dev')).toEqual([{ id: 'acme', rights: ['miniPrograms/coffee:developer'] }]);
    expect(rights('stranger')).toEqual([]);
  });

  it('sees the programs it belongs to and no other', () => {
    const programs = [{ id: 'secret', versions: ['1.1.0'] }];
    const world = player({ programs, releases: [record0] });
    world.call('createRelease', { ...target, miniProgram: 'secret', config: {} });
    const listed = world.ask('listMiniPrograms', coffee0, 'ada').miniPrograms;
    const releases = world.ask('listReleases', coffee0, 'ada').releases;

    expect(listed?.map(({ miniProgram }) => miniProgram)).toEqual(['coffee']);
    expect(releases?.map(({ miniProgram }) => miniProgram)).toEqual(['coffee']);
    expect(world.call('listVersions', { ...coffee, miniProgram: 'secret' }, 'ada')).toBe(
      'ACCESS_DENIED',
    );
    expect(world.call('listReleases', { workspace: 'umbra' }, 'ada')).toBe('ACCESS_DENIED');
  });

  it('reads a record that is not there as none', () => {
    const world = player();

    expect(world.ask('getRelease', sandbox)).toMatchObject({ release: null });
    expect(world.ask('getRelease', { ...sandbox, miniProgram: 'nope' })).toMatchObject({
      release: null,
    });
  });
});
