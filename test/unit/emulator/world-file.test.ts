import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { statuses } from '../../../src/core/words/statuses.ts';
import { dumpWorld, loadWorld, WorldFileError } from '../../../src/emulator/world-file.ts';
import { coffee, now, player, target } from './players.ts';
import { step, type CallRequest } from '../../../src/emulator/world.ts';

const page = readFileSync(new URL('../../../docs/emulator.md', import.meta.url), 'utf8');
const [, documented = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];

function problemsOf(text: string): readonly string[] {
  try {
    loadWorld(text);
    return [];
  } catch (error) {
    if (error instanceof WorldFileError) return error.problems;
    throw error;
  }
}

it('the documented world file loads, and its comments on defaults are true', () => {
  const full = loadWorld(documented.replace(/, publicKeyFile: ci.pub.pem/, ''));
  const bare = loadWorld(
    'apps: [{ id: megapay }]\nworkspaces: [{ id: acme, miniPrograms: [{ id: a }] }]',
  );

  expect(full.releases.toArray()).toMatchObject([
    {
      version: '2.3.0',
      status: 'FullRelease',
      frozen: { serverDomains: ['https://api.acme.example'] },
    },
  ]);
  expect(bare.platformId).toBe('emulator');
  expect(bare.apps.get('megapay')).toEqual({
    ...{ id: 'megapay', name: 'megapay', environments: ['Production'] },
    ...{ pilotTesting: false, sandboxReview: false, environmentVariables: false },
  });
  expect(bare.programs.get('acme/a')).toMatchObject({
    ...{ name: 'a', type: 'DSL', domainsGranted: false, variablesFeature: true },
    ...{ admins: [], developers: [], versions: [] },
  });
  expect([...bare.clients.keys()]).toEqual(['fairlead-ci']);
  expect(bare.workspaces.get('acme')?.admins).toEqual(['fairlead-ci']);
});

it('an empty file is a platform without anything', () => {
  const world = loadWorld('');

  expect([world.apps.size, world.workspaces.size, world.clients.size]).toEqual([0, 0, 1]);
});

it('the same file makes the same world', () => {
  const text = documented.replace(/, publicKeyFile: ci.pub.pem/, '');

  expect(dumpWorld(loadWorld(text))).toBe(dumpWorld(loadWorld(text)));
});

describe('a dump', () => {
  function livedIn() {
    const environmentVariables = [{ name: 'KEY', value: 'v' }];
    const releases = statuses.map((status, index) => ({
      ...{ version: index < 4 ? '1.0.0' : '1.1.0', app: 'plain', status },
      environment: (['Production', 'Sandbox', 'Test', 'Development'] as const)[index % 4] ?? 'Test',
      config: { environmentVariables, testers: ['2', '1'] },
    }));
    const world = player(
      { releases, globalConfig: { merchantId: 'M-1' } },
      { switches: { marks: true, cappedPageSize: 3 } },
    );
    world.call('createRelease', { ...target, app: 'pilot', config: { clientId: 'C' }, mark: 'm' });
    world.act('apply', { ...target, app: 'pilot', by: 'ada' });
    world.call('patchGlobalConfig', { ...coffee, patch: { clientId: 'G' }, mark: 'g' });
    world.act('editInfo', { ...coffee, name: 'Espresso', newVersion: '2.0.0' });
    return world.world();
  }

  it('loaded again is dumped the same', () => {
    const dump = dumpWorld(livedIn());

    expect(dumpWorld(loadWorld(dump))).toBe(dump);
  });

  it('loaded again answers the same, and goes on the same', () => {
    const before = livedIn();
    const after = loadWorld(dumpWorld(before));
    const ask = (world: typeof before, operation: string, body: object) =>
      step(world, { kind: 'call', client: 'boss', operation, body } as unknown as CallRequest, now)
        .response;

    const calls = [
      ['getPlatform', {}],
      ['listMiniPrograms', { workspace: 'acme' }],
      ['listReleases', { workspace: 'acme' }],
      ['listTargets', coffee],
      ['listVersions', coffee],
      ['createRelease', { ...target, version: '2.0.0', config: {} }],
      ['patchReleaseConfig', { ...target, version: '1.0.0', patch: { clientId: 'D' } }],
    ] as const;

    for (const [operation, body] of calls)
      expect(ask(after, operation, body), operation).toEqual(ask(before, operation, body));
    expect(after.approvals.toArray()).toEqual(before.approvals.toArray());
  });
});

describe('mistakes', () => {
  it.each([
    { name: 'no YAML', text: 'apps: [', expected: /./ },
    {
      name: 'an unknown member',
      text: 'apps: []\n\nworkspace: []',
      expected: /^world:3:1 a world has no "workspace"; did you mean workspaces\?$/,
    },
    {
      name: 'an unknown member deeper down',
      text: 'apps:\n  - id: a\n    pilottesting: true\n',
      expected: /^world:3:5 apps\[0\] has no "pilottesting"; did you mean pilotTesting\?$/,
    },
    {
      name: 'two documents',
      text: 'apps: []\n---\napps: []\n',
      expected: /^world:2:1 a second document starts here/,
    },
    {
      name: 'a declaration',
      text: 'apiVersion: fairlead.dev/v1alpha1\nkind: MiniProgram\n',
      expected: /^world:1:1 this is a Fairlead document/,
    },
    {
      name: 'a missing id',
      text: 'apps: [{ name: a }]',
      expected: /^world:1:8 apps\[0\] lacks id$/,
    },
    {
      name: 'a number for text',
      text: 'apps: [{ id: 7 }]',
      expected: /^world:1:10 apps\[0\]\.id must be text; quote it/,
    },
    {
      name: 'an unknown environment',
      text: 'apps: [{ id: a, environments: [Staging] }]',
      expected: /^world:1:\d+ apps\[0\]\.environments\[0\] must be one of Production, /,
    },
    {
      name: 'no Production',
      text: 'apps: [{ id: a, environments: [Test] }]',
      expected: /lacks Production/,
    },
    {
      name: 'an app twice',
      text: 'apps: [{ id: a }, { id: a }]',
      expected: /^world:1:19 app a is there twice$/,
    },
    { name: 'an unknown switch', text: 'switches: { nope: 1 }', expected: /no switch "nope"/ },
    {
      name: 'a public key that is not there',
      text: 'clients: [{ id: a, publicKeyFile: /nowhere.pem }]',
      expected: /cannot be read/,
    },
    {
      name: 'variables in the global configuration',
      text: 'workspaces: [{ id: w, miniPrograms: [{ id: p, globalConfig: { environmentVariables: [] } }] }]',
      expected: /environmentVariables/,
    },
    {
      name: 'a release of a version there is not',
      text: 'apps: [{ id: a }]\nworkspaces: [{ id: w, miniPrograms: [{ id: p, releases: [{ version: "1", app: a, environment: Production }] }] }]',
      expected: /release w\/p\/1\/a\/Production: there is no such version/,
    },
    {
      name: 'a release in an app there is not',
      text: 'workspaces: [{ id: w, miniPrograms: [{ id: p, versions: ["1"], releases: [{ version: "1", app: a, environment: Production }] }] }]',
      expected: /there is no app a/,
    },
  ])('$name', ({ text, expected }) => {
    expect(problemsOf(text).join('\n')).toMatch(expected);
  });

  it('are told all at once', () => {
    expect(problemsOf('apps: [{ id: a }, { id: a }]\nswitches: { x: 1, y: 2 }')).toHaveLength(3);
  });
});
