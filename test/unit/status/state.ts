import { ReconcileError } from '../../../src/core/words/errors.ts';
import { markOf, record } from '../plan/fixtures.ts';
import { program, release, stream } from '../resolve/world.ts';
import type { Asked, SceneOptions } from './scene.ts';

/** One way a MiniProgramRelease can stand. */
export interface State {
  /** The caption of the picture. */
  readonly name: string;
  /** Ready, its reason, targets done, and the counts that are not none. */
  readonly stands: string;
  readonly why: string;
  /** Of the kstatus library. */
  readonly verdict: 'Current' | 'InProgress' | 'Failed';
  readonly scene: SceneOptions;
  readonly asked?: Asked;
}

export const home = '  workspace: acme\n  id: "3500"';
const standing = `  targets:
    - { app: megapay, environment: Sandbox, config: { merchantId: M-1 } }
    - { app: tapngo, environment: Production, config: { merchantId: M-2 } }`;

/** MiniProgram coffee with two standing targets. */
export function coffee(more = ''): string {
  return program(more === '' ? standing : `${standing}\n${more}`, 'coffee', home);
}

export const both = '  environments: [Sandbox, Production]';
export const one = '  environments: [Sandbox]';

export function objects(spec = both, more = ''): SceneOptions['objects'] {
  return { 'team-a': stream(coffee(more), release('1.0.0', spec)) };
}

export const source = { source: 'team-a' };
export const sandbox = record({
  config: { merchantId: 'M-1' },
  mark: markOf({ merchantId: 'M-1' }, source),
});
export const production = record({
  app: 'tapngo',
  environment: 'Production',
  config: { merchantId: 'M-2' },
  mark: markOf({ merchantId: 'M-2' }, source),
});
/** Somebody changed it in the console. */
export const drifted = record({
  config: { merchantId: 'M-9' },
  mark: markOf({ merchantId: 'M-1' }, source),
});
export const outdated = record({
  config: { merchantId: 'M-0' },
  mark: markOf({ merchantId: 'M-0' }, source),
});
/** Set by hand before anybody declared it. */
export const foreign = record({ config: { merchantId: 'M-9' } });

export const down = new ReconcileError(
  'PlatformUnavailable',
  'megapay does not answer: connect refused',
  {
    nextStep: 'It is tried again by itself.',
  },
);
export const refused = new ReconcileError(
  'PlatformRefused',
  'the platform refuses it: merchantId M-1 is not active',
  {
    nextStep: 'Correct merchantId, or have it activated.',
  },
);

/** A target of the release with a variable that is a secret. */
export function withSecret(): string {
  return `  targets:
    - app: megapay
      environment: Sandbox
      config:
        environmentVariables:
          - { name: API_KEY, valueFrom: { secretKeyRef: { name: store, key: first } } }`;
}
