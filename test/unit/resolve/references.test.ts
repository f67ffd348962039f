import { describe, expect, it } from 'vitest';
import {
  found,
  load,
  profile,
  program,
  release,
  releases,
  resolveFiles,
  resolveSources,
  stream,
} from './world.ts';

const target = '  targets: [{ app: a, environment: Test }]';
const wrong = (text: string): string => text.replace('spec:', 'spec:\n  wrong: 1');

interface Row {
  readonly name: string;
  readonly why: string;
  readonly documents: readonly string[];
  readonly expected: object;
  readonly problems: readonly string[];
}

const rows: readonly Row[] = [
  {
    name: 'a missing profile of the release takes it out',
    why: 'it is never resolved with fewer layers',
    documents: [
      program('  config: { merchantId: M }'),
      release('1.0.0', `  profiles: [qaa]\n${target}`),
      profile('qa', '  config: { merchantId: X }'),
    ],
    expected: { '1.0.0 a/Test': 'ReferenceNotFound' },
    problems: ['reference-not-found a.yaml:15'],
  },
  {
    name: 'an invalid profile of the release takes it out',
    why: 'what it would have said is unknown',
    documents: [
      program('  config: { merchantId: M }'),
      release('1.0.0', `  profiles: [qa]\n${target}`),
      wrong(profile('qa', '  config: { merchantId: X }')),
    ],
    expected: { '1.0.0 a/Test': 'Invalid' },
    problems: ['reference-invalid a.yaml:15 a.yaml:18'],
  },
  {
    name: 'a missing profile of the program takes all its releases out',
    why: 'every one of them has that layer',
    documents: [program('  profiles: [gone]'), release('1.0.0', target), release('2.0.0', target)],
    expected: { '1.0.0 a/Test': 'ReferenceNotFound', '2.0.0 a/Test': 'ReferenceNotFound' },
    problems: ['reference-not-found a.yaml:7'],
  },
  {
    name: 'a missing profile of one target takes the whole release out, and no other',
    why: 'a release is whole or out; another release does not use that target',
    documents: [
      program(
        '  targets: [{ app: a, environment: Sandbox, profiles: [gone] }, { app: a, environment: Test }]',
      ),
      release('1.0.0', '  environments: [Sandbox, Test]'),
      release('2.0.0', '  environments: [Test]'),
    ],
    expected: {
      '1.0.0 a/Sandbox': 'ReferenceNotFound',
      '1.0.0 a/Test': 'ReferenceNotFound',
      '2.0.0 a/Test': {},
    },
    problems: ['reference-not-found a.yaml:7'],
  },
  {
    name: 'an invalid program takes its releases out and keeps their claims',
    why: 'keys can still be read from it',
    documents: [
      wrong(program('  targets: [{ app: b, environment: Test }]')),
      release('1.0.0', `  environments: [Test]\n${target}`),
    ],
    expected: { '1.0.0 a/Test': 'Invalid', '1.0.0 b/Test': 'Invalid' },
    problems: ['reference-invalid a.yaml:14 a.yaml:1'],
  },
  {
    name: 'an invalid release keeps its claims',
    why: 'its records must not look unmanaged',
    documents: [
      program('  targets: [{ app: b, environment: Test }]'),
      wrong(release('1.0.0', `  environments: [Test]\n${target}`)),
    ],
    expected: { '1.0.0 a/Test': 'Invalid', '1.0.0 b/Test': 'Invalid' },
    problems: [],
  },
  {
    name: 'an unquoted id still tells which program is claimed',
    why: 'the mistake is in the form, not in the number',
    documents: [
      program('  config: { merchantId: M }').replace('"35"', '35'),
      release('1.0.0', target),
    ],
    expected: { '1.0.0 a/Test': 'Invalid' },
    problems: ['reference-invalid a.yaml:13 a.yaml:1'],
  },
  {
    name: 'a release of a missing program claims nothing',
    why: 'its program key is unknown',
    documents: [program('  config: { merchantId: M }'), release('1.0.0', target, 'cofee')],
    expected: {},
    problems: ['reference-not-found a.yaml:13'],
  },
  {
    name: 'two documents with one identity are both invalid',
    why: 'nobody can say which was meant',
    documents: [
      program('  config: { merchantId: M }'),
      profile('qa', '  config: { merchantId: X }'),
      profile('qa', '  config: { merchantId: Z }'),
      release('1.0.0', `  profiles: [qa]\n${target}`),
    ],
    expected: { '1.0.0 a/Test': 'Invalid' },
    problems: ['duplicate-document a.yaml:17 a.yaml:11', 'reference-invalid a.yaml:27 a.yaml:15'],
  },
  {
    name: 'two MiniPrograms with one program key are both out',
    why: 'their global configurations and policies would fight',
    documents: [
      program('  globalConfig: { merchantId: A }'),
      program('  globalConfig: { merchantId: B }', 'tea'),
      release('1.0.0', target),
      release('2.0.0', target, 'tea'),
    ],
    expected: { '1.0.0 a/Test': 'Invalid', '2.0.0 a/Test': 'Invalid' },
    problems: ['duplicate-program a.yaml:6 a.yaml:14'],
  },
  {
    name: 'two releases that claim one key are out there, and only there',
    why: 'both places are named and neither is applied',
    documents: [
      program(
        '  targets: [{ app: a, environment: Test, config: { merchantId: M } }, { app: b, environment: Test }]',
      ),
      release('1.0.0', '  environments: [Test]'),
      release('1.0.0', target).replace('coffee-1.0.0', 'again'),
    ],
    expected: { '1.0.0 a/Test': 'Invalid', '1.0.0 b/Test': {} },
    problems: ['duplicate-claim a.yaml:23 a.yaml:15'],
  },
];

const copies: readonly Row[] = [
  {
    name: 'a release file copied whole is told once',
    why: 'one mistake, one problem',
    documents: [
      program('  config: { merchantId: M }'),
      release('1.0.0', target),
      release('1.0.0', target),
    ],
    expected: { '1.0.0 a/Test': 'Invalid' },
    problems: ['duplicate-document a.yaml:19 a.yaml:11'],
  },
  {
    name: 'a program file copied whole is told once, and takes its releases out',
    why: 'nobody can say which was meant',
    documents: [
      program('  config: { merchantId: M }'),
      program('  config: { merchantId: M }'),
      release('1.0.0', target),
    ],
    expected: { '1.0.0 a/Test': 'Invalid' },
    problems: ['duplicate-document a.yaml:11 a.yaml:3', 'reference-invalid a.yaml:21 a.yaml:9'],
  },
  {
    name: 'one program with one console twice',
    why: 'two global configurations for one key',
    documents: [
      program(
        '  instances: [{ apps: [a], workspace: acme, id: "35" }, { apps: [b], workspace: acme, id: "35" }]',
        'coffee',
        '',
      ),
      release('1.0.0', target),
    ],
    expected: { '1.0.0 a/Test': 'Invalid' },
    problems: ['duplicate-program a.yaml:6 a.yaml:6'],
  },
];

describe('references and identity', () => {
  it.each([...rows, ...copies])('$name', ({ documents, expected, problems, why }) => {
    const resolution = resolveFiles({ 'a.yaml': stream(...documents) });

    expect(releases(resolution.programs), why).toEqual(expected);
    expect(found(resolution.problems), why).toEqual(problems);
  });

  it('blocks the global configuration of two MiniPrograms with one key, naming both', () => {
    const documents = [
      program('  globalConfig: { merchantId: A }'),
      program('  globalConfig: { merchantId: B }', 'tea'),
    ];

    const [one] = resolveFiles({ 'a.yaml': stream(...documents) }).programs;

    expect(one!.global).toMatchObject({ config: {}, barrier: { reason: 'Invalid' } });
    expect(one!.global!.claims.map(({ document }) => document)).toEqual([
      'cli|a.yaml#0',
      'cli|a.yaml#1',
    ]);
  });

  it('names the key a duplicate claim is about once, with both places', () => {
    const documents = [
      program('  config: { merchantId: M }'),
      release('1.0.0', target),
      release('1.0.0', target).replace('coffee-1.0.0', 'again'),
    ];

    const [one] = resolveFiles({ 'a.yaml': stream(...documents) }).programs;

    expect(one!.releases).toHaveLength(1);
    expect(one!.releases[0]!.claims).toEqual([
      { document: 'cli|a.yaml#1', pointer: '/spec/targets/0' },
      { document: 'cli|a.yaml#2', pointer: '/spec/targets/0' },
    ]);
  });

  it('suggests the name that was probably meant', () => {
    const { problems } = resolveFiles({
      'a.yaml': stream(
        program('  profiles: [qa-taem]'),
        profile('qa-team', '  config: { merchantId: M }'),
        release('1.0.0', target),
      ),
    });

    expect(problems.map(({ nextStep }) => nextStep)).toEqual(['Did you mean qa-team?']);
  });

  it('finds no reference in another source', () => {
    const here = load(
      { 'a.yaml': stream(program('  profiles: [qa]'), release('1.0.0', target)) },
      'here',
    );
    const there = load({ 'b.yaml': profile('qa', '  config: { merchantId: M }') }, 'there');

    const resolution = resolveSources([here, there]);

    expect(releases(resolution.programs)).toEqual({ '1.0.0 a/Test': 'ReferenceNotFound' });
  });
});
