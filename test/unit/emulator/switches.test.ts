import { describe, expect, it } from 'vitest';

import {
  contractSwitches,
  defaultSwitches,
  inferredSwitches,
  switchProblems,
  type Switches,
} from '../../../src/emulator/world/switches.ts';
import type { ReleaseEntry } from '../../../src/emulator/world/world-schema.ts';
import { coffee, player, target, type Player, type Setup, type Target } from './players.ts';

function record(change: Partial<ReleaseEntry> = {}): ReleaseEntry {
  const { version, app, environment } = target;
  return { version, app, environment, ...change };
}

const at = (change: Partial<Target>): Target => ({ ...target, ...change });
const sandbox = at({ environment: 'Sandbox' });
const live = record({ version: '1.0.0', status: 'FullRelease' });

interface Case {
  readonly setup?: Setup;
  /** Does it, and tells what can be seen of it. */
  readonly observe: (world: Player) => unknown;
  readonly byDefault: unknown;
  readonly switched: Partial<Switches>;
  readonly then: unknown;
}

/** Every inferred behaviour: what is seen by default, and what under another value. */
const cases: Readonly<Record<keyof typeof inferredSwitches, Case>> = {
  afterWithdraw: {
    setup: { releases: [record({ status: 'UnderReview' })] },
    observe: (world) => [world.act('withdraw', target), world.release().status],
    byDefault: ['SUCCESS', 'NewVersionCreated'],
    switched: { afterWithdraw: 'Archived' },
    then: ['SUCCESS', 'Archived'],
  },
  afterReject: {
    setup: { releases: [record({ status: 'UnderReview' })] },
    observe: (world) => [world.act('reject', target), world.release().status],
    byDefault: ['SUCCESS', 'NewVersionCreated'],
    switched: { afterReject: 'Canceled' },
    then: ['SUCCESS', 'Canceled'],
  },
  developmentAndTest: {
    setup: { releases: [record({ environment: 'Test' })] },
    observe: (world) => {
      world.act('apply', at({ environment: 'Test' }));
      return world.release(at({ environment: 'Test' })).status;
    },
    byDefault: 'FullRelease',
    switched: { developmentAndTest: 'ReleasePreparation' },
    then: 'ReleasePreparation',
  },
  sandboxWithoutReview: {
    setup: { releases: [record({ app: 'pilot', environment: 'Sandbox' })] },
    observe: (world) => {
      world.act('apply', { ...sandbox, app: 'pilot' });
      return world.release({ ...sandbox, app: 'pilot' }).status;
    },
    byDefault: 'PilotTesting',
    switched: { sandboxWithoutReview: 'FullRelease' },
    then: 'FullRelease',
  },
  sandboxApproved: {
    setup: { releases: [record({ app: 'strict', environment: 'Sandbox', status: 'UnderReview' })] },
    observe: (world) => {
      world.act('approve', { ...sandbox, app: 'strict' });
      return world.release({ ...sandbox, app: 'strict' }).status;
    },
    byDefault: 'FullRelease',
    switched: { sandboxApproved: 'ReleasePreparation' },
    then: 'ReleasePreparation',
  },
  sandboxPilotComplete: {
    setup: { releases: [record({ environment: 'Sandbox', status: 'PilotTesting' })] },
    observe: (world) => {
      world.act('completePilot', sandbox);
      return world.release(sandbox).status;
    },
    byDefault: 'FullRelease',
    switched: { sandboxPilotComplete: 'GrayscaleRelease' },
    then: 'GrayscaleRelease',
  },
  afterOffline: {
    setup: { releases: [live] },
    observe: (world) => {
      const key = at({ version: '1.0.0' });
      world.act('takeOffline', { ...key, reason: 'end of season' });
      world.act('approve', key);
      return world.release(key).status;
    },
    byDefault: 'Archived',
    switched: { afterOffline: 'Canceled' },
    then: 'Canceled',
  },
  grayscaleStart: {
    setup: { releases: [record({ status: 'PilotTesting' })] },
    observe: (world) => {
      world.act('completePilot', target);
      return world.release().percentage;
    },
    byDefault: 0,
    switched: { grayscaleStart: 5 },
    then: 5,
  },
  grayscaleDecrease: {
    setup: { releases: [record({ status: 'GrayscaleRelease', percentage: 50 })] },
    observe: (world) => [
      world.act('gray', { ...target, percentage: 10 }),
      world.release().percentage,
    ],
    byDefault: ['PARAM_ILLEGAL', 50],
    switched: { grayscaleDecrease: true },
    then: ['SUCCESS', 10],
  },
  globalFreezePoint: {
    observe: (world) => {
      world.call('createRelease', { ...target, config: {} });
      world.call('patchGlobalConfig', { ...coffee, patch: { clientId: 'later' } });
      world.act('apply', target);
      return world.release().frozen;
    },
    byDefault: { clientId: 'later' },
    switched: { globalFreezePoint: 'create' },
    then: {},
  },
  precedence: {
    setup: {
      globalConfig: { testers: ['1', '2'] },
      releases: [record({ config: { testers: ['3'] } })],
    },
    observe: (world) => {
      world.act('apply', target);
      return world.release().frozen?.testers;
    },
    byDefault: ['3'],
    switched: { precedence: 'mergeLists' },
    then: ['1', '2', '3'],
  },
  emptyList: {
    observe: (world) => {
      world.call('createRelease', { ...target, config: { testers: [] } });
      return world.release().config;
    },
    byDefault: { testers: [] },
    switched: { emptyList: 'inherit' },
    then: {},
  },
  newerWhileUnderReview: {
    setup: { releases: [record({ version: '1.0.0', status: 'UnderReview' }), record()] },
    observe: (world) => world.act('apply', target),
    byDefault: 'SUCCESS',
    switched: { newerWhileUnderReview: false },
    then: 'TRANSITION_NOT_ALLOWED',
  },
  versionOrder: {
    observe: (world) => [
      world.act('uploadVersion', { ...coffee, version: '1.0.5' }),
      world.act('uploadVersion', { ...coffee, version: '1.10.0' }),
    ],
    byDefault: ['SUCCESS', 'SUCCESS'],
    switched: { versionOrder: 'increasing' },
    then: ['PARAM_ILLEGAL', 'SUCCESS'],
  },
  maxTesters: {
    observe: (world) =>
      [100, 101].map((count) => {
        const testers = Array.from({ length: count }, (_, index) => `${index}`);
        const version = count === 100 ? '1.0.0' : '1.1.0';
        return world.call('createRelease', { ...target, version, config: { testers } });
      }),
    byDefault: ['SUCCESS', 'TESTERS_LIMIT_EXCEEDED'],
    switched: { maxTesters: 0 },
    then: ['SUCCESS', 'SUCCESS'],
  },
  testersScope: {
    setup: {
      releases: [
        record({
          version: '1.0.0',
          config: { testers: Array.from({ length: 99 }, (_, i) => `${i}`) },
        }),
      ],
    },
    observe: (world) => world.call('createRelease', { ...target, config: { testers: ['a', 'b'] } }),
    byDefault: 'SUCCESS',
    switched: { testersScope: 'program' },
    then: 'TESTERS_LIMIT_EXCEEDED',
  },
  maxTextLength: {
    observe: (world) =>
      world.call('createRelease', { ...target, config: { clientId: 'x'.repeat(33) } }),
    byDefault: 'SUCCESS',
    switched: { maxTextLength: 32 },
    then: 'PARAM_ILLEGAL',
  },
  qrOnNoop: {
    setup: { releases: [record({ config: { clientId: 'C' } })] },
    observe: (world) => {
      const { qr, revision } = world.release();
      world.call('patchReleaseConfig', { ...target, patch: { clientId: 'C' } });
      return [world.release().qr === qr, world.release().revision === revision];
    },
    byDefault: [true, true],
    switched: { qrOnNoop: true },
    then: [false, true],
  },
};

describe('inferred behaviour is a switch', () => {
  it('every one is shown below', () => {
    expect(Object.keys(cases)).toEqual(Object.keys(inferredSwitches));
  });

  it.each(Object.entries(cases))('%s', (_name, { setup, observe, byDefault, switched, then }) => {
    expect(observe(player(setup)), 'by default').toEqual(byDefault);
    expect(observe(player(setup, { switches: switched })), JSON.stringify(switched)).toEqual(then);
  });
});

describe('switches of a person', () => {
  it.each([
    { name: 'all defaults', given: defaultSwitches, expected: [] },
    {
      name: 'a name there is not',
      given: { afterWithdrawl: 'Archived' },
      expected: ['there is no switch "afterWithdrawl"'],
    },
    {
      name: 'a value there is not',
      given: { variables: 'secret' },
      expected: ['switch variables is one of readable, hidden'],
    },
    { name: 'another type', given: { marks: 'no' }, expected: ['switch marks is a boolean'] },
    {
      name: 'two mistakes',
      given: { marks: 0, frozen: 1 },
      expected: ['switch marks is a boolean', 'switch frozen is a boolean'],
    },
  ])('$name', ({ given, expected }) => {
    expect(switchProblems(given)).toEqual(expected);
  });

  it('are all of one table', () => {
    const names = [...Object.keys(inferredSwitches), ...Object.keys(contractSwitches)];

    expect(names.toSorted()).toEqual(Object.keys(defaultSwitches).toSorted());
  });
});
