import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ControlPlane } from '../support/control-plane.ts';
import { home, version } from './crds-documents.ts';
import { wholes } from './crds-wholes.ts';
import { documentOf, judge, startWithDefinitions } from './crds-stage.ts';

let plane: ControlPlane;
let namespace: string;

beforeAll(async () => {
  plane = await startWithDefinitions();
  namespace = await plane.namespace();
});

afterAll(async () => {
  await plane.stop();
});

describe('what the API server refuses', () => {
  const at = (kind: string, spec: unknown) => judge(plane, namespace, documentOf(kind, spec));

  it.each([
    {
      name: 'a program without a home',
      kind: 'MiniProgram',
      spec: {},
      says: 'spec: Required value: The program does not say where it lives: give workspace and id as the console shows them, or instances.',
    },
    {
      name: 'instances beside an id',
      kind: 'MiniProgram',
      spec: { ...home, instances: [{ apps: ['a'], ...home }] },
      says: 'spec: Forbidden: connection, workspace and id cannot stand beside instances: move them into the instances.',
    },
    {
      name: 'an app in two instances',
      kind: 'MiniProgram',
      spec: {
        instances: [
          { apps: ['a'], ...home },
          { apps: ['a'], workspace: 'w', id: '1' },
        ],
      },
      says: 'spec.instances: Invalid value: An app stands in two instances: keep it in the one whose console releases to it.',
    },
    {
      name: 'a target whose app no instance has',
      kind: 'MiniProgram',
      spec: {
        instances: [{ apps: ['a'], ...home }],
        targets: [{ app: 'b', environment: 'Test' }],
      },
      says: 'spec.targets: Invalid value: The app of a target stands in no instance: add it to the apps of the instance that releases to it.',
    },
    {
      name: 'variables in the global configuration',
      kind: 'MiniProgram',
      spec: { ...home, globalConfig: { environmentVariables: [{ name: 'A', value: 'a' }] } },
      says: 'spec.globalConfig.environmentVariables: Forbidden: Environment variables cannot stand in globalConfig, since the platform has them per release only: move them to spec.config, to a target, or to a ConfigProfile.',
    },
    {
      name: 'a field twice in one layer',
      kind: 'MiniProgramRelease',
      spec: {
        ...version,
        targets: [
          {
            app: 'a',
            environment: 'Test',
            config: { testers: ['1'] },
            extend: { testers: ['2'] },
          },
        ],
      },
      says: 'spec.targets[0]: Invalid value: testers is said twice in one layer: say it once, in config, in extend or in unset.',
    },
    {
      name: 'an addition to a text',
      kind: 'ConfigProfile',
      spec: { extend: { merchantId: 'M' } },
      says: 'spec.extend.merchantId: Forbidden: extend adds to lists (serverDomains, wapUrls, testers) only: move merchantId to config.',
    },
    {
      name: 'six variables',
      kind: 'MiniProgramRelease',
      spec: {
        ...version,
        targets: [
          {
            app: 'a',
            environment: 'Test',
            config: {
              environmentVariables: ['A', 'B', 'C', 'D', 'E', 'F'].map((name) => ({
                name,
                value: 'v',
              })),
            },
          },
        ],
      },
      says: 'spec.targets[0].config: Invalid value: The platform keeps at most five environment variables per release: remove some, or put several values into one.',
    },
    {
      name: 'a release without a target',
      kind: 'MiniProgramRelease',
      spec: version,
      says: 'spec: Required value: The release names no target: add environments to select standing targets of the program, or targets of its own.',
    },
    {
      name: "a file of the controller in a namespace's source",
      kind: 'GitSource',
      spec: {
        url: 'https://git.example/r.git',
        credentials: { token: { file: '/var/run/secrets/token' } },
      },
      says: 'spec.credentials.token: Invalid value: Name a Secret of this namespace in secretKeyRef: files and variables of the controller belong to its administrator.',
    },
  ])('$name', async ({ kind, spec, says }) => {
    const { applied, created } = await at(kind, spec);

    expect(applied).toBe(`${kind}.fairlead.dev "coffee" is invalid: ${says}`);
    expect(created).toBe(applied);
  });

  it('never repeats a password of an address', async () => {
    const source = await at('GitSource', { url: 'https://ci:hunter22@git.example/r.git' });
    const broken = await at('GitSource', { url: 'gopher://ci:hunter22@git.example/r.git' });
    const connection = await at('PlatformConnection', {
      ...(wholes['PlatformConnection'] as object),
      endpoint: 'http://ci:hunter22@api.megapay.example',
    });

    const said = [source, broken, connection].map(({ applied }) => applied ?? 'taken');
    expect(said.filter((text) => text === 'taken' || text.includes('hunter22'))).toEqual([]);
  });
});

describe('identity', () => {
  const instance = (id: string, app: string) => ({ apps: [app], workspace: 'acme', id });

  it.each([
    {
      name: 'the id of a program',
      kind: 'MiniProgram',
      before: home,
      after: { ...home, id: '36' },
      says: 'spec: Forbidden: connection, workspace and id never change: they say which mini program this is. Create another MiniProgram; deleting this one changes nothing on the platform.',
    },
    {
      name: 'the workspace of a program',
      kind: 'MiniProgram',
      before: home,
      after: { ...home, workspace: 'other' },
      says: 'spec: Forbidden: connection, workspace and id never change: they say which mini program this is. Create another MiniProgram; deleting this one changes nothing on the platform.',
    },
    {
      name: 'the connection of a program',
      kind: 'MiniProgram',
      before: home,
      after: { ...home, connection: 'other' },
      says: 'spec: Forbidden: connection, workspace and id never change: they say which mini program this is. Create another MiniProgram; deleting this one changes nothing on the platform.',
    },
    {
      name: 'the connection that was omitted, now by its name',
      kind: 'MiniProgram',
      before: home,
      after: { ...home, connection: 'default' },
      says: undefined,
    },
    {
      name: 'one console becomes two',
      kind: 'MiniProgram',
      before: home,
      after: { instances: [{ apps: ['a'], ...home }, instance('36', 'b')] },
      says: undefined,
    },
    {
      name: 'one console becomes another',
      kind: 'MiniProgram',
      before: home,
      after: { instances: [instance('36', 'a')] },
      says: 'spec: Forbidden: connection, workspace and id never change: they say which mini program this is. Create another MiniProgram; deleting this one changes nothing on the platform.',
    },
    {
      name: 'an instance more, and an app more',
      kind: 'MiniProgram',
      before: { instances: [instance('1', 'a')] },
      after: { instances: [instance('2', 'b'), { ...instance('1', 'a'), apps: ['a', 'c'] }] },
      says: undefined,
    },
    {
      name: 'an instance less',
      kind: 'MiniProgram',
      before: { instances: [instance('1', 'a'), instance('2', 'b')] },
      after: { instances: [instance('1', 'a')] },
      says: 'spec: Forbidden: An instance keeps its connection, workspace and id: add another instance beside it, or create another MiniProgram.',
    },
    {
      name: 'the id of an instance',
      kind: 'MiniProgram',
      before: { instances: [instance('1', 'a')] },
      after: { instances: [instance('2', 'a')] },
      says: 'spec: Forbidden: An instance keeps its connection, workspace and id: add another instance beside it, or create another MiniProgram.',
    },
    {
      name: 'the version of a release',
      kind: 'MiniProgramRelease',
      before: { ...version, environments: ['Test'] },
      after: { ...version, version: '2.4.1', environments: ['Test'] },
      says: 'spec.version: Forbidden: version of a release never changes: create another MiniProgramRelease.',
    },
    {
      name: 'the program of a release',
      kind: 'MiniProgramRelease',
      before: { ...version, environments: ['Test'] },
      after: { ...version, miniProgram: 'tea', environments: ['Test'] },
      says: 'spec.miniProgram: Forbidden: miniProgram of a release never changes: create another MiniProgramRelease.',
    },
    {
      name: 'another environment of a release',
      kind: 'MiniProgramRelease',
      before: { ...version, environments: ['Test'] },
      after: { ...version, environments: ['Test', 'Production'] },
      says: undefined,
    },
  ])('$name', async ({ kind, before, after, says }) => {
    const own = await plane.namespace();
    const input = JSON.stringify(documentOf(kind, before));
    const made = await plane.kubectl(['apply', '--server-side', '-n', own, '-f', '-'], { input });

    const { applied } = await judge(plane, own, documentOf(kind, after));

    expect(made.stderr).toBe('');
    expect(applied).toBe(
      says === undefined ? undefined : `${kind}.fairlead.dev "coffee" is invalid: ${says}`,
    );
  });
});
