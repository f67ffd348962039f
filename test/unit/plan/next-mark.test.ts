import { describe, expect, it } from 'vitest';
import type { FieldChange, Plan } from '../../../src/core/model/plan.ts';
import { formatMark, installationTag, claimantTag } from '../../../src/core/plan/mark.ts';
import { markAfter } from '../../../src/core/plan/next-mark.ts';
import {
  capabilities,
  desiredGlobal,
  desiredProgram,
  desiredRelease,
  fingerprints,
  key,
  markOf,
  observedProgram,
  otherKey,
  plan,
  planOne,
  record,
  type PlainConfig,
} from './fixtures.ts';

const apiKey = 'environmentVariables/API_KEY';
const host = 'environmentVariables/HOST';

/** The mark once the named fields of the first change are written. */
function after(
  made: Plan,
  paths: readonly string[],
  scope: 'release' | 'global' = 'release',
): string {
  const change = scope === 'global' ? made.global[0] : made.changes[0];
  if (!change) throw new Error('no change');
  const applied = change.fields.filter((field: FieldChange) => paths.includes(field.path));
  return markAfter({ change, applied, installation: 'default', fingerprints: { key } });
}

describe('the mark after a write', () => {
  it('of a create holds the base of everything that was given', () => {
    const config: PlainConfig = {
      merchantId: 'M-1',
      testers: ['b', 'a'],
      [host]: 'a.example',
      [apiKey]: { secret: 'first' },
    };
    const made = planOne({ config }, undefined);

    expect(after(made, Object.keys(config))).toBe(markOf(config));
  });

  it('keeps the base of what is held and moves that of what is written', () => {
    const made = planOne(
      { config: { merchantId: 'M-2', clientId: 'C-1', testers: ['a'] } },
      {
        config: { merchantId: 'M-1', clientId: 'C-9', testers: ['a'] },
        mark: markOf({ merchantId: 'M-1', clientId: 'C-1' }),
      },
    );

    expect(after(made, ['merchantId'])).toBe(
      markOf({ merchantId: 'M-2', clientId: 'C-1', testers: ['a'] }),
    );
    expect(after(made, [])).toBe(markOf({ merchantId: 'M-1', clientId: 'C-1', testers: ['a'] }));
  });

  it('drops the base of what inherits again, and of what nobody declares', () => {
    const made = planOne(
      {},
      {
        config: { merchantId: 'M-1', clientId: 'C-9' },
        mark: markOf({ merchantId: 'M-1', clientId: 'C-1', testers: ['gone'] }),
      },
    );

    expect(after(made, ['merchantId'])).toBe(markOf({}));
    expect(after(made, [])).toBe(markOf({ merchantId: 'M-1' }));
  });

  it('keeps the base of a secret that cannot be verified here', () => {
    const config: PlainConfig = { merchantId: 'M-2', [apiKey]: { secret: 'first' } };
    const bases: PlainConfig = { merchantId: 'M-1', [apiKey]: { secret: 'first' } };
    const made = plan(
      desiredProgram([desiredRelease({ config })]),
      observedProgram([record({ config: bases, mark: markOf(bases) })]),
      { fingerprints: { key, previous: [], secrets: {} } },
    );

    expect(after(made, ['merchantId'])).toBe(markOf({ ...bases, merchantId: 'M-2' }));
  });

  it('names the source that declares it', () => {
    const made = plan(
      desiredProgram([desiredRelease({ source: 'green', config: { merchantId: 'M-2' } })]),
      observedProgram([
        record({ config: { merchantId: 'M-1' }, mark: markOf({ merchantId: 'M-1' }) }),
      ]),
    );

    expect(after(made, ['merchantId'])).toBe(markOf({ merchantId: 'M-2' }, { source: 'green' }));
  });

  it('drops the base of a secret under a key nobody here knows', () => {
    const bases: PlainConfig = { merchantId: 'M-1', [apiKey]: { secret: 'first' } };
    const made = planOne(
      { config: { merchantId: 'M-2', [apiKey]: { secret: 'second' } } },
      { config: bases, mark: markOf(bases, { by: otherKey }) },
    );

    expect(after(made, ['merchantId'])).toBe(markOf({ merchantId: 'M-2' }));
  });

  it('carries no key id where no key is known, and keeps one that is there', () => {
    const offline = { fingerprints: { ...fingerprints(), key: undefined, secrets: {} } as never };
    const bases: PlainConfig = { merchantId: 'M-1', [apiKey]: { secret: 'first' } };
    const desired = desiredProgram([
      desiredRelease({ config: { merchantId: 'M-2', [apiKey]: { secret: 'first' } } }),
    ]);
    const unmarked = plan(
      desired,
      observedProgram([record({ config: { merchantId: 'M-1' } })]),
      offline,
    );
    const marked = plan(
      desired,
      observedProgram([record({ config: bases, mark: markOf(bases) })]),
      offline,
    );
    const [first] = unmarked.changes;
    const [second] = marked.changes;

    expect(
      first &&
        markAfter({
          change: first,
          applied: first.fields,
          installation: 'default',
          fingerprints: {},
        }),
    ).toBe(
      formatMark({
        installation: installationTag('default'),
        claimant: claimantTag('cli'),
        keyId: '----',
        bases: first!.bases.settled,
      }).concat(markOf({ merchantId: 'M-2' }).slice(17)),
    );
    expect(
      second &&
        markAfter({
          change: second,
          applied: second.fields,
          installation: 'default',
          fingerprints: {},
        }),
    ).toBe(markOf({ ...bases, merchantId: 'M-2' }));
  });

  it('of the global level is one of its own', () => {
    const made = plan(
      desiredProgram([], desiredGlobal({ config: { merchantId: 'M-2', clientId: 'C-1' } })),
      observedProgram([], {
        global: { merchantId: 'M-1', clientId: 'C-1', testers: ['a'] },
        globalMark: markOf({ merchantId: 'M-1', testers: ['a'] }),
      }),
    );

    expect(after(made, ['merchantId'], 'global')).toBe(
      markOf({ merchantId: 'M-2', clientId: 'C-1' }),
    );
  });

  it('is kept beside a platform that stores none', () => {
    const made = planOne(
      { config: { merchantId: 'M-2', clientId: 'C-1' } },
      { config: { merchantId: 'M-1', clientId: 'C-1' } },
      {
        capabilities: { ...capabilities, marks: false },
        bases: { 'mp/acme/3500/1.0.0/megapay/Sandbox': markOf({ merchantId: 'M-1' }) },
      },
    );

    expect(after(made, ['merchantId'])).toBe(markOf({ merchantId: 'M-2', clientId: 'C-1' }));
  });
});
