import { describe, expect, it } from 'vitest';
import { found, profile, program, release, releases, resolveFiles, stream } from './world.ts';

const target = (config: string, more = ''): string =>
  `  targets:\n    - { app: megapay, environment: Sandbox, ${more}config: ${config} }`;
const allProfiles = ['a', 'b', 'c', 'd'].map((name) =>
  profile(name, `  config: { merchantId: ${name}, testers: [${name}] }`),
);

interface Row {
  readonly name: string;
  readonly why: string;
  readonly documents: readonly string[];
  readonly expected: object | string;
  readonly problems?: readonly string[];
}

const rows: readonly Row[] = [
  {
    name: 'a release target overrides everything below it',
    why: 'layers, highest last: program, standing target, release, release target',
    documents: [
      program(
        `  config: { merchantId: program, clientId: program, serverDomains: [program.example], wapUrls: [https://program.example] }
  targets:
    - { app: megapay, environment: Sandbox, config: { merchantId: standing, clientId: standing, serverDomains: [standing.example] } }`,
      ),
      release(
        '1.0.0',
        `  config: { merchantId: release, clientId: release }\n${target('{ merchantId: target }')}`,
      ),
    ],
    expected: {
      clientId: 'release',
      merchantId: 'target',
      serverDomains: ['standing.example'],
      wapUrls: ['https://program.example'],
    },
  },
  {
    name: 'profiles lie below all config, the last named highest',
    why: 'the order is: the program’s, the release’s, the standing target’s, the release target’s',
    documents: [
      ...allProfiles,
      program(
        `  profiles: [a]\n  config: { merchantId: M }\n${target('{}', 'profiles: [c], ').replace(', config: {}', '')}`,
      ),
      release('1.0.0', `  profiles: [b]\n${target('{ clientId: C }', 'profiles: [d], ')}`),
    ],
    expected: { clientId: 'C', merchantId: 'M', testers: ['d'] },
  },
  {
    name: 'a profile named twice counts at its first place',
    why: 'else naming it again would lift it above what stands between',
    documents: [
      ...allProfiles,
      program('  profiles: [a, b]'),
      release('1.0.0', `  profiles: [a]\n${target('{ clientId: C }')}`),
    ],
    expected: { clientId: 'C', merchantId: 'b', testers: ['b'] },
  },
  {
    name: 'a profile reaches only the apps and environments it applies to',
    why: 'both conditions must match',
    documents: [
      profile(
        'elsewhere',
        '  appliesTo: { apps: [megapay], environments: [Test] }\n  config: { testers: [nobody] }',
      ),
      profile('other', '  appliesTo: { apps: [tapngo] }\n  config: { testers: [nobody] }'),
      profile(
        'here',
        '  appliesTo: { environments: [Test, Sandbox] }\n  config: { testers: [somebody] }',
      ),
      program('  profiles: [here, elsewhere, other]'),
      release('1.0.0', target('{ clientId: C }')),
    ],
    expected: { clientId: 'C', testers: ['somebody'] },
  },
  {
    name: 'a list replaces the list below it whole',
    why: 'only extend adds',
    documents: [
      program('  config: { testers: [a, b] }'),
      release('1.0.0', target('{ testers: [c, b, c] }').replace('c, b, c', 'c, b')),
    ],
    expected: { testers: ['b', 'c'] },
  },
  {
    name: 'variables merge by name',
    why: 'each variable is a field of its own',
    documents: [
      program(
        '  config: { environmentVariables: [{ name: A, value: low }, { name: B, value: low }] }',
      ),
      release(
        '1.0.0',
        target(
          '{ environmentVariables: [{ name: B, value: high }, { name: C, valueFrom: { secretKeyRef: { name: s, key: k } } }] }',
        ),
      ),
    ],
    expected: {
      'environmentVariables/A': 'low',
      'environmentVariables/B': 'high',
      'environmentVariables/C': '(s/k)',
    },
  },
  {
    name: 'extend adds to what lower layers give, not to the global configuration',
    why: 'a lower layer hides the global value',
    documents: [
      program(
        '  globalConfig: { serverDomains: [global.example] }\n  config: { serverDomains: [low.example] }',
      ),
      release('1.0.0', `  extend: { serverDomains: [high.example] }\n${target('{ clientId: C }')}`),
    ],
    expected: { clientId: 'C', serverDomains: ['high.example', 'low.example'] },
  },
  {
    name: 'extends in several layers add up over the declared global configuration',
    why: 'nothing below gives the field, so the first extend starts from the global value',
    documents: [
      program(
        '  globalConfig: { serverDomains: [global.example] }\n  extend: { serverDomains: [program.example] }',
      ),
      release(
        '1.0.0',
        `  extend: { serverDomains: [release.example] }\n${target('{ clientId: C }')}`,
      ),
    ],
    expected: {
      clientId: 'C',
      serverDomains: ['global.example', 'program.example', 'release.example'],
    },
  },
  {
    name: 'after unset the field inherits',
    why: 'absent means inherit',
    documents: [
      program(
        '  config: { merchantId: M, environmentVariables: [{ name: A, value: a }, { name: B, value: b }] }',
      ),
      release(
        '1.0.0',
        `  unset: [merchantId, environmentVariables/A]\n${target('{ clientId: C }')}`,
      ),
    ],
    expected: { clientId: 'C', 'environmentVariables/B': 'b' },
  },
  {
    name: 'extend above an unset starts from the declared global configuration',
    why: 'the unset took away what lower layers gave',
    documents: [
      program('  globalConfig: { testers: [global] }\n  config: { testers: [low] }'),
      release(
        '1.0.0',
        `  unset: [testers]\n  targets: [{ app: megapay, environment: Sandbox, extend: { testers: [high] } }]`,
      ),
    ],
    expected: { testers: ['global', 'high'] },
  },
  {
    name: 'extend of nothing is an error and takes the release out',
    why: 'the value meant to be added to is not there',
    documents: [
      program('  config: { merchantId: M }'),
      release(
        '1.0.0',
        '  targets: [{ app: megapay, environment: Sandbox, extend: { testers: [a] } }]',
      ),
    ],
    expected: 'Invalid',
    problems: ['extend-nothing a.yaml:15'],
  },
  {
    name: 'extend of a globally unset field is an error',
    why: 'the global configuration clears the field, so it gives nothing',
    documents: [
      program('  globalConfig: { unset: [testers] }'),
      release(
        '1.0.0',
        '  targets: [{ app: megapay, environment: Sandbox, extend: { testers: [a] } }]',
      ),
    ],
    expected: 'Invalid',
    problems: ['extend-nothing a.yaml:15'],
  },
  {
    name: 'unset of nothing is only a warning',
    why: 'the field inherits anyway',
    documents: [
      program('  config: { merchantId: M }'),
      release('1.0.0', `  unset: [testers]\n${target('{ clientId: C }')}`),
    ],
    expected: { clientId: 'C', merchantId: 'M' },
    problems: ['unset-nothing a.yaml:15'],
  },
  {
    name: 'six variables after merging are too many, blamed on the highest line',
    why: 'the platform takes five per release; the line that was added last is the one to drop',
    documents: [
      program(
        `  config: { environmentVariables: [${['A', 'B', 'C', 'D', 'F'].map((name) => `{ name: ${name}, value: x }`).join(', ')}] }`,
      ),
      release(
        '1.0.0',
        `  targets:\n    - app: megapay\n      environment: Sandbox\n      config:\n        environmentVariables:\n          - { name: E, value: x }`,
      ),
    ],
    expected: 'Invalid',
    problems: ['too-many-variables a.yaml:20'],
  },
  {
    name: 'five variables are not too many when a higher layer replaces some',
    why: 'counted after merging',
    documents: [
      program(
        `  config: { environmentVariables: [${['A', 'B', 'C', 'D', 'E'].map((name) => `{ name: ${name}, value: low }`).join(', ')}] }`,
      ),
      release(
        '1.0.0',
        `  unset: [environmentVariables/A]\n${target('{ environmentVariables: [{ name: B, value: high }, { name: G, value: new }] }')}`,
      ),
    ],
    expected: {
      'environmentVariables/B': 'high',
      'environmentVariables/C': 'low',
      'environmentVariables/D': 'low',
      'environmentVariables/E': 'low',
      'environmentVariables/G': 'new',
    },
  },
];

describe('layers', () => {
  it.each(rows)('$name', ({ documents, expected, problems = [], why }) => {
    const resolution = resolveFiles({ 'a.yaml': stream(...documents) });

    expect(releases(resolution.programs), why).toEqual({ '1.0.0 megapay/Sandbox': expected });
    expect(found(resolution.problems), why).toEqual(problems);
  });

  it('does not warn about an unset that drops something in one of its targets', () => {
    const documents = [
      profile('qa', '  appliesTo: { environments: [Sandbox] }\n  config: { testers: [a] }'),
      program(
        '  profiles: [qa]\n  targets: [{ app: m, environment: Sandbox }, { app: m, environment: Production }]',
      ),
      release('1.0.0', '  environments: [Sandbox, Production]\n  unset: [testers]'),
    ];

    const resolution = resolveFiles({ 'a.yaml': stream(...documents) });

    expect(found(resolution.problems)).toEqual([]);
    expect(releases(resolution.programs)).toEqual({
      '1.0.0 m/Production': {},
      '1.0.0 m/Sandbox': {},
    });
  });

  it('tells one mistake of a layer once, however many targets it reaches', () => {
    const documents = [
      program(
        '  targets: [{ app: a, environment: Test }, { app: b, environment: Test }, { app: c, environment: Test, config: { testers: [x] } }]',
      ),
      release('1.0.0', '  environments: [Test]\n  extend: { testers: [z] }'),
    ];

    const resolution = resolveFiles({ 'a.yaml': stream(...documents) });

    expect(found(resolution.problems)).toEqual(['extend-nothing a.yaml:16']);
    expect(releases(resolution.programs)).toEqual({
      '1.0.0 a/Test': 'Invalid',
      '1.0.0 b/Test': 'Invalid',
      '1.0.0 c/Test': { testers: ['x', 'z'] },
    });
  });

  it('shares one config between releases with the same layers', () => {
    const documents = [
      program('  config: { merchantId: M }\n  targets: [{ app: a, environment: Test }]'),
      release('1.0.0', '  environments: [Test]'),
      release('2.0.0', '  environments: [Test]'),
    ];

    const [one] = resolveFiles({ 'a.yaml': stream(...documents) }).programs;

    expect(one!.releases[0]!.config).toEqual({ merchantId: expect.anything() });
    expect(one!.releases[0]!.config).toBe(one!.releases[1]!.config);
  });
});
