import { record } from '../plan/fixtures.ts';
import { release, stream } from '../resolve/world.ts';
import {
  both,
  coffee,
  drifted,
  objects,
  one,
  production,
  outdated,
  sandbox,
  withSecret,
  type State,
} from './state.ts';

export const blockedStates: readonly State[] = [
  {
    name: 'too late: it is under review',
    stands: 'False ConfigLocked 0/1 blocked 1',
    verdict: 'InProgress',
    why: 'a withdrawal resolves it without another declaration',
    scene: {
      objects: objects(
        '  targets:\n    - { app: megapay, environment: Sandbox, config: { merchantId: M-7 } }',
      ),
      records: [
        record({
          status: 'UnderReview',
          config: { merchantId: 'M-1' },
          frozen: { merchantId: 'M-1' },
        }),
      ],
    },
  },
  {
    name: 'canceled there: the target is spent',
    stands: 'False TargetSpent 1/2 blocked 1',
    verdict: 'Failed',
    why: 'only another declaration helps',
    scene: {
      objects: objects(),
      records: [record({ status: 'Canceled', config: {} }), production],
    },
  },
  {
    name: 'another namespace declared it first',
    stands: 'False TargetConflict 0/2 blocked 2',
    verdict: 'InProgress',
    why: 'the other namespace can give it up',
    scene: {
      objects: {
        'team-a': stream(coffee(), release('1.0.0', both)),
        'team-b': stream(coffee(), release('1.0.0', both)),
      },
      records: [sandbox, production],
    },
    asked: { namespace: 'team-b' },
  },
  {
    name: 'not granted to its namespace',
    stands: 'False NotGranted 0/1 blocked 1',
    verdict: 'InProgress',
    why: 'the administrator can grant it',
    scene: { objects: { 'team-c': stream(coffee(), release('1.0.0', one)) } },
    asked: { namespace: 'team-c' },
  },
  {
    name: 'somebody else keeps changing it',
    stands: 'False Contended 0/1 blocked 1',
    verdict: 'InProgress',
    why: 'people have to agree',
    scene: {
      objects: objects(one, '  policy: { onDrift: Apply }'),
      records: [drifted],
      observed: { contended: { 'mp/acme/3500/1.0.0/megapay/Sandbox': ['merchantId'] } },
    },
  },
  {
    name: 'the program cannot be released there',
    stands: 'False TargetUnavailable 0/1 blocked 1',
    verdict: 'InProgress',
    why: 'the super app can open it',
    scene: {
      objects: objects(
        '  targets:\n    - { app: nopay, environment: Test, config: { merchantId: M-7 } }',
      ),
    },
  },
  {
    name: 'no environment variables there',
    stands: 'False VariablesUnavailable 0/1 blocked 1',
    verdict: 'InProgress',
    why: 'the feature can be asked for',
    scene: {
      objects: objects(withSecret()),
      observed: {
        targets: [{ app: 'megapay', environments: ['Sandbox'], environmentVariables: false }],
      },
    },
  },
  {
    name: 'a secret cannot be read',
    stands: 'False SecretUnavailable 0/1 blocked 1',
    verdict: 'InProgress',
    why: 'the Secret can be made',
    scene: { objects: objects(withSecret()), secretsRefused: true },
  },
  {
    name: 'the program may not edit its domains',
    stands: 'False DomainsNotGranted 0/1 blocked 1',
    verdict: 'InProgress',
    why: 'the workspace admin can authorize it',
    scene: {
      objects: objects(
        '  targets:\n    - { app: megapay, environment: Sandbox, config: { serverDomains: ["https://a.example"] } }',
      ),
      observed: { domainsGranted: false },
    },
  },
  {
    name: 'the client has no access to the program',
    stands: 'False AccessDenied 0/1 blocked 1',
    verdict: 'InProgress',
    why: 'the role can be given',
    scene: {
      objects: objects(one),
      observed: {
        refused: {
          reason: 'AccessDenied',
          message: 'the client is no admin',
          nextStep: "Give Fairlead's client the role Admin of mini program 3500.",
        },
      },
    },
  },
  {
    name: 'a profile it names is missing',
    stands: 'False ReferenceNotFound 0/1 blocked 1',
    verdict: 'InProgress',
    why: 'the profile can be applied later: the order of objects is free',
    scene: { objects: objects(`${one}\n  profiles: [eu-payments]`) },
  },
  {
    name: 'invalid: an environment without a standing target',
    stands: 'False Invalid 0/1 blocked 1',
    verdict: 'Failed',
    why: 'only another declaration helps',
    scene: {
      objects: objects(
        '  environments: [Test]\n  targets:\n    - { app: megapay, environment: Sandbox }',
      ),
    },
  },
  {
    name: 'mixed: one canceled, one to be written',
    stands: 'False TargetSpent 0/2 blocked 1',
    verdict: 'Failed',
    why: 'what only a person can change comes first, and the rest is told beside it',
    scene: { objects: objects(), records: [record({ status: 'Canceled', config: {} })] },
  },
  {
    name: 'one field written, the other not possible',
    stands: 'False DomainsNotGranted 0/1 blocked 1',
    verdict: 'InProgress',
    why: 'a field that cannot be given is missing on the platform',
    scene: {
      objects: objects(
        '  targets:\n    - { app: megapay, environment: Sandbox, config: { serverDomains: ["https://a.example"] } }',
      ),
      records: [outdated],
      observed: { domainsGranted: false },
      carry: 'applied',
    },
  },
  {
    name: 'invalid: a word that the kind does not know',
    stands: 'False Invalid 0/1 blocked 1',
    verdict: 'Failed',
    why: 'only another declaration helps',
    scene: { objects: objects(`${one}\n  colour: red`) },
  },
  {
    name: 'two releases of one namespace declare one target',
    stands: 'False Invalid 0/1 blocked 1',
    verdict: 'Failed',
    why: 'both are out, and each names the other',
    scene: {
      objects: {
        'team-a': stream(
          coffee(),
          release('1.0.0', one),
          release('1.0.0', one).replace('name: coffee-1.0.0', 'name: coffee-again'),
        ),
      },
    },
    asked: { name: 'coffee-again' },
  },
  {
    name: 'the program it names is missing',
    stands: 'False ReferenceNotFound 0/0',
    verdict: 'InProgress',
    why: 'the program can be applied later: the order of objects is free',
    scene: {
      objects: { 'team-a': stream(coffee(), release('1.0.0', one, 'tea')) },
    },
    asked: { name: 'tea-1.0.0' },
  },
];
