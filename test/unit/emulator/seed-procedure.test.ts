import { describe, expect, it } from 'vitest';

import { boss, coffee, dev, player, target, type Target } from './players.ts';

const sandbox: Target = { ...target, environment: 'Sandbox' };

/** The procedure a person follows in the console: Versions > Select App > Select, then Configure > Save. */
describe('the seed procedure', () => {
  it('S1, S3: a target is selected once: a record in New Version Created with a test QR code', () => {
    const world = player();

    const first = world.ask('createRelease', { ...target, config: {} });
    const second = world.ask('createRelease', { ...target, config: {} });

    expect(first.release).toMatchObject({
      ...target,
      status: 'NewVersionCreated',
      id: 'rel-000001',
    });
    expect(first.release?.testQrCode).toMatch(/^https:\/\/test-qr\./);
    expect(second).toEqual({
      result: expect.objectContaining({
        resultStatus: 'F',
        resultCode: 'RELEASE_TARGET_ALREADY_SELECTED',
      }),
    });
    expect(world.world().releases.size, 'nothing was made the second time').toBe(1);
  });

  it('S1: another target or another version is a record of its own', () => {
    const world = player();
    world.call('createRelease', { ...target, config: {} });

    const codes = [
      world.call('createRelease', { ...sandbox, config: {} }),
      world.call('createRelease', { ...target, version: '1.0.0', config: {} }),
      world.call('createRelease', { ...target, app: 'pilot', config: {} }),
    ];

    expect(codes).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
  });

  it('S1, S7c: configuration is entered while selecting, and edited later', () => {
    const world = player();
    const config = { merchantId: 'M-1', testers: ['1'] };
    const created = world.ask('createRelease', { ...target, config });

    const patch = { merchantId: 'M-2', testers: null, clientId: 'C-1' };
    const patched = world.ask('patchReleaseConfig', { ...target, patch });

    expect(created.release?.config).toEqual({ merchantId: 'M-1', testers: ['1'] });
    expect(patched.release?.config).toEqual({ merchantId: 'M-2', clientId: 'C-1' });
  });

  it('S7d: variables are upserted and removed by name', () => {
    const world = player();
    const environmentVariables = [
      { name: 'HOST', value: 'a' },
      { name: 'MODE', value: 'b' },
    ];
    world.call('createRelease', { ...target, config: { environmentVariables } });

    const upsert = [
      { name: 'HOST', value: 'c' },
      { name: 'ABC', value: 'd' },
    ];
    const patch = { environmentVariables: { upsert, remove: ['MODE'] } };
    const patched = world.ask('patchReleaseConfig', { ...target, patch });

    expect(patched.release?.config).toEqual({
      environmentVariables: [
        { name: 'ABC', value: 'd' },
        { name: 'HOST', value: 'c' },
      ],
    });
  });

  it('S6b: release-specific wins over global, which is the default of what is not set', () => {
    const globalConfig = { merchantId: 'global', clientId: 'global' };
    const world = player({ globalConfig });
    world.call('createRelease', { ...target, config: { merchantId: 'own' } });

    world.act('apply', target);

    expect(world.release().frozen).toEqual({ merchantId: 'own', clientId: 'global' });
  });

  it('S6: the global configuration is followed until applying, and not after it', () => {
    const world = player({ globalConfig: { clientId: 'before' } });
    world.call('createRelease', { ...target, config: {} });
    world.call('patchGlobalConfig', { ...coffee, patch: { clientId: 'seen' } });
    world.act('apply', target);

    world.call('patchGlobalConfig', { ...coffee, patch: { clientId: 'later' } });

    expect(world.release().frozen).toEqual({ clientId: 'seen' });
  });

  it.each([
    {
      name: 'a value changes',
      change: { merchantId: 'M-2' },
      moves: true,
    },
    { name: 'a value is set', change: { clientId: 'C-1' }, moves: true },
    { name: 'a value goes back to inheriting', change: { merchantId: null }, moves: true },
    { name: 'the same value again', change: { merchantId: 'M-1' }, moves: false },
    { name: 'the same list in another order', change: { testers: ['2', '1'] }, moves: false },
    { name: 'nothing set goes back to inheriting', change: { clientId: null }, moves: false },
    { name: 'nothing', change: {}, moves: false },
  ])('S1: the test QR code and the revision, when $name: $moves', ({ change, moves }) => {
    const world = player();
    world.call('createRelease', { ...target, config: { merchantId: 'M-1', testers: ['1', '2'] } });
    const before = world.release();

    const code = world.call('patchReleaseConfig', { ...target, patch: change });

    const after = world.release();
    expect(code).toBe('SUCCESS');
    expect(after.qr !== before.qr).toBe(moves);
    expect(after.revision !== before.revision).toBe(moves);
  });

  it('S1: a mark moves neither the test QR code nor the revision', () => {
    const world = player();
    world.call('createRelease', { ...target, config: {} });
    const before = world.release();

    world.call('patchReleaseConfig', { ...target, patch: {}, mark: 'm-1' });

    const { qr, revision, mark } = world.release();
    expect({ qr, revision, mark }).toEqual({
      qr: before.qr,
      revision: before.revision,
      mark: 'm-1',
    });
  });

  it('S1: test QR codes never come back', () => {
    const world = player();
    world.call('createRelease', { ...target, config: {} });
    const seen = [world.release().qr];

    for (const merchantId of ['A', 'B', 'A', 'B', null, 'A']) {
      world.call('patchReleaseConfig', { ...target, patch: { merchantId } });
      seen.push(world.release().qr);
    }

    expect(new Set(seen).size).toBe(7);
  });

  it('S1, S13: a Developer selects and configures nothing, and a workspace admin may', () => {
    const world = player();

    const refused = world.call('createRelease', { ...target, config: {} }, dev);
    const created = world.call('createRelease', { ...target, config: {} }, boss);
    const patched = world.call('patchReleaseConfig', { ...target, patch: { clientId: 'C' } }, dev);

    expect([refused, created, patched]).toEqual([
      'ROLE_NOT_ALLOWED',
      'SUCCESS',
      'ROLE_NOT_ALLOWED',
    ]);
    expect(world.release().config).toEqual({});
  });

  it('S4: after applying nothing can be configured, and after a withdrawal it can again', () => {
    const world = player();
    world.call('createRelease', { ...target, config: { merchantId: 'M-1' } });
    world.act('apply', target);

    const locked = world.ask('patchReleaseConfig', { ...target, patch: { merchantId: 'M-2' } });
    const marked = world.ask('patchReleaseConfig', { ...target, patch: {}, mark: 'm-1' });
    world.act('withdraw', target);
    const free = world.ask('patchReleaseConfig', { ...target, patch: { merchantId: 'M-2' } });

    expect(locked.result.resultCode).toBe('RELEASE_NOT_EDITABLE');
    expect(marked.result.resultCode, 'a mark alone is no exception').toBe('RELEASE_NOT_EDITABLE');
    expect(free.release).toMatchObject({
      status: 'NewVersionCreated',
      config: { merchantId: 'M-2' },
    });
    expect(free.release?.frozen).toBeUndefined();
  });

  it('S3: cancelled once, the target is spent for this version and free for the next', () => {
    const world = player();
    world.call('createRelease', { ...target, version: '1.0.0', config: {} });
    const old: Target = { ...target, version: '1.0.0' };
    for (const event of ['apply', 'approve', 'cancel'] as const) world.act(event, old);

    const again = world.call('createRelease', { ...old, config: {} });
    const next = world.call('createRelease', { ...target, config: {} });

    expect(world.release(old).status).toBe('Canceled');
    expect([again, next]).toEqual(['RELEASE_TARGET_ALREADY_SELECTED', 'SUCCESS']);
  });

  it('S2, S5: from selection to all users, and the version before it is archived', () => {
    const live = { ...target, version: '1.0.0', app: 'pilot' } as const;
    const next = { ...target, app: 'pilot' } as const;
    const {
      workspace: _,
      miniProgram: __,
      ...record
    } = { ...live, status: 'FullRelease' as const };
    const world = player({ releases: [record] });
    world.call('createRelease', { ...next, config: {} });
    const seen: string[] = [];

    for (const event of ['apply', 'approve', 'completePilot', 'goLive'] as const) {
      expect(world.act(event, next)).toBe('SUCCESS');
      seen.push(world.release(next).status);
    }

    expect(seen).toEqual(['UnderReview', 'PilotTesting', 'GrayscaleRelease', 'FullRelease']);
    expect(world.release(live).status).toBe('Archived');
  });
});
