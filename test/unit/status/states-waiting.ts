import { epochMs } from '../../../src/core/words/time.ts';
import { hour, markOf, now, record } from '../plan/fixtures.ts';
import { program, release, stream } from '../resolve/world.ts';
import { both, foreign, home, objects, one, outdated, source, type State } from './state.ts';

export const waitingStates: readonly State[] = [
  {
    name: 'not looked at yet',
    stands: 'Unknown NotYetSeen 0/2',
    verdict: 'InProgress',
    why: 'nothing is known yet',
    scene: { objects: objects(), result: { state: 'unseen' } },
  },
  {
    name: 'about to be created',
    stands: 'False Progressing 0/1',
    verdict: 'InProgress',
    why: 'it comes by itself',
    scene: { objects: objects(one) },
  },
  {
    name: 'about to be updated',
    stands: 'False Progressing 0/1',
    verdict: 'InProgress',
    why: 'it comes by itself',
    scene: { objects: objects(one), records: [outdated] },
  },
  {
    name: 'about to be adopted: equal, and not marked yet',
    stands: 'False Progressing 0/1',
    verdict: 'InProgress',
    why: 'the mark is missing on the platform',
    scene: { objects: objects(one), records: [record({ config: { merchantId: 'M-1' } })] },
  },
  {
    name: 'not written: the lease ends too soon',
    stands: 'False Progressing 0/1',
    verdict: 'InProgress',
    why: 'the next holder of the lease writes it',
    scene: { objects: objects(one), carry: 'skipped' },
  },
  {
    name: 'the version is not uploaded, within a day',
    stands: 'False VersionNotUploaded 0/1 waiting 1',
    verdict: 'InProgress',
    why: 'an upload may follow the declaration by a day',
    scene: { objects: objects(one), observed: { versions: ['0.9.0'] }, since: epochMs(now - hour) },
  },
  {
    name: 'the version is not uploaded, after a day',
    stands: 'False VersionNotUploaded 0/1 blocked 1',
    verdict: 'InProgress',
    why: 'somebody forgot it; still no fault of the declaration',
    scene: {
      objects: objects(one),
      observed: { versions: ['0.9.0'] },
      since: epochMs(now - 25 * hour),
    },
  },
  {
    name: 'the platform does not know the mini program',
    stands: 'False MiniProgramNotFound 0/1 waiting 1',
    verdict: 'InProgress',
    why: 'it may be created in the console',
    scene: {
      objects: objects(one),
      observed: { existence: 'missing' },
      since: epochMs(now - hour),
    },
  },
  {
    name: 'policy asks before every change',
    stands: 'False AwaitingApproval 0/1 held 1',
    verdict: 'InProgress',
    why: 'a word of somebody else is missing',
    scene: { objects: objects(one, '  policy: { onChange: Plan }'), records: [outdated] },
  },
  {
    name: 'policy asks, and nobody makes sure who approves',
    stands: 'False AwaitingApproval 0/1 held 1',
    verdict: 'InProgress',
    why: 'nobody may believe that an approval helps',
    scene: { objects: objects(one, '  policy: { onChange: Plan }'), records: [outdated] },
    asked: { approvalsIgnored: true },
  },
  {
    name: 'somebody set it before it was declared',
    stands: 'False AwaitingApproval 0/1 held 1',
    verdict: 'InProgress',
    why: 'a value that a person set is never overwritten unasked',
    scene: { objects: objects(one), records: [foreign] },
  },
  {
    name: 'a gate refuses: too many changes at once',
    stands: 'False GateRefused 0/2 held 2',
    verdict: 'InProgress',
    why: 'both ids and the numbers stand in one sentence',
    scene: { objects: objects(both), decide: { gates: { maxChanges: 1 } } },
  },
  {
    name: 'waits for a global value that somebody changed',
    stands: 'False AwaitsOther 0/1 held 1',
    verdict: 'InProgress',
    why: 'created now, it would inherit a value that nobody declared',
    scene: {
      objects: {
        'team-a': stream(
          program(
            '  globalConfig: { merchantId: M-G }\n  targets:\n    - { app: megapay, environment: Sandbox }',
            'coffee',
            home,
          ),
          release('1.0.0', one),
        ),
      },
      observed: {
        global: { merchantId: 'M-X' },
        globalMark: markOf({ merchantId: 'M-G' }, source),
      },
    },
  },
];
