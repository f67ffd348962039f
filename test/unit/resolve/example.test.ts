import { expect, it } from 'vitest';
import { originText } from '../../../src/core/words/places.ts';
import { flat, load, locateIn, resolveSources } from './world.ts';

const coffee = `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: coffee }
spec:
  connection: default
  workspace: acme
  id: "3500020208396321"
  globalConfig:
    serverDomains: [https://api.acme.example]
  profiles: [qa-team]
  targets:
    - { app: megapay, environment: Sandbox,    config: { merchantId: M-77-T } }
    - { app: megapay, environment: Production, config: { merchantId: M-77, clientId: "202005" } }
  policy:
    onChange: Apply
    onDrift: Report
    undeclared: Report
    environments: { Sandbox: { onDrift: Apply } }
---
apiVersion: fairlead.dev/v1alpha1
kind: ConfigProfile
metadata: { name: qa-team }
spec:
  appliesTo: { apps: [megapay], environments: [Sandbox, Test] }
  config: { testers: ["2088001", "2088002"] }
---
apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: coffee-2.4.0 }
spec:
  miniProgram: coffee
  version: 2.4.0
  environments: [Sandbox]
  targets:
    - app: tapngo
      environment: Test
      config:
        environmentVariables:
          - { name: PAYMENT_HOST, value: https://pay.acme.example }
          - { name: API_KEY, valueFrom: { secretKeyRef: { name: coffee-keys, key: apiKey } } }
      extend: { serverDomains: [https://cdn.acme.example] }
`;

it('resolves the documented example to exactly its two releases and its global configuration', () => {
  const sources = [load({ 'coffee.yaml': coffee })];

  const { programs, problems } = resolveSources(sources);

  expect(problems).toEqual([]);
  expect(programs).toHaveLength(1);
  const [{ key, connection, names, global, releases }] = programs as [(typeof programs)[number]];
  expect({ key, connection, names }).toEqual({
    key: { platform: 'default', workspace: 'acme', miniProgram: '3500020208396321' },
    connection: 'default',
    names: ['coffee'],
  });
  expect(flat(global!.config)).toEqual({ serverDomains: ['https://api.acme.example'] });
  expect(
    releases.map(({ key: { version, app, environment }, config, own, policy, name, source }) => ({
      at: `${version} ${app}/${environment}`,
      config: flat(config),
      ...{ own, policy, name, source },
    })),
  ).toEqual([
    {
      at: '2.4.0 megapay/Sandbox',
      config: { merchantId: 'M-77-T', testers: ['2088001', '2088002'] },
      own: false,
      policy: { onChange: 'Apply', onDrift: 'Apply', undeclared: 'Report' },
      name: 'coffee-2.4.0',
      source: 'cli',
    },
    {
      at: '2.4.0 tapngo/Test',
      config: {
        serverDomains: ['https://api.acme.example', 'https://cdn.acme.example'],
        'environmentVariables/API_KEY': '(coffee-keys/apiKey)',
        'environmentVariables/PAYMENT_HOST': 'https://pay.acme.example',
      },
      own: true,
      policy: { onChange: 'Apply', onDrift: 'Report', undeclared: 'Report' },
      name: 'coffee-2.4.0',
      source: 'cli',
    },
  ]);
});

it('keeps for every value the lines that gave it, lowest first', () => {
  const sources = [load({ 'coffee.yaml': coffee })];
  const locate = locateIn(sources);

  const [program] = resolveSources(sources).programs;

  const origins = program!.releases.flatMap(({ key, config }) =>
    Object.entries(config).map(([path, field]) => [
      `${key.app} ${path}`,
      field!.origins.map((place) => originText(locate(place))),
    ]),
  );
  expect(Object.fromEntries(origins)).toEqual({
    'megapay merchantId': ['coffee.yaml:12'],
    'megapay testers': ['coffee.yaml:25'],
    'tapngo serverDomains': ['coffee.yaml:9', 'coffee.yaml:41'],
    'tapngo environmentVariables/API_KEY': ['coffee.yaml:40'],
    'tapngo environmentVariables/PAYMENT_HOST': ['coffee.yaml:39'],
  });
  expect(
    program!.releases.map(({ claims }) => claims.map((place) => originText(locate(place)))),
  ).toEqual([['coffee.yaml:33', 'coffee.yaml:12'], ['coffee.yaml:35']]);
});
