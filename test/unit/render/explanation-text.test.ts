import { describe, expect, it } from 'vitest';

import { explain, type ExplainQuery } from '../../../src/core/explain/explain.ts';
import { explanationText } from '../../../src/core/render/explanation-text.ts';
import { load, locateIn, noTrust, profile, program, release, stream } from '../resolve/world.ts';

const style = { color: false, width: 100, unicode: true };

const documents = [
  program(`  globalConfig: { serverDomains: [https://a.example] }
  profiles: [qa]
  config: { merchantId: M-program }
  targets: [{ app: a, environment: Test }]`),
  profile('qa', '  config: { merchantId: M-profile, testers: ["1", "2"] }'),
  release(
    '1.0.0',
    `  environments: [Test]
  config:
    environmentVariables:
      - { name: KEY, valueFrom: { secretKeyRef: { name: s, key: k } } }`,
  ),
];

function text(query: ExplainQuery): string {
  const sources = [load({ 'a.yaml': stream(...documents) })];
  const explanation = explain({ sources, trust: noTrust, locate: locateIn(sources) }, query);
  return explanationText(explanation, { style, whole: query.field !== undefined });
}

describe('an explanation as text', () => {
  it('gives each value its line, layers where there are several, and no tester a name', () => {
    expect(text({ release: 'coffee-1.0.0' })).toBe(
      [
        'coffee-1.0.0  acme/35  1.0.0  a/Test   a.yaml:24',
        '  onChange Apply, onDrift Report, undeclared Report',
        '',
        '  merchantId     M-program  a.yaml:9',
        '                 program                  set M-program  a.yaml:9  (counts)',
        '                 program profile          set M-profile  a.yaml:16  (hidden by a.yaml:9)',
        '  serverDomains  https://a.example  a.yaml:7 (global configuration)',
        '  testers        2 testers  a.yaml:16',
        '  KEY            (secret s/k)  a.yaml:27',
        '',
      ].join('\n'),
    );
  });

  it('shows every entry and layer of the one field that was asked for', () => {
    expect(text({ release: 'coffee-1.0.0', app: 'a', environment: 'Test', field: 'testers' })).toBe(
      [
        'coffee-1.0.0  acme/35  1.0.0  a/Test   a.yaml:24',
        '  onChange Apply, onDrift Report, undeclared Report',
        '',
        '  testers  1  a.yaml:16',
        '           2',
        '           program profile          set 2 entries  a.yaml:16  (counts)',
        '',
      ].join('\n'),
    );
  });
});
