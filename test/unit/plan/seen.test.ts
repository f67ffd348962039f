import { describe, expect, it } from 'vitest';
import type {
  Fingerprints,
  ObservedProgram,
  ObservedRelease,
} from '../../../src/core/model/observed.ts';
import { revision } from '../../../src/core/model/observed.ts';
import { seenProgram } from '../../../src/core/plan/seen.ts';
import { FingerprintKey } from '../../../src/core/words/digests.ts';
import type { ObservedConfig } from '../../../src/core/words/fields.ts';
import { releaseId } from '../../../src/core/words/keys.ts';
import { SecretText } from '../../../src/core/words/secret-text.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { capabilities, desiredRelease, releaseKey } from './fixtures.ts';

const key = releaseKey();
const program = {
  platform: key.platform,
  workspace: key.workspace,
  miniProgram: key.miniProgram,
};
const keyring = new FingerprintKey(Buffer.alloc(32, 7));
const withKey: Fingerprints = { key: keyring, previous: [], secrets: {} };

function printOf(text: string): string {
  return Buffer.from(keyring.fingerprint(new SecretText(text)), 'base64url')
    .toString('hex')
    .slice(0, 16);
}

function observed(config: ObservedConfig, mark?: string): ObservedProgram {
  const release: ObservedRelease = {
    ...{ key, id: '1', revision: revision('1'), config },
    status: 'NewVersionCreated',
    ...(mark === undefined ? {} : { mark }),
  };
  return {
    key: program,
    existence: 'exists',
    releases: { [releaseId(key)]: release },
    complete: true,
    capabilities,
    bases: {},
    attested: false,
    observedAt: epochMs(5),
  };
}

const desired = {
  key: program,
  connection: 'default',
  names: ['coffee'],
  digest: 'd',
  releases: [
    desiredRelease({
      config: {
        'environmentVariables/HOST': 'public',
        'environmentVariables/API_KEY': { secret: 'api' },
      },
    }),
  ],
};

const sealed = (text: string) => ({ kind: 'sealed', secret: new SecretText(text) }) as const;

describe('what an observation tells a ledger', () => {
  it('shows a declared literal, and of any other variable its fingerprint alone', () => {
    const seen = seenProgram({
      desired,
      fingerprints: withKey,
      observed: observed({
        merchantId: { kind: 'text', text: 'M-77' },
        testers: { kind: 'list', items: ['2', '1', '2'] },
        'environmentVariables/HOST': sealed('public'),
        'environmentVariables/API_KEY': sealed('canary-1'),
        'environmentVariables/OTHER': sealed('canary-2'),
      }),
    });

    expect(seen).toEqual({
      at: 5,
      program,
      own: false,
      whole: true,
      rest: 'unseen',
      names: ['coffee'],
      records: [
        {
          key,
          status: 'NewVersionCreated',
          keyId: keyring.id,
          prints: { 'environmentVariables/HOST': printOf('public') },
          fields: {
            merchantId: { state: 'value', value: 'M-77' },
            testers: { state: 'value', value: ['1', '2'] },
            'environmentVariables/HOST': { state: 'value', value: 'public' },
            'environmentVariables/API_KEY': { state: 'secret', fingerprint: printOf('canary-1') },
            'environmentVariables/OTHER': { state: 'secret', fingerprint: printOf('canary-2') },
          },
        },
      ],
    });
    expect(JSON.stringify(seen)).not.toContain('canary');
  });

  it('counts a literal that differs from the declared one as secret', () => {
    const { records } = seenProgram({
      desired,
      fingerprints: withKey,
      observed: observed({ 'environmentVariables/HOST': sealed('canary-3') }),
    });

    expect(records[0]?.fields).toEqual({
      'environmentVariables/HOST': { state: 'secret', fingerprint: printOf('canary-3') },
    });
  });

  it('says nothing of values without a key, nor of those that a platform hides', () => {
    const { records } = seenProgram({
      desired,
      fingerprints: { previous: [], secrets: {} },
      observed: observed({
        'environmentVariables/API_KEY': sealed('canary-1'),
        'environmentVariables/OTHER': { kind: 'hidden' },
      }),
    });

    expect(records).toEqual([
      {
        key,
        status: 'NewVersionCreated',
        fields: {
          'environmentVariables/API_KEY': { state: 'unverified' },
          'environmentVariables/OTHER': { state: 'unknown' },
        },
      },
    ]);
  });

  it('tells two marks apart, and never which they are', () => {
    const markOf = (mark?: string) =>
      seenProgram({ desired, fingerprints: withKey, observed: observed({}, mark) }).records[0]
        ?.mark;

    expect(markOf()).toBeUndefined();
    expect(markOf('1abc')).toMatch(/^[0-9a-f]{12}$/);
    expect(markOf('1abc')).toBe(markOf('1abc'));
    expect(markOf('1abc')).not.toBe(markOf('1abd'));
  });

  it('holds the global configuration, in which nothing is secret', () => {
    const world: ObservedProgram = {
      ...observed({}),
      miniProgram: {
        key: program,
        global: {
          revision: revision('3'),
          config: {
            clientId: { kind: 'text', text: 'C' },
            serverDomains: { kind: 'list', items: ['b', 'a'] },
          },
        },
      },
    };

    expect(seenProgram({ desired, fingerprints: withKey, observed: world }).records[0]).toEqual({
      key: program,
      status: null,
      fields: {
        clientId: { state: 'value', value: 'C' },
        serverDomains: { state: 'value', value: ['a', 'b'] },
      },
    });
  });

  it('names what differs alone where the rest is known to be the same', () => {
    const part = { releases: [], global: false };
    const seen = seenProgram({ desired, fingerprints: withKey, observed: observed({}) }, part);

    expect(seen).toMatchObject({ records: [], rest: 'unchanged' });
  });
});
