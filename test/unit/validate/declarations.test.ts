import { describe, expect, it } from 'vitest';
import { declared, read } from '../yaml/reading.ts';

interface Row {
  readonly name: string;
  readonly spec: string;
  readonly told: readonly string[];
}

/** Rows with the lines below `spec:`, of which the first is line 5. */
function table(kind: string, rows: readonly Row[]): void {
  it.each(rows)('$name', ({ spec, told }) => {
    expect(read(declared(kind, spec)).told).toEqual(told);
  });
}

function many(count: number): string {
  return Array.from({ length: count }, (_, index) => `{ app: a${index}, environment: Test }`).join(
    ', ',
  );
}

describe('MiniProgram', () => {
  const home = '  workspace: acme\n  id: "35"\n';
  table('MiniProgram', [
    { name: 'workspace and id are enough', spec: home, told: [] },
    { name: 'workspace without id', spec: '  workspace: acme', told: ['5:3 program-home'] },
    {
      name: 'an id without quotes',
      spec: '  workspace: acme\n  id: 3500020208396321',
      told: ['6:7 unquoted-text'],
    },
    {
      name: 'instances instead',
      spec: '  instances:\n  - { apps: [a], workspace: w, id: "1" }\n  - { apps: [b], workspace: v, id: "1" }',
      told: [],
    },
    {
      name: 'instances beside',
      spec: `${home}  connection: x\n  instances: [{ apps: [a], workspace: w, id: "1" }]`,
      told: ['5:3 program-home', '6:3 program-home', '7:3 program-home'],
    },
    {
      name: 'an app in two instances',
      spec: '  instances:\n  - { apps: [a], workspace: w, id: "1" }\n  - { apps: [b, a], workspace: v, id: "1" }',
      told: ['7:17 app-in-two-instances'],
    },
    {
      name: 'a standing target whose app no instance has',
      spec: '  instances: [{ apps: [a], workspace: w, id: "1" }]\n  targets: [{ app: b, environment: Test }]',
      told: ['6:20 app-without-instance'],
    },
    { name: 'no instance at all', spec: '  instances: []', told: ['5:14 empty-list'] },
    {
      name: 'variables in the global configuration',
      spec: `${home}  globalConfig:\n    environmentVariables: [{ name: A, value: b }]`,
      told: ['8:5 global-variables'],
    },
    {
      name: 'a global field with a value and unset',
      spec: `${home}  globalConfig: { merchantId: M, unset: [merchantId] }`,
      told: ['7:42 field-twice'],
    },
    {
      name: 'the same in an instance',
      spec: '  instances:\n  - { apps: [a], workspace: w, id: "1", globalConfig: { merchantId: M, unset: [merchantId] } }',
      told: ['6:80 field-twice'],
    },
    { name: '256 targets', spec: `${home}  targets: [${many(256)}]`, told: [] },
    { name: '257 targets', spec: `${home}  targets: [${many(257)}]`, told: ['7:12 too-many'] },
    {
      name: 'a target written twice',
      spec: `${home}  targets:\n  - { app: a, environment: Test }\n  - { app: a, environment: Sandbox }\n  - { app: a, environment: Test }`,
      told: ['10:5 duplicate-target'],
    },
    {
      name: 'a misspelt environment',
      spec: `${home}  targets: [{ app: a, environment: production }]`,
      told: ['7:36 unknown-value'],
    },
    {
      name: 'a target without its environment',
      spec: `${home}  targets: [{ app: a }]`,
      told: ['7:13 missing-field'],
    },
    {
      name: 'policies that do not exist',
      spec: `${home}  policy: { onChange: Ignore, environments: { Prod: { onDrift: Apply } } }`,
      told: ['7:23 unknown-value', '7:47 unknown-field'],
    },
    {
      name: 'a day that does not exist',
      spec: `${home}  suspend: { reason: freeze, until: "2026-02-29T00:00:00Z" }`,
      told: ['7:37 suspend-until'],
    },
    {
      name: 'a moment without its offset',
      spec: `${home}  suspend: { reason: freeze, until: "2026-02-28T00:00:00" }`,
      told: ['7:37 wrong-format'],
    },
    {
      name: 'a suspension without a reason',
      spec: `${home}  suspend: {}`,
      told: ['7:12 missing-field'],
    },
    {
      name: 'two profiles of one name, which is allowed',
      spec: `${home}  profiles: [a, b, a]`,
      told: [],
    },
  ]);
});

describe('MiniProgramRelease', () => {
  const head = '  miniProgram: coffee\n  version: 2.4.0\n';
  table('MiniProgramRelease', [
    { name: 'an environment is enough', spec: `${head}  environments: [Test]`, told: [] },
    { name: 'no target at all', spec: head, told: ['5:3 release-without-target'] },
    {
      name: 'an environment twice',
      spec: `${head}  environments: [Test, Test]`,
      told: ['7:24 duplicate-entry'],
    },
    {
      name: 'a version that is a number',
      spec: '  miniProgram: coffee\n  version: 1.10\n  environments: [Test]',
      told: ['6:12 unquoted-text'],
    },
    {
      name: 'a version that is true',
      spec: '  miniProgram: coffee\n  version: true\n  environments: [Test]',
      told: ['6:12 unquoted-text'],
    },
    {
      name: 'a version with a space',
      spec: '  miniProgram: coffee\n  version: 2.4 beta\n  environments: [Test]',
      told: ['6:12 wrong-format'],
    },
    {
      name: 'a program by its title',
      spec: '  miniProgram: Coffee Shop\n  version: "2"\n  environments: [Test]',
      told: ['5:16 wrong-format'],
    },
    { name: 'nothing declared', spec: '  # to do', told: ['4:6 null-value'] },
    {
      name: 'a list of targets with nothing in it',
      spec: `${head}  targets: []`,
      told: ['7:12 empty-list'],
    },
    { name: 'a list of targets left open', spec: `${head}  targets:`, told: ['7:11 null-value'] },
    {
      name: 'a text instead of a list',
      spec: `${head}  environments: Test`,
      told: ['7:17 wrong-type'],
    },
  ]);
});

describe('layers', () => {
  table('ConfigProfile', [
    {
      name: 'each field once',
      spec: '  config: { merchantId: M }\n  extend: { testers: [a] }\n  unset: [clientId]',
      told: [],
    },
    {
      name: 'a field set and extended',
      spec: '  config: { testers: [a] }\n  extend: { testers: [b] }',
      told: ['6:13 field-twice'],
    },
    {
      name: 'a field set and unset',
      spec: '  config: { merchantId: M }\n  unset: [merchantId]',
      told: ['6:11 field-twice'],
    },
    {
      name: 'a field extended and unset',
      spec: '  extend: { wapUrls: [a] }\n  unset: [wapUrls]',
      told: ['6:11 field-twice'],
    },
    {
      name: 'a variable set and unset',
      spec: '  config: { environmentVariables: [{ name: A, value: b }] }\n  unset: [environmentVariables/A]',
      told: ['6:11 field-twice'],
    },
    {
      name: 'another variable unset',
      spec: '  config: { environmentVariables: [{ name: A, value: b }] }\n  unset: [environmentVariables/B]',
      told: [],
    },
    {
      name: 'all variables unset at once',
      spec: '  unset: [environmentVariables]',
      told: ['5:11 wrong-format'],
    },
    {
      name: 'a merchant id extended',
      spec: '  extend: { merchantId: M }',
      told: ['5:13 unknown-field'],
    },
    {
      name: 'a variable twice',
      spec: '  config:\n    environmentVariables:\n    - { name: A, value: b }\n    - { name: A, value: c }',
      told: ['8:15 duplicate-variable'],
    },
    {
      name: 'a variable without value',
      spec: '  config: { environmentVariables: [{ name: A }] }',
      told: ['5:36 variable-value'],
    },
    {
      name: 'a variable with two values',
      spec: '  config:\n    environmentVariables:\n    - { name: A, value: b, valueFrom: { secretKeyRef: { name: s, key: k } } }',
      told: ['7:7 variable-value'],
    },
    {
      name: 'a variable that names a path',
      spec: '  config:\n    environmentVariables:\n    - { name: A, valueFrom: { file: /etc/passwd } }',
      told: ['7:29 missing-field', '7:31 unknown-field'],
    },
    {
      name: 'a variable of our process',
      spec: '  config:\n    environmentVariables:\n    - { name: A, valueFrom: { env: HOME } }',
      told: ['7:29 missing-field', '7:31 unknown-field'],
    },
    {
      name: 'a secret of another namespace',
      spec: '  config:\n    environmentVariables:\n    - { name: A, valueFrom: { secretKeyRef: { namespace: other, name: s, key: k } } }',
      told: ['7:47 unknown-field'],
    },
    {
      name: 'more than five variables, which only merging can judge',
      spec: `  config: { environmentVariables: [${['A', 'B', 'C', 'D', 'E', 'F'].map((name) => `{ name: ${name}, value: x }`).join(', ')}] }`,
      told: [],
    },
    {
      name: 'a variable name with a space',
      spec: '  config: { environmentVariables: [{ name: A B, value: c }] }',
      told: ['5:44 wrong-format'],
    },
    {
      name: 'an entry twice',
      spec: '  config: { serverDomains: [a.example, b.example, a.example] }',
      told: ['5:51 duplicate-entry'],
    },
    {
      name: 'entries that differ in case only',
      spec: '  config: { serverDomains: [a.example, A.example] }',
      told: [],
    },
    { name: 'an empty entry', spec: '  config: { testers: [""] }', told: ['5:23 empty-value'] },
    {
      name: 'an entry of spaces',
      spec: '  config: { testers: ["  "] }',
      told: ['5:23 empty-value'],
    },
    { name: 'an empty value', spec: '  config: { merchantId: "" }', told: ['5:25 empty-value'] },
    { name: 'an empty list', spec: '  config: { testers: [] }', told: ['5:22 empty-list'] },
    { name: 'null for a field', spec: '  config: { testers: null }', told: ['5:22 null-value'] },
    { name: 'null for the layer', spec: '  config: ~', told: ['5:11 null-value'] },
    {
      name: 'a tester without quotes',
      spec: '  config: { testers: [2088001] }',
      told: ['5:23 unquoted-text'],
    },
    {
      name: 'a tester without quotes and with a leading zero',
      spec: '  config: { testers: [02088001] }',
      told: ['5:23 yaml-ambiguous'],
    },
    {
      name: 'testers given one by one',
      spec: '  config: { testers: "a" }',
      told: ['5:22 wrong-type'],
    },
    {
      name: 'a merchant id too long',
      spec: `  config: { merchantId: ${'M'.repeat(257)} }`,
      told: ['5:25 too-long'],
    },
    { name: 'an app of nowhere', spec: '  appliesTo: { app: [a] }', told: ['5:16 unknown-field'] },
  ]);
});

it('tells everything that is wrong with a document at once, each at its place', () => {
  const { told, problems } = read(
    declared(
      'MiniProgram',
      `  workspace: acme
  id: 42
  globalConfig: { environmentVariables: [] }
  targets:
    - { app: a, environment: Test, config: { testers: [x, x], merchantId: } }
    - { app: a, environment: Test, confg: {} }`,
    ),
  );

  expect(told).toEqual([
    '6:7 unquoted-text',
    '7:19 global-variables',
    '9:59 duplicate-entry',
    '9:75 null-value',
    '10:7 duplicate-target',
    '10:36 unknown-field',
  ]);
  expect(problems.every(({ nextStep }) => nextStep !== undefined && nextStep !== '')).toBe(true);
  expect(problems.at(4)?.related).toEqual([{ file: 'shop.yaml', line: 9, column: 7 }]);
});
