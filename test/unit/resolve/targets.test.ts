import { describe, expect, it } from 'vitest';
import { found, profile, program, release, releases, resolveFiles, stream } from './world.ts';

const standing = program(`  targets:
    - { app: megapay, environment: Sandbox, config: { merchantId: S } }
    - { app: tapngo, environment: Sandbox, config: { merchantId: T } }
    - { app: megapay, environment: Production, config: { merchantId: P } }`);

interface Row {
  readonly name: string;
  readonly why: string;
  readonly documents: readonly string[];
  readonly expected: object;
  readonly problems?: readonly string[];
}

const rows: readonly Row[] = [
  {
    name: 'environments select all standing targets of these environments',
    why: 'promoting is one more word',
    documents: [standing, release('1.0.0', '  environments: [Sandbox]')],
    expected: {
      '1.0.0 megapay/Sandbox': { merchantId: 'S' },
      '1.0.0 tapngo/Sandbox': { merchantId: 'T' },
    },
  },
  {
    name: 'no environments select nothing',
    why: 'omitted, it selects none',
    documents: [
      standing,
      release('1.0.0', '  targets: [{ app: rapipay, environment: Test, config: { clientId: C } }]'),
    ],
    expected: { '1.0.0 rapipay/Test': { clientId: 'C' } },
  },
  {
    name: 'a target of its own equal to a standing one takes the standing config',
    why: 'selected or not',
    documents: [
      standing,
      release(
        '1.0.0',
        '  environments: [Production]\n  targets: [{ app: megapay, environment: Sandbox, config: { clientId: C } }]',
      ),
    ],
    expected: {
      '1.0.0 megapay/Production': { merchantId: 'P' },
      '1.0.0 megapay/Sandbox': { clientId: 'C', merchantId: 'S' },
    },
  },
  {
    name: 'an environment without a standing target takes the whole release out',
    why: 'part of what was asked for is not there; the rest keeps its claim',
    documents: [standing, release('1.0.0', '  environments: [Sandbox, Test]')],
    expected: { '1.0.0 megapay/Sandbox': 'Invalid', '1.0.0 tapngo/Sandbox': 'Invalid' },
    problems: ['environment-without-target a.yaml:18 a.yaml:5'],
  },
  {
    name: 'a program with no releases is still there',
    why: 'its records can be listed as unmanaged',
    documents: [standing],
    expected: {},
  },
  {
    name: 'each instance is a program key of its own with the shared layers',
    why: 'several consoles, one program',
    documents: [
      program(
        `  instances:
    - { apps: [megapay], workspace: acme, id: "35" }
    - { apps: [tapngo, rapipay], connection: other, workspace: acme, id: "36" }
  config: { clientId: C }
  targets: [{ app: tapngo, environment: Test, config: { merchantId: T } }, { app: megapay, environment: Test }]`,
        'coffee',
        '',
      ),
      release(
        '1.0.0',
        '  environments: [Test]\n  targets: [{ app: rapipay, environment: Sandbox }]',
      ),
    ],
    expected: {
      '1.0.0 megapay/Test': { clientId: 'C' },
      '1.0.0 tapngo/Test': { clientId: 'C', merchantId: 'T' },
      '1.0.0 rapipay/Sandbox': { clientId: 'C' },
    },
  },
  {
    name: 'a target whose app stands in no instance takes the release out',
    why: 'its program key is unknown',
    documents: [
      program(
        '  instances: [{ apps: [megapay], workspace: acme, id: "35" }]\n  targets: [{ app: megapay, environment: Test }]',
        'coffee',
        '',
      ),
      release(
        '1.0.0',
        '  environments: [Test]\n  targets: [{ app: rapipay, environment: Sandbox }]',
      ),
    ],
    expected: { '1.0.0 megapay/Test': 'Invalid' },
    problems: ['app-without-instance a.yaml:16 a.yaml:6'],
  },
];

describe('targets', () => {
  it.each(rows)('$name', ({ documents, expected, problems = [], why }) => {
    const resolution = resolveFiles({ 'a.yaml': stream(...documents) });

    expect(releases(resolution.programs), why).toEqual(expected);
    expect(found(resolution.problems), why).toEqual(problems);
  });

  it('tells a target of its own from one selected by environments', () => {
    const own = '  environments: [Sandbox]\n  targets: [{ app: megapay, environment: Sandbox }]';

    const [one] = resolveFiles({ 'a.yaml': stream(standing, release('1.0.0', own)) }).programs;

    expect(one!.releases.map(({ key, own: isOwn }) => [key.app, isOwn])).toEqual([
      ['megapay', true],
      ['tapngo', false],
    ]);
  });

  it('gives every instance its own key, connection and global configuration', () => {
    const text = program(
      `  instances:
    - { apps: [megapay], workspace: acme, id: "35" }
    - { apps: [tapngo], connection: other, workspace: bcme, id: "36", globalConfig: { merchantId: own } }
  globalConfig: { merchantId: shared }`,
      'coffee',
      '',
    );

    const { programs } = resolveFiles({ 'a.yaml': text });

    expect(
      programs.map(({ key, connection, global }) => [
        key,
        connection,
        global?.config.merchantId?.value,
      ]),
    ).toEqual([
      [
        { platform: 'default', workspace: 'acme', miniProgram: '35' },
        'default',
        { kind: 'text', text: 'shared' },
      ],
      [
        { platform: 'other', workspace: 'bcme', miniProgram: '36' },
        'other',
        { kind: 'text', text: 'own' },
      ],
    ]);
  });

  it.each([
    { targets: 256, why: 'the limit is inclusive', problems: [] },
    {
      targets: 257,
      why: 'standing and own targets count together',
      problems: ['too-many-targets'],
    },
  ])('allows 256 targets, asked for $targets', ({ targets, why, problems }) => {
    const many = Array.from(
      { length: 200 },
      (_, index) => `    - { app: a${index}, environment: Test }`,
    );
    const more = Array.from(
      { length: targets - 200 },
      (_, index) => `    - { app: b${index}, environment: Test }`,
    );
    const lines = [
      `  targets:\n${many.join('\n')}`,
      `  environments: [Test]\n  targets:\n${more.join('\n')}`,
    ] as const;

    const { programs, problems: told } = resolveFiles({
      'a.yaml': stream(program(lines[0]), release('1.0.0', lines[1])),
    });

    expect(programs[0]!.releases).toHaveLength(targets);
    expect(
      told.map(({ rule }) => rule),
      why,
    ).toEqual(problems);
    expect(
      programs[0]!.releases.filter(({ barrier }) => barrier?.reason === 'Invalid'),
    ).toHaveLength(problems.length === 0 ? 0 : targets);
  });

  it.each([
    { versions: ['1.9.0', '1.10.0'], superseded: ['1.9.0'], why: 'numbers, not text' },
    { versions: ['1.0', '1.0.0'], superseded: [], why: 'neither is newer' },
    {
      versions: ['nightly', '1.0.0', '2.0.0'],
      superseded: ['1.0.0'],
      why: 'other versions have no order',
    },
  ])('calls $superseded superseded among $versions', ({ versions, superseded, why }) => {
    const documents = versions.map((version) =>
      release(`${version}`, '  targets: [{ app: a, environment: Test }]'),
    );

    const [one] = resolveFiles({
      'a.yaml': stream(program('  config: { merchantId: M }'), ...documents).replaceAll(
        /version: (.*)/g,
        'version: "$1"',
      ),
    }).programs;

    expect(
      one!.releases.filter((each) => each.superseded).map(({ key }) => key.version),
      why,
    ).toEqual(superseded);
  });

  it('supersedes per app and environment only', () => {
    const documents = [
      program('  config: { merchantId: M }'),
      release(
        '1.0.0',
        '  targets: [{ app: a, environment: Test }, { app: a, environment: Sandbox }, { app: b, environment: Test }]',
      ),
      release('2.0.0', '  targets: [{ app: a, environment: Test }]'),
    ];

    const [one] = resolveFiles({ 'a.yaml': stream(...documents) }).programs;

    expect(
      one!.releases.map(({ key, superseded }) => [
        key.version,
        key.app,
        key.environment,
        superseded,
      ]),
    ).toEqual([
      ['1.0.0', 'a', 'Sandbox', false],
      ['1.0.0', 'a', 'Test', true],
      ['1.0.0', 'b', 'Test', false],
      ['2.0.0', 'a', 'Test', false],
    ]);
  });

  it('lets a newer version supersede even while its own document is out', () => {
    const documents = [
      program('  targets: [{ app: a, environment: Test }]'),
      release('1.0.0', '  environments: [Test]'),
      release('2.0.0', '  profiles: [missing]\n  environments: [Test]'),
    ];

    const [one] = resolveFiles({ 'a.yaml': stream(...documents) }).programs;

    expect(one!.releases.map(({ superseded, barrier }) => [superseded, barrier?.reason])).toEqual([
      [true, undefined],
      [false, 'ReferenceNotFound'],
    ]);
  });

  it('reads a profile of a namespace only for that namespace', () => {
    const inTeam = (text: string): string =>
      text.replace('metadata: { ', 'metadata: { namespace: team, ');
    const documents = [
      inTeam(program('  profiles: [qa]\n  targets: [{ app: a, environment: Test }]')),
      inTeam(release('1.0.0', '  environments: [Test]')),
      profile('qa', '  config: { merchantId: M }'),
    ];

    const resolution = resolveFiles({ 'a.yaml': stream(...documents) });

    expect(releases(resolution.programs)).toEqual({ '1.0.0 a/Test': 'ReferenceNotFound' });
  });
});
