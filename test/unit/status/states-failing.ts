import { down, objects, one, refused, type State } from './state.ts';

export const failingStates: readonly State[] = [
  {
    name: 'the platform does not answer',
    stands: 'False PlatformUnavailable 0/2 failed 2',
    verdict: 'InProgress',
    why: 'it is tried again by itself',
    scene: { objects: objects(), carry: down },
  },
  {
    name: 'the platform could not even be read',
    stands: 'False PlatformUnavailable 0/2 failed 2',
    verdict: 'InProgress',
    why: 'it is tried again by itself',
    scene: {
      objects: objects(),
      result: {
        state: 'failed',
        trouble: {
          code: 'PlatformUnavailable',
          message: 'megapay does not answer: connect refused',
          nextStep: 'It is tried again by itself.',
        },
      },
    },
  },
  {
    name: 'the platform refuses the value for good',
    stands: 'False PlatformRefused 0/1 failed 1',
    verdict: 'Failed',
    why: 'the same again would be refused again',
    scene: { objects: objects(one), carry: refused },
  },
  {
    name: 'refused for good a while ago, and not tried again yet',
    stands: 'False PlatformRefused 0/1 failed 1',
    verdict: 'Failed',
    why: 'while it rests the reason stays, or it would flap',
    scene: { objects: objects(one), rests: true },
    asked: {
      object: {
        status: {
          observedGeneration: 1,
          targets: [
            {
              app: 'megapay',
              environment: 'Sandbox',
              action: 'create',
              reason: 'PlatformRefused',
              nextStep:
                'the platform refuses it: merchantId M-1 is not active. Correct merchantId, or have it activated.',
            },
          ],
        },
      },
    },
  },
  {
    name: 'a bug in one pass',
    stands: 'False InternalError 0/1 failed 1',
    verdict: 'InProgress',
    why: 'it is tried again, and only this program stands still',
    scene: {
      objects: objects(one),
      result: {
        state: 'failed',
        trouble: {
          code: 'InternalError',
          message: 'a bug in Fairlead (TypeError)',
          nextStep: 'report it with the log around it',
        },
      },
    },
  },
];
