import { describe, expect, it } from 'vitest';
import {
  explain,
  parseQuery,
  type ExplainQuery,
  type Explanation,
} from '../../../src/core/explain/explain.ts';
import { originText } from '../../../src/core/words/places.ts';
import { load, locateIn, noTrust, profile, program, release, stream } from '../resolve/world.ts';

const target = '  targets: [{ app: a, environment: Test, config: { clientId: C } }]';

function explained(
  documents: readonly string[],
  query: ExplainQuery = { release: 'coffee-1.0.0' },
): Explanation {
  const sources = [load({ 'a.yaml': stream(...documents) })];
  return explain({ sources, trust: noTrust, locate: locateIn(sources) }, query);
}

/** `layer verb value @line`, with `<- line` for what hides it. */
function lines({ targets }: Explanation, path: string): readonly string[] {
  const field = targets[0]!.fields.find((each) => each.path === path);
  return (field?.layers ?? []).map(({ layer, verb, value, origin, shadowedBy }) => {
    const what =
      value === undefined
        ? ''
        : value.state === 'secret'
          ? `(${value.name}/${value.key})`
          : String(value.value);
    const line = (of: typeof origin): string => originText(of).replace('a.yaml:', '');
    return `${layer} ${verb} ${what} @${line(origin)}${shadowedBy === undefined ? '' : ` <- ${line(shadowedBy)}`}`;
  });
}

function effective({ targets }: Explanation, path: string): unknown {
  const { from, value, origins } = targets[0]!.fields.find((each) => each.path === path)!;
  return [from, value, origins.map(originText)];
}

describe('explain', () => {
  it('shows every layer of a field, lowest first, and what hides it', () => {
    const result = explained([
      program(`  globalConfig: { merchantId: G }
  profiles: [p]
  config: { merchantId: M-program }
  targets: [{ app: a, environment: Test, config: { merchantId: M-standing } }]`),
      profile('p', '  config: { merchantId: M-profile }'),
      release('1.0.0', `  config: { merchantId: M-release }\n${target}`),
    ]);

    expect(lines(result, 'merchantId')).toEqual([
      'global configuration set G @7 <- 16',
      'program profile set M-profile @16 <- 9',
      'program set M-program @9 <- 10',
      'standing target set M-standing @10 <- 24',
      'release set M-release @24',
    ]);
    expect(effective(result, 'merchantId')).toEqual([
      'release',
      { state: 'value', value: 'M-release' },
      ['a.yaml:24'],
    ]);
    expect(lines(result, 'clientId')).toEqual(['release target set C @25']);
  });

  it('shows extends as adding, not hiding', () => {
    const result = explained([
      program('  globalConfig: { testers: [g] }\n  extend: { testers: [p] }'),
      release('1.0.0', `  extend: { testers: [r] }\n${target}`),
    ]);

    expect(lines(result, 'testers')).toEqual([
      'global configuration set g @7',
      'program extend p @8',
      'release extend r @16',
    ]);
    expect(effective(result, 'testers')).toEqual([
      'release',
      { state: 'value', value: ['g', 'p', 'r'] },
      ['a.yaml:7', 'a.yaml:8', 'a.yaml:16'],
    ]);
  });

  it('shows that after unset the field inherits the declared global value again', () => {
    const result = explained([
      program('  globalConfig: { testers: [g] }\n  config: { testers: [p] }'),
      release('1.0.0', `  unset: [testers]\n${target}`),
    ]);

    expect(lines(result, 'testers')).toEqual([
      'global configuration set g @7',
      'program set p @8 <- 16',
      'release unset  @16',
    ]);
    expect(effective(result, 'testers')).toEqual([
      'global',
      { state: 'value', value: ['g'] },
      ['a.yaml:7'],
    ]);
  });

  it('shows that nothing is declared where an unset leaves nothing', () => {
    const result = explained([
      program('  globalConfig: { unset: [testers] }\n  config: { testers: [p] }'),
      release('1.0.0', `  unset: [testers]\n${target}`),
    ]);

    expect(lines(result, 'testers')).toEqual([
      'global configuration unset  @7',
      'program set p @8 <- 16',
      'release unset  @16',
    ]);
    expect(effective(result, 'testers')).toEqual(['nowhere', undefined, []]);
  });

  it('shows a secret by its reference only', () => {
    const result = explained([
      program('  config: { environmentVariables: [{ name: KEY, value: literal }] }'),
      release(
        '1.0.0',
        `${target.replace('clientId: C', 'environmentVariables: [{ name: KEY, valueFrom: { secretKeyRef: { name: s, key: k } } }]')}`,
      ),
    ]);

    expect(lines(result, 'environmentVariables/KEY')).toEqual([
      'program set literal @7 <- 15',
      'release target set (s/k) @15',
    ]);
    expect(effective(result, 'environmentVariables/KEY')).toEqual([
      'release',
      { state: 'secret', name: 's', key: 'k' },
      ['a.yaml:15'],
    ]);
  });

  it.each([
    { query: { release: 'coffee-1.0.0' }, expected: ['a/Sandbox', 'a/Test'], why: 'all targets' },
    {
      query: { release: 'coffee-1.0.0', app: 'a', environment: 'Test' },
      expected: ['a/Test'],
      why: 'one target',
    },
  ] as const)('explains $why', ({ query, expected, why }) => {
    const documents = [
      program('  config: { merchantId: M }'),
      release(
        '1.0.0',
        '  targets: [{ app: a, environment: Test }, { app: a, environment: Sandbox }]',
      ),
    ];

    const { targets } = explained(documents, query);

    expect(
      targets.map(({ key }) => `${key.app}/${key.environment}`),
      why,
    ).toEqual(expected);
  });

  it('explains one field, also one nobody declares', () => {
    const documents = [program('  config: { merchantId: M }'), release('1.0.0', target)];
    const at = { release: 'coffee-1.0.0', app: 'a', environment: 'Test' } as const;

    expect(
      explained(documents, { ...at, field: 'merchantId' }).targets[0]!.fields.map(
        ({ path }) => path,
      ),
    ).toEqual(['merchantId']);
    expect(explained(documents, { ...at, field: 'testers' }).targets[0]!.fields).toEqual([
      { path: 'testers', from: 'nowhere', origins: [], layers: [] },
    ]);
  });

  it('says why a release is out, and resolves nothing', () => {
    const { targets } = explained([
      program('  config: { merchantId: M }'),
      release('1.0.0', `  profiles: [gone]\n${target}`),
    ]);

    expect(targets[0]).toMatchObject({
      barrier: { reason: 'ReferenceNotFound', origins: [{ file: 'a.yaml', line: 15 }] },
      fields: [],
    });
  });

  it('tells policy, suspension and rivals of the target', () => {
    const documents = [
      program('  policy: { onDrift: Ignore }\n  suspend: { reason: holiday }'),
      release('1.0.0', target),
    ];
    const sources = [
      load({ 'a.yaml': stream(...documents) }, 'east'),
      load({ 'a.yaml': stream(...documents) }, 'west'),
    ];

    const { targets } = explain(
      { sources, trust: { order: ['west'] }, locate: locateIn(sources) },
      { release: 'coffee-1.0.0' },
    );

    expect(targets.map(({ source, rivals }) => [source, rivals])).toEqual([
      ['west', ['east']],
      ['east', ['west']],
    ]);
    expect(targets[0]).toMatchObject({
      policy: { onChange: 'Apply', onDrift: 'Ignore' },
      suspended: { reason: 'holiday', origin: { line: 8 } },
    });
  });

  it.each([
    { query: { release: 'cofee-1.0.0' }, step: 'Did you mean coffee-1.0.0?', why: 'misspelt' },
    {
      query: { release: 'coffee-1.0.0', app: 'b', environment: 'Test' },
      step: 'It goes to a/Test.',
      why: 'another target',
    },
  ] as const)('says what to ask instead: $why', ({ query, step, why }) => {
    const { targets, problems } = explained(
      [program('  config: { merchantId: M }'), release('1.0.0', target)],
      query,
    );

    expect(targets).toEqual([]);
    expect(
      problems.map(({ rule, nextStep }) => [rule, nextStep]),
      why,
    ).toEqual([['release-not-found', step]]);
  });
});

describe('parseQuery', () => {
  it('knows a declared variable by its name alone', () => {
    const text = 'coffee-2.4.0/megapay/Sandbox/API_KEY';

    expect(parseQuery(text, ['API_KEY'])).toMatchObject({
      ok: true,
      query: { field: 'environmentVariables/API_KEY' },
    });
    expect(parseQuery(text, ['OTHER'])).toMatchObject({ ok: false });
  });

  it.each([
    { text: 'coffee-1.0.0', expected: { release: 'coffee-1.0.0' } },
    { text: 'r/a/Test', expected: { release: 'r', app: 'a', environment: 'Test' } },
    {
      text: 'r/a/Test/testers',
      expected: { release: 'r', app: 'a', environment: 'Test', field: 'testers' },
    },
    {
      text: 'r/a/Test/environmentVariables/KEY',
      expected: { release: 'r', app: 'a', environment: 'Test', field: 'environmentVariables/KEY' },
    },
  ])('reads $text', ({ text, expected }) => {
    expect(parseQuery(text)).toEqual({ ok: true, query: expected });
  });

  it.each([
    { text: '', step: 'Write it as' },
    { text: 'r/a', step: 'Write it as' },
    { text: 'r/a/Prodution', step: 'Did you mean Production?' },
    { text: 'r/a/Test/merchantID', step: 'Did you mean merchantId?' },
  ])('refuses $text', ({ text, step }) => {
    const parsed = parseQuery(text);

    expect(parsed.ok).toBe(false);
    expect(!parsed.ok && parsed.nextStep).toContain(step);
  });
});
