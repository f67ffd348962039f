import { describe, expect, it } from 'vitest';
import { diff, type DeclarationDiff } from '../../../src/core/diff/diff.ts';
import { resolve } from '../../../src/core/resolve/resolve.ts';
import { originText } from '../../../src/core/words/places.ts';
import { load, locateIn, noTrust, program, release, stream } from '../resolve/world.ts';

type Sources = readonly (readonly string[])[];

function side(sources: Sources) {
  const loaded = sources.map((documents, index) =>
    load({ 'a.yaml': stream(...documents) }, `s${index}`),
  );
  const locate = locateIn(loaded);
  return { programs: resolve(loaded, noTrust, locate).programs, locate };
}

function diffed(before: readonly string[], after: readonly string[]): DeclarationDiff {
  return diff(side([before]), side([after]));
}

/** `change version app/environment: path before -> after @lines`. */
function lines({ programs }: DeclarationDiff): readonly string[] {
  const shown = (
    value: DeclarationDiff['programs'][0]['releases'][0]['fields'][0]['before'],
  ): string => {
    if (value === null) return '-';
    return value.state === 'value'
      ? String(value.value)
      : value.state === 'secret'
        ? `(${value.name}/${value.key})`
        : 'unset';
  };
  const text = (
    what: string,
    {
      change,
      fields,
      barrier,
      policy,
      suspended,
    }: Omit<DeclarationDiff['programs'][0]['releases'][0], 'key' | 'name'>,
  ) => [
    `${change} ${what}`,
    ...fields.map(
      ({ path, before, after, originsBefore, origins }) =>
        `  ${path} ${shown(before)} -> ${shown(after)} @${[...originsBefore, ...origins].map((at) => originText(at).replace('a.yaml:', '')).join(' ')}`,
    ),
    ...(barrier === null
      ? []
      : [`  barrier ${barrier.before?.reason ?? '-'} -> ${barrier.after?.reason ?? '-'}`]),
    ...(policy === null ? [] : [`  onDrift ${policy.before.onDrift} -> ${policy.after.onDrift}`]),
    ...(suspended === null
      ? []
      : [`  suspended ${suspended.before?.reason ?? '-'} -> ${suspended.after?.reason ?? '-'}`]),
  ];
  return programs.flatMap(({ global, releases, change, key }) => [
    `${change} program ${key.miniProgram}`,
    ...global.flatMap((one) => text('global', one)),
    ...releases.flatMap((one) =>
      text(`${one.key.version} ${one.key.app}/${one.key.environment}`, one),
    ),
  ]);
}

const base = program('  targets: [{ app: a, environment: Test, config: { merchantId: M-1 } }]');
const one = release('1.0.0', '  environments: [Test]');

interface Row {
  readonly name: string;
  readonly why: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly expected: readonly string[];
}

const rows: readonly Row[] = [
  {
    name: 'nothing for the same declarations',
    why: 'no change',
    before: [base, one],
    after: [base, one],
    expected: [],
  },
  {
    name: 'nothing for documents moved and renamed',
    why: 'claims are by key',
    before: [base, one],
    after: [one.replace('coffee-1.0.0', 'other-name'), base],
    expected: [],
  },
  {
    name: 'every release a shared line reaches',
    why: 'that is what the reviewer cannot see in the text',
    before: [base, one, release('2.0.0', '  environments: [Test]')],
    after: [base.replace('M-1', 'M-2'), one, release('2.0.0', '  environments: [Test]')],
    expected: [
      'changed program 35',
      'changed 1.0.0 a/Test',
      '  merchantId M-1 -> M-2 @7 7',
      'changed 2.0.0 a/Test',
      '  merchantId M-1 -> M-2 @7 7',
    ],
  },
  {
    name: 'a target added, with all it declares',
    why: 'one more word in environments',
    before: [base],
    after: [base, one],
    expected: ['changed program 35', 'added 1.0.0 a/Test', '  merchantId - -> M-1 @7'],
  },
  {
    name: 'a target removed',
    why: 'its record stays and becomes unmanaged',
    before: [base, one],
    after: [base],
    expected: ['changed program 35', 'removed 1.0.0 a/Test', '  merchantId M-1 -> - @7'],
  },
  {
    name: 'a program added',
    why: 'with everything in it',
    before: [],
    after: [base, one],
    expected: ['added program 35', 'added 1.0.0 a/Test', '  merchantId - -> M-1 @7'],
  },
  {
    name: 'a list as its values',
    why: 'order and doubles mean nothing',
    before: [
      program('  config: { testers: [b, a] }'),
      release('1.0.0', '  targets: [{ app: a, environment: Test }]'),
    ],
    after: [
      program('  config: { testers: [a, c] }'),
      release('1.0.0', '  targets: [{ app: a, environment: Test }]'),
    ],
    expected: ['changed program 35', 'changed 1.0.0 a/Test', '  testers a,b -> a,c @7 7'],
  },
  {
    name: 'a secret by its reference',
    why: 'its value is nobody’s business here',
    before: [base, one],
    after: [
      base.replace(
        'merchantId: M-1',
        'merchantId: M-1, environmentVariables: [{ name: K, valueFrom: { secretKeyRef: { name: s, key: k } } }]',
      ),
      one,
    ],
    expected: [
      'changed program 35',
      'changed 1.0.0 a/Test',
      '  environmentVariables/K - -> (s/k) @7',
    ],
  },
  {
    name: 'global fields set, left and cleared',
    why: 'a field that leaves stays at the platform, one that is unset is cleared',
    before: [program('  globalConfig: { merchantId: G, clientId: C }')],
    after: [program('  globalConfig: { merchantId: H, testers: [t], unset: [clientId] }')],
    expected: [
      'changed program 35',
      'changed global',
      '  clientId C -> unset @7 7',
      '  merchantId G -> H @7 7',
      '  testers - -> t @7',
    ],
  },
  {
    name: 'a barrier instead of fields when a release falls out',
    why: 'nothing of it takes effect any more, and nothing is removed either',
    before: [base, one],
    after: [base, one.replace('  environments', '  profiles: [gone]\n  environments')],
    expected: ['changed program 35', 'changed 1.0.0 a/Test', '  barrier - -> ReferenceNotFound'],
  },
  {
    name: 'policy and suspension',
    why: 'they decide what is written',
    before: [base, one],
    after: [
      base.replace(
        '  targets',
        '  policy: { onDrift: Ignore }\n  suspend: { reason: holiday }\n  targets',
      ),
      one,
    ],
    expected: [
      'changed program 35',
      'changed 1.0.0 a/Test',
      '  onDrift Report -> Ignore',
      '  suspended - -> holiday',
    ],
  },
];

describe('diff', () => {
  it.each(rows)('tells $name', ({ before, after, expected, why }) => {
    expect(lines(diffed(before, after)), why).toEqual(expected);
  });

  it('counts what it tells', () => {
    const before = [
      program('  globalConfig: { merchantId: G }\n  targets: [{ app: a, environment: Test }]'),
      one,
      release('3.0.0', '  environments: [Test]'),
    ];
    const after = [
      program('  globalConfig: { merchantId: H }\n  targets: [{ app: a, environment: Test }]'),
      one.replace('  environments', '  config: { clientId: C }\n  environments'),
      release('2.0.0', '  environments: [Test]'),
    ];

    expect(diffed(before, after).summary).toEqual({
      programs: 1,
      added: 1,
      removed: 1,
      changed: 1,
      global: 1,
    });
  });

  it('compares each source with itself where several claim a key', () => {
    const east = [base, one];
    const west = [base.replace('M-1', 'W-1'), one];

    const result = diff(side([east, west]), side([east, [base.replace('M-1', 'W-2'), one]]));

    expect(lines(result)).toEqual([
      'changed program 35',
      'changed 1.0.0 a/Test',
      '  merchantId W-1 -> W-2 @7 7',
    ]);
    expect(result.programs[0]!.releases[0]!.source).toBe('s1');
  });
});
