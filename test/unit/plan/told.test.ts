import { describe, expect, it } from 'vitest';

import { settledFindings } from '../../../src/core/lint/settled.ts';
import type { Suspension } from '../../../src/core/model/policy.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import {
  desiredGlobal,
  desiredProgram,
  desiredRelease,
  fingerprints,
  hour,
  markOf,
  now,
  observedProgram,
  plan,
  record,
} from './fixtures.ts';

const m1 = { merchantId: 'M-1' };
const m2 = { merchantId: 'M-2' };

describe('a suspension is told while it holds', () => {
  it.each([
    { name: 'without an end', until: undefined, told: true },
    { name: 'with an end to come', until: now + 1, told: true },
    { name: 'whose end is now', until: now, told: false },
    { name: 'that is over', until: now - hour, told: false },
  ])('$name', ({ until, told }) => {
    const suspended: Suspension = {
      reason: 'holidays',
      ...(until === undefined ? {} : { until: epochMs(until) }),
    };
    const made = plan(
      desiredProgram(
        [desiredRelease({ config: m2, suspended })],
        desiredGlobal({ config: m2, suspended }),
      ),
      observedProgram([record({ config: m1, mark: markOf(m1) })], { global: m1 }),
    );

    expect(made.changes[0]?.suspended !== undefined).toBe(told);
    expect(made.global[0]?.suspended !== undefined).toBe(told);
  });
});

describe('a new payee that nobody declared', () => {
  it.each([
    { name: 'none at all', global: {}, inherits: { clientId: { state: 'inherited' } } },
    {
      name: 'the global one',
      global: { clientId: '303' },
      inherits: { clientId: { state: 'inherited', value: '303' } },
    },
  ])('is told as what is inherited: $name', ({ global, inherits }) => {
    const target = { app: 'megapay', environment: 'Production' } as const;
    const made = plan(
      desiredProgram([desiredRelease({ ...target, version: '2.0.0', config: m1 })]),
      observedProgram(
        [
          record({
            ...{ ...target, version: '1.0.0', status: 'FullRelease' as const },
            config: { ...m1, clientId: '202' },
          }),
        ],
        { global },
      ),
    );

    expect(made.changes[0]?.newPayee).toEqual(['clientId']);
    expect(made.changes[0]?.inherits).toEqual(inherits);
  });
});

describe('a target that is not offered', () => {
  const targets = ['megapay', 'rapipay', 'tapngo'].map((app) => ({
    app,
    environments: ['Sandbox'] as const,
  }));
  const stepOf = (app: string, environment: 'Sandbox' | 'Test', offered = targets) =>
    plan(
      desiredProgram([desiredRelease({ app, environment })]),
      observedProgram([], { targets: offered }),
    ).changes[0]?.nextStep;

  it('names the app that was probably meant, and those there are', () => {
    expect(stepOf('megapy', 'Sandbox')).toBe(
      'There is no app megapy for this mini program: did you mean megapay? It is offered megapay, rapipay, tapngo.',
    );
    expect(stepOf('wallet', 'Sandbox')).toBe(
      'There is no app wallet for this mini program: correct the name, or ask for it to be opened. It is offered megapay, rapipay, tapngo.',
    );
  });

  it('names the environments there are', () => {
    expect(stepOf('megapay', 'Test')).toBe(
      'megapay does not offer Test to this mini program, only Sandbox: remove the target, or ask for it to be opened.',
    );
  });

  it('says that there is no app at all', () => {
    expect(stepOf('megapay', 'Test', [])).toBe(
      'No app is offered to this mini program: remove the target, or ask for megapay to be opened.',
    );
  });
});

it('names the secret that a store does not give, and what the store says', () => {
  const config = { 'environmentVariables/API_KEY': { secret: 'first' } };
  const message = 'environment variable BOOKS_API_KEY is not set';

  const made = plan(
    desiredProgram([desiredRelease({ config })]),
    observedProgram([], {
      targets: [{ app: 'megapay', environments: ['Sandbox'], environmentVariables: true }],
    }),
    {
      fingerprints: fingerprints({
        secrets: { 'cli|store/first': { state: 'unavailable', message } },
      }),
    },
  );

  expect(made.changes[0]?.reasons).toEqual(['SecretUnavailable']);
  expect(made.changes[0]?.nextStep).toBe(
    'Make readable here what no store gives: API_KEY from store/first: environment variable BOOKS_API_KEY is not set.',
  );
});

describe('a line is settled only where nothing else takes it', () => {
  it.each([
    { name: 'a release that is as declared', present: m2, told: [] },
    { name: 'a release that is updated', present: m1, told: [] },
    { name: 'no other release', present: undefined, told: ['/spec/config/merchantId'] },
  ])('$name', ({ present, told }) => {
    const live = record({ status: 'FullRelease', config: m1, frozen: m1 });
    const next = { version: '2.0.0', environment: 'Test' } as const;
    const made = plan(
      desiredProgram([
        desiredRelease({ shared: m2 }),
        ...(present ? [desiredRelease({ ...next, shared: m2 })] : []),
      ]),
      observedProgram([
        live,
        ...(present ? [record({ ...next, config: present, mark: markOf(present) })] : []),
      ]),
    );

    expect(made.changes[0]?.action).toBe('settled');
    expect(settledFindings([made]).map(({ place }) => place.pointer)).toEqual(told);
  });
});
