import { describe, expect, it } from 'vitest';
import { listOf } from '../../../src/core/words/fields.ts';
import { declared, key, observed, record, sealed, text, written } from './world.ts';

describe('writeSnapshot', () => {
  it('writes what a plan must know, each value on its line', () => {
    const one = observed(
      [
        record(
          '1.10.0',
          'Sandbox',
          'NewVersionCreated',
          { testers: listOf(['b', 'a']), 'environmentVariables/KEY': sealed('s3cret') },
          { mark: 'mark-1' },
        ),
        record(
          '1.9.0',
          'Production',
          'FullRelease',
          {},
          { frozen: { merchantId: text('M-77'), clientId: text('0202') } },
        ),
      ],
      {
        versions: ['1.10.0', '1.9.0'],
        targets: [{ app: 'megapay', environments: ['Sandbox', 'Production'] }],
      },
    );

    expect(written([one])).toBe(`# What a platform held when it was read. No secret stands here.
# A variable is only named unless the declarations give the same literal.

apiVersion: fairlead.dev/v1alpha1
kind: Snapshot
platform: default
emulator: false
observedAt: "2026-12-24T18:00:00.000Z"
capabilities:
  conditionalWrites: true
  requestIds: true
  marks: true
  increments: false
  frozen: true
  variables: readable
  maxPageSize: 100
  maxIdsPerFilter: 50
---
apiVersion: fairlead.dev/v1alpha1
kind: SnapshotProgram
platform: default
workspace: acme
miniProgram: "35"
complete: true
name: Coffee
type: DSL
global:
  mark: mark-of-global
  config:
    merchantId: M-77
  source: exported
versions:
  - 1.9.0
  - 1.10.0
targets:
  - app: megapay
    environments:
      - Production
      - Sandbox
releases:
  - version: 1.9.0
    app: megapay
    environment: Production
    status: FullRelease
    id: r-1.9.0-Production
    config: {}
    frozen:
      clientId: "0202"
      merchantId: M-77
    source: exported
  - version: 1.10.0
    app: megapay
    environment: Sandbox
    status: NewVersionCreated
    id: r-1.10.0-Sandbox
    mark: mark-1
    config:
      testers:
        - a
        - b
      environmentVariables:
        - name: KEY
          set: true
    source: exported
`);
  });

  it.each([
    {
      name: 'the declared literal stands in clear',
      why: 'it stands in Git anyway',
      value: 'https://pay.example',
      variable: 'HOST',
      shown: true,
    },
    {
      name: 'another value is only named',
      why: 'nobody declared it',
      value: 'https://other.example',
      variable: 'HOST',
      shown: false,
    },
    {
      name: 'the same text in another variable is only named',
      why: 'the literal was declared for HOST',
      value: 'https://pay.example',
      variable: 'OTHER',
      shown: false,
    },
  ])('$name', ({ value, variable, shown, why }) => {
    const one = observed([
      record('1.0.0', 'Sandbox', 'NewVersionCreated', {
        [`environmentVariables/${variable}`]: sealed(value),
      }),
    ]);

    const file = written([one], { declared });

    expect(file.includes(value), why).toBe(shown);
    expect(file, why).toContain(
      `- name: ${variable}\n          ${shown ? `value: ${value}` : 'set: true'}\n`,
    );
  });

  it('holds no secret, no revision and no test QR code', () => {
    const secret = 'k9-canary-7f3a';
    const config = { 'environmentVariables/KEY': sealed(secret) };
    const file = written(
      [observed([record('1.0.0', 'Sandbox', 'UnderReview', config, { frozen: config })])],
      { declared },
    );

    for (const form of [
      secret,
      Buffer.from(secret).toString('base64'),
      Buffer.from(secret).toString('hex'),
      'qr.example',
      'revision',
    ])
      expect(file).not.toContain(form);
  });

  it('does not depend on the order of what was observed', () => {
    const all = ['1.0.0', '2.0.0', '10.0.0'].map((version) =>
      record(version, 'Test', 'NewVersionCreated', {}),
    );
    const other = observed([], {
      key: { ...key, miniProgram: '34' },
      miniProgram: undefined!,
      complete: false,
      existence: 'missing',
    });

    expect(written([observed(all), other])).toBe(written([other, observed(all.toReversed())]));
  });
});
