import { markOf, record } from '../plan/fixtures.ts';
import {
  both,
  drifted,
  objects,
  one,
  outdated,
  production,
  sandbox,
  source,
  type State,
} from './state.ts';

export const readyStates: readonly State[] = [
  {
    name: 'as declared on both targets',
    stands: 'True InSync 2/2',
    verdict: 'Current',
    why: 'nothing is missing',
    scene: { objects: objects(), records: [sandbox, production] },
  },
  {
    name: 'just applied: both records were created',
    stands: 'True InSync 2/2',
    verdict: 'Current',
    why: 'the executor compared the answers; nobody waits for another pass',
    scene: { objects: objects(), carry: 'applied' },
  },
  {
    name: 'live for its users: what differs takes effect with the next version',
    stands: 'True InSync 1/1',
    verdict: 'Current',
    why: 'a live release cannot change; a new version carries the difference',
    scene: {
      objects: objects(one),
      records: [record({ status: 'FullRelease', config: {}, frozen: { merchantId: 'M-0' } })],
    },
  },
  {
    name: 'somebody changed it in the console, and policy reports it',
    stands: 'True DriftReported 2/2 held 1',
    verdict: 'Current',
    why: 'policy leaves it, and people see it all the same',
    scene: { objects: objects(), records: [drifted, production] },
  },
  {
    name: 'somebody changed it in the console, and policy ignores it',
    stands: 'True DriftIgnored 2/2 held 1',
    verdict: 'Current',
    why: 'policy leaves it',
    scene: {
      objects: objects(both, '  policy: { onDrift: Ignore }'),
      records: [drifted, production],
    },
  },
  {
    name: 'suspended with nothing to write',
    stands: 'True Suspended 1/1',
    verdict: 'Current',
    why: 'a forgotten suspension must show',
    scene: { objects: objects(`${one}\n  suspend: { reason: audit week }`), records: [sandbox] },
  },
  {
    name: 'suspended while a change waits',
    stands: 'True Suspended 0/1 held 1',
    verdict: 'Current',
    why: 'a suspension is wanted: nothing waits for anybody',
    scene: { objects: objects(`${one}\n  suspend: { reason: audit week }`), records: [outdated] },
  },
  {
    name: 'pilot testing goes on with testers nobody declared',
    stands: 'True DriftReported 1/1 held 1',
    verdict: 'Current',
    why: 'testers cannot be removed meanwhile, whoever wants it',
    scene: {
      objects: objects(
        '  targets:\n    - { app: megapay, environment: Sandbox, config: { merchantId: M-1, testers: ["2"] } }',
      ),
      records: [
        record({
          status: 'PilotTesting',
          config: { merchantId: 'M-1', testers: ['2', '3'] },
          frozen: { merchantId: 'M-1' },
          mark: markOf({ merchantId: 'M-1', testers: ['2'] }, source),
        }),
      ],
    },
  },
];
