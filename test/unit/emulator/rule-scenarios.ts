import type { RuleId } from '../../../src/emulator/world/rules.ts';
import type { ReleaseEntry } from '../../../src/emulator/world/world-schema.ts';
import {
  ada,
  boss,
  coffee,
  dev,
  player,
  stranger,
  target,
  type Player,
  type Setup,
  type Target,
} from './players.ts';

export type Given = (setup?: Setup) => Player;

/**
 * Whether one documented rule holds in the worlds that `given` makes. Scenarios start from loaded worlds, so that each
 * leans on its own rule and no other.
 */
export type Scenario = (given: Given) => boolean;

const success = 'SUCCESS';
const at = (change: Partial<Target> = {}): Target => ({ ...target, ...change });
const sandbox = at({ environment: 'Sandbox' });

/** A record as a world file gives it, by default that of `target`. */
function record(change: Partial<ReleaseEntry> = {}): ReleaseEntry {
  const { version, app, environment } = target;
  return { version, app, environment, ...change };
}

function variables(count: number) {
  return Array.from({ length: count }, (_, index) => ({ name: `V${index}`, value: 'v' }));
}

/** Creating a record with these variables, in this program and app. */
function createWithVariables(world: Player, count: number, change: Partial<Target> = {}): string {
  const config = { environmentVariables: variables(count) };
  return world.call('createRelease', { ...at(change), config });
}

/** Whether an event leads a loaded record to a status. */
function leads(
  given: Given,
  from: Partial<ReleaseEntry>,
  move: {
    readonly event:
      'apply' | 'approve' | 'cancel' | 'goLive' | 'completePilot' | 'withdraw' | 'reject';
    readonly to: string;
  },
): boolean {
  const world = given({ releases: [record(from)] });
  const key = at({ app: from.app ?? target.app, environment: from.environment ?? 'Production' });
  return world.act(move.event, key) === success && world.release(key).status === move.to;
}

/** Whether an event is refused and changes nothing. */
function stays(
  given: Given,
  status: NonNullable<ReleaseEntry['status']>,
  event: 'apply' | 'cancel' | 'goLive',
): boolean {
  const world = given({ releases: [record({ status })] });
  const code = world.act(event, target);
  return code === 'TRANSITION_NOT_ALLOWED' && world.release().status === status;
}

const live = record({ version: '1.0.0', status: 'FullRelease' });
const liveKey = at({ version: '1.0.0' });
const reason = 'end of season';

export const scenarios: Readonly<Record<RuleId, Scenario>> = {
  'one-shot-target': (given) => {
    const world = given({ releases: [record({ status: 'Archived' })] });
    return (
      world.call('createRelease', { ...target, config: {} }) === 'RELEASE_TARGET_ALREADY_SELECTED'
    );
  },
  'spent-after-cancel': (given) => {
    const world = given({ releases: [record({ status: 'Canceled' })] });
    return (
      world.call('createRelease', { ...target, config: {} }) === 'RELEASE_TARGET_ALREADY_SELECTED'
    );
  },
  'starts-as-new-version-created': (given) => {
    const world = given();
    world.call('createRelease', { ...target, config: {} });
    return world.release().status === 'NewVersionCreated';
  },
  'initial-configuration': (given) => {
    const world = given();
    world.call('createRelease', { ...target, config: { merchantId: 'M-1' } });
    return world.release().config.merchantId === 'M-1';
  },
  'version-exists': (given) =>
    given().call('createRelease', { ...at({ version: '9.9.9' }), config: {} }) ===
    'VERSION_NOT_FOUND',
  'environment-provided': (given) => {
    const key = at({ app: 'small', environment: 'Sandbox' });
    return given().call('createRelease', { ...key, config: {} }) === 'ENVIRONMENT_NOT_AVAILABLE';
  },
  'production-always': (given) => {
    const world = given();
    world.act('setApp', { app: 'plain', environments: ['Sandbox'] });
    return world.world().apps.get('plain')?.environments.includes('Production') ?? false;
  },
  'four-environments': (given) => {
    const world = given();
    world.act('setApp', { app: 'plain', environments: ['Production', 'Staging'] });
    return world.world().apps.get('plain')?.environments.length === 4;
  },
  'workspace-of-creation': (given) =>
    given().call('listVersions', { ...coffee, workspace: 'umbra' }) === 'MINI_PROGRAM_NOT_FOUND',
  'type-fixed': (given) => {
    const world = given();
    world.act('editInfo', { ...coffee, type: 'H5+' });
    return world.program().type === 'DSL';
  },
  'info-reaches-unstarted': (given) => {
    const world = given({ releases: [record({ status: 'UnderReview' })] });
    const refused = world.act('editInfo', { ...coffee, name: 'Tea' });
    const isKept = world.program().name === 'coffee';
    const accepted = world.act('editInfo', { ...coffee, name: 'Tea', newVersion: '1.2.0' });
    return refused === 'NEW_VERSION_REQUIRED' && isKept && accepted === success;
  },

  'editable-in-new-version-created': (given) => {
    const statuses = [
      'UnderReview',
      'ReleasePreparation',
      'GrayscaleRelease',
      'FullRelease',
    ] as const;
    return statuses.every((status) => {
      const world = given({ releases: [record({ status })] });
      const code = world.call('patchReleaseConfig', { ...target, patch: { merchantId: 'M-2' } });
      return code === 'RELEASE_NOT_EDITABLE' && world.release().config.merchantId === undefined;
    });
  },
  'testers-in-pilot': (given) => {
    const world = given({
      releases: [record({ status: 'PilotTesting', config: { testers: ['1'] } })],
    });
    world.call('patchReleaseConfig', { ...target, patch: { testers: ['1', '2'] } });
    return world.release().config.testers?.length === 2;
  },
  'only-testers-in-pilot': (given) => {
    const world = given({ releases: [record({ status: 'PilotTesting' })] });
    const code = world.call('patchReleaseConfig', { ...target, patch: { merchantId: 'M-2' } });
    return code === 'RELEASE_NOT_EDITABLE' && world.release().config.merchantId === undefined;
  },
  'testers-per-target': (given) => {
    const world = given({ releases: [record(), record({ environment: 'Sandbox' })] });
    world.call('patchReleaseConfig', { ...target, patch: { testers: ['1'] } });
    return world.release(sandbox).config.testers === undefined;
  },
  'release-wins': (given) => {
    const releases = [record({ status: 'FullRelease', config: { merchantId: 'own' } })];
    const world = given({ releases, globalConfig: { merchantId: 'global' } });
    return world.release().frozen?.merchantId === 'own';
  },
  'global-is-default': (given) => {
    const releases = [record({ status: 'FullRelease' })];
    const world = given({ releases, globalConfig: { clientId: 'global' } });
    return world.release().frozen?.clientId === 'global';
  },
  'variables-release-only': (given) => {
    const world = given();
    const patch = { environmentVariables: { upsert: variables(1) } };
    world.act('editGlobalConfig', { ...coffee, patch });
    return world.program().globalConfig.environmentVariables === undefined;
  },
  'variables-dsl-only': (given) => {
    const world = given({ programs: [{ id: 'web', type: 'H5+', versions: ['1.1.0'] }] });
    return createWithVariables(world, 1, { miniProgram: 'web' }) === 'ENV_VARS_NOT_ENABLED';
  },
  'variables-limit': (given) =>
    createWithVariables(given(), 6) === 'ENV_VARS_LIMIT_EXCEEDED' &&
    createWithVariables(given(), 5) === success,
  'variables-enabled': (given) =>
    createWithVariables(given(), 1, { app: 'small' }) === 'ENV_VARS_NOT_ENABLED',
  'variables-feature': (given) => {
    const world = given({
      programs: [{ id: 'bare', variablesFeature: false, versions: ['1.1.0'] }],
    });
    return createWithVariables(world, 1, { miniProgram: 'bare' }) === 'ENV_VARS_NOT_ENABLED';
  },
  'domains-granted': (given) => {
    const world = given({ programs: [{ id: 'bound', versions: ['1.1.0'] }] });
    const key = at({ miniProgram: 'bound' });
    const config = { serverDomains: ['https://api.example'] };
    const created = world.call('createRelease', { ...key, config });
    const patched = world.call('patchGlobalConfig', {
      ...coffee,
      miniProgram: 'bound',
      patch: { wapUrls: ['https://web.example'] },
    });
    return created === 'DOMAIN_EDIT_NOT_GRANTED' && patched === 'DOMAIN_EDIT_NOT_GRANTED';
  },

  'qr-with-release': (given) => {
    const world = given();
    world.call('createRelease', { ...target, config: {} });
    return world.release().qr !== undefined;
  },
  'qr-on-configuration': (given) => {
    const world = given({ releases: [record()] });
    const before = world.release().qr;
    world.call('patchReleaseConfig', { ...target, patch: { merchantId: 'M-2' } });
    return world.release().qr !== before;
  },
  'qr-on-global-configuration': (given) => {
    const world = given({ releases: [record()] });
    const before = world.release().qr;
    world.call('patchGlobalConfig', { ...coffee, patch: { merchantId: 'M-2' } });
    return world.release().qr !== before;
  },
  'qr-on-information': (given) => {
    const world = given({ releases: [record()] });
    const before = world.release().qr;
    world.act('editInfo', { ...coffee, name: 'Tea' });
    return world.release().qr !== before;
  },

  'role-view': (given) => given().call('listVersions', coffee, stranger) === 'ACCESS_DENIED',
  'role-developer-views': (given) => given().call('listVersions', coffee, dev) === success,
  'role-developer-uploads': (given) =>
    given().act('uploadVersion', { ...coffee, version: '1.2.0', by: dev }) === success,
  'role-create-program': (given) => {
    const world = given();
    const refused = world.act('createMiniProgram', { ...coffee, miniProgram: 'tea', by: dev });
    const created = world.act('createMiniProgram', { ...coffee, miniProgram: 'milk', by: boss });
    return (
      refused === 'ROLE_NOT_ALLOWED' &&
      created === success &&
      world.program('milk').admins[0] === boss
    );
  },
  'role-select-target': (given) =>
    given().call('createRelease', { ...target, config: {} }, dev) !== success &&
    given().call('createRelease', { ...target, config: {} }, ada) === success,
  'role-release-configuration': (given) => {
    const setup = { releases: [record()] };
    const body = { ...target, patch: { merchantId: 'M-2' } };
    return (
      given(setup).call('patchReleaseConfig', body, dev) !== success &&
      given(setup).call('patchReleaseConfig', body, ada) === success
    );
  },
  'role-global-configuration': (given) => {
    const body = { ...coffee, patch: { merchantId: 'M-2' } };
    return (
      given().call('patchGlobalConfig', body, dev) !== success &&
      given().call('patchGlobalConfig', body, ada) === success
    );
  },
  'role-apply': (given) => {
    const setup = { releases: [record({ status: 'UnderReview' })] };
    return given(setup).act('withdraw', { ...target, by: dev }) !== success;
  },
  'role-pilot': (given) => {
    const setup = { releases: [record({ environment: 'Sandbox', status: 'PilotTesting' })] };
    return given(setup).act('completePilot', { ...sandbox, by: dev }) !== success;
  },
  'role-go-live': (given) => {
    const setup = { releases: [record({ status: 'GrayscaleRelease' })] };
    return given(setup).act('goLive', { ...target, by: dev }) !== success;
  },
  'role-offline': (given) => {
    const setup = { releases: [live] };
    return given(setup).act('takeOffline', { ...liveKey, reason, by: dev }) !== success;
  },
  'role-information': (given) =>
    given().act('editInfo', { ...coffee, name: 'Tea', by: dev }) !== success,

  'apply-development-test': (given) =>
    (['Development', 'Test'] as const).every((environment) =>
      leads(given, { environment }, { event: 'apply', to: 'FullRelease' }),
    ),
  'apply-sandbox-review': (given) =>
    leads(
      given,
      { app: 'strict', environment: 'Sandbox' },
      { event: 'apply', to: 'UnderReview' },
    ) && leads(given, { environment: 'Sandbox' }, { event: 'apply', to: 'FullRelease' }),
  'apply-production-review': (given) => leads(given, {}, { event: 'apply', to: 'UnderReview' }),
  'apply-once': (given) => stays(given, 'UnderReview', 'apply'),
  'withdraw-under-review': (given) =>
    leads(given, { status: 'UnderReview' }, { event: 'withdraw', to: 'NewVersionCreated' }),
  'reject-under-review': (given) =>
    leads(given, { status: 'UnderReview' }, { event: 'reject', to: 'NewVersionCreated' }),
  'approved-with-pilot': (given) =>
    leads(given, { app: 'pilot', status: 'UnderReview' }, { event: 'approve', to: 'PilotTesting' }),
  'approved-without-pilot': (given) =>
    leads(given, { status: 'UnderReview' }, { event: 'approve', to: 'ReleasePreparation' }),
  'pilot-cancel': (given) =>
    leads(given, { app: 'pilot', status: 'PilotTesting' }, { event: 'cancel', to: 'Canceled' }),
  'pilot-complete': (given) =>
    leads(
      given,
      { app: 'pilot', status: 'PilotTesting' },
      { event: 'completePilot', to: 'GrayscaleRelease' },
    ),
  'preparation-grayscale': (given) => {
    const world = given({ releases: [record({ status: 'ReleasePreparation' })] });
    world.act('gray', { ...target, percentage: 10 });
    return world.release().status === 'GrayscaleRelease' && world.release().percentage === 10;
  },
  'preparation-full': (given) =>
    leads(given, { status: 'ReleasePreparation' }, { event: 'goLive', to: 'FullRelease' }),
  'preparation-cancel': (given) =>
    leads(given, { status: 'ReleasePreparation' }, { event: 'cancel', to: 'Canceled' }),
  'grayscale-up': (given) => {
    const world = given({ releases: [record({ status: 'GrayscaleRelease', percentage: 10 })] });
    world.act('gray', { ...target, percentage: 50 });
    return world.release().percentage === 50;
  },
  'grayscale-complete': (given) => {
    const setup = { releases: [record({ status: 'GrayscaleRelease', percentage: 10 })] };
    const world = given(setup);
    world.act('gray', { ...target, percentage: 100 });
    return (
      world.release().status === 'FullRelease' &&
      leads(given, { status: 'GrayscaleRelease' }, { event: 'goLive', to: 'FullRelease' })
    );
  },
  'grayscale-cancel': (given) =>
    leads(given, { status: 'GrayscaleRelease' }, { event: 'cancel', to: 'Canceled' }),
  'go-live-late': (given) => stays(given, 'PilotTesting', 'goLive'),
  'no-early-cancel': (given) =>
    stays(given, 'NewVersionCreated', 'cancel') && stays(given, 'UnderReview', 'cancel'),
  'full-is-not-cancelled': (given) => stays(given, 'FullRelease', 'cancel'),
  'canceled-is-final': (given) => stays(given, 'Canceled', 'apply'),
  'archived-is-final': (given) => stays(given, 'Archived', 'goLive'),
  'full-archives-previous': (given) => {
    const environment = 'Sandbox';
    const releases = [
      { ...live, environment } as const,
      record({ environment, status: 'PilotTesting' }),
    ];
    const world = given({ releases });
    world.act('completePilot', sandbox);
    return world.release({ ...liveKey, environment }).status === 'Archived';
  },

  'offline-needs-full': (given) => {
    const world = given({ releases: [record({ status: 'ReleasePreparation' })] });
    return world.act('takeOffline', { ...target, reason }) === 'TRANSITION_NOT_ALLOWED';
  },
  'offline-none-under-way': (given) =>
    (['UnderReview', 'PilotTesting', 'GrayscaleRelease'] as const).every((status) => {
      const world = given({ releases: [live, record({ status })] });
      return world.act('takeOffline', { ...liveKey, reason }) === 'TRANSITION_NOT_ALLOWED';
    }),
  'offline-reason': (given) =>
    given({ releases: [live] }).act('takeOffline', liveKey) === 'REASON_REQUIRED',
  'offline-production-approval': (given) => {
    const world = given({ releases: [live] });
    world.act('takeOffline', { ...liveKey, reason });
    return world.release(liveKey).status === 'FullRelease';
  },
  'offline-sandbox-approval': (given) => {
    const place = { app: 'strict', environment: 'Sandbox' } as const;
    const world = given({ releases: [{ ...live, ...place }] });
    world.act('takeOffline', { ...liveKey, ...place, reason });
    return world.release({ ...liveKey, ...place }).status === 'FullRelease';
  },
  'offline-development-test': (given) =>
    (['Development', 'Test'] as const).every((environment) => {
      const world = given({ releases: [{ ...live, environment }] });
      world.act('takeOffline', { ...liveKey, environment, reason });
      return world.release({ ...liveKey, environment }).status === 'Archived';
    }),
  // Two ways to ask, since each needs a rule of its own.
  'approval-requests': (given) => {
    const strict = { app: 'strict', environment: 'Sandbox' } as const;
    const world = given({ releases: [live, { ...live, ...strict }] });
    world.act('takeOffline', { ...liveKey, reason, by: ada });
    world.act('takeOffline', { ...liveKey, ...strict, reason, by: ada });
    const [request] = world.world().approvals;
    return request?.status === 'InReview' && request.submittedBy === ada;
  },
};

/** A maker of worlds in which some rules do not hold. */
export function givenWithout(...without: readonly RuleId[]): Given {
  return (setup) => player(setup, { without });
}
