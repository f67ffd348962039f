import { describe, expect, it } from 'vitest';
import type { SourceDocuments } from '../../../src/core/model/documents.ts';
import { contest } from '../../../src/core/resolve/contest.ts';
import type { Trust } from '../../../src/core/resolve/resolve.ts';
import { epochMs } from '../../../src/core/words/time.ts';
import { flat, load, program, release, resolveSources, stream } from './world.ts';

/** One source that declares merchant `merchant` for 1.0.0 on a/Test, and globally. */
function source(name: string, createdAt?: number): SourceDocuments {
  const loaded = load(
    {
      'a.yaml': stream(
        program(`  globalConfig: { merchantId: ${name} }`),
        release(
          '1.0.0',
          `  targets: [{ app: a, environment: Test, config: { merchantId: ${name} } }]`,
        ),
      ),
    },
    name,
  );
  if (createdAt === undefined) return loaded;
  return {
    ...loaded,
    documents: loaded.documents.map((document) => ({ ...document, createdAt: epochMs(createdAt) })),
  };
}

const invalid = (name: string): SourceDocuments =>
  load(
    {
      'a.yaml': stream(
        program(`  globalConfig: { merchantId: ${name} }`),
        release('1.0.0', '  profiles: [gone]\n  targets: [{ app: a, environment: Test }]'),
      ),
    },
    name,
  );

interface Row {
  readonly name: string;
  readonly why: string;
  readonly sources: readonly SourceDocuments[];
  readonly trust?: Partial<Trust>;
  readonly expected: readonly string[];
}

const rows: readonly Row[] = [
  {
    name: 'one source has no rivals',
    why: 'nobody else claims',
    sources: [source('east')],
    expected: ['east'],
  },
  {
    name: 'the source named first in the settings comes first',
    why: 'no ages are known',
    sources: [source('east'), source('west')],
    trust: { order: ['west', 'east'] },
    expected: ['west', 'east'],
  },
  {
    name: 'unnamed sources come last, by name',
    why: 'some order must hold',
    sources: [source('c'), source('b'), source('a')],
    trust: { order: ['c'] },
    expected: ['c', 'a', 'b'],
  },
  {
    name: 'the older object comes first',
    why: 'age before order',
    sources: [source('east', 200), source('west', 100)],
    trust: { order: ['east', 'west'] },
    expected: ['west', 'east'],
  },
  {
    name: 'of two of one age the one named first',
    why: 'age does not decide',
    sources: [source('east', 100), source('west', 100)],
    trust: { order: ['west', 'east'] },
    expected: ['west', 'east'],
  },
  {
    name: 'a source without a grant comes last',
    why: 'it has no claim',
    sources: [source('east'), source('west')],
    trust: {
      order: ['east', 'west'],
      connections: { default: { platformId: 'p', grants: [{ sources: ['west'] }] } },
    },
    expected: ['west', 'east'],
  },
  {
    name: 'a release that is out keeps its rank',
    why: 'it keeps its claim',
    sources: [invalid('east'), source('west')],
    trust: { order: ['east', 'west'] },
    expected: ['east', 'west'],
  },
];

describe('rivals', () => {
  it.each(rows)('$name', ({ sources, trust, expected, why }) => {
    const { programs } = resolveSources(sources, { order: [], ...trust });

    expect(programs, why).toHaveLength(1);
    expect(programs[0]!.releases, 'one entry per key').toHaveLength(1);
    const [desired] = programs[0]!.releases as [(typeof programs)[0]['releases'][0]];
    expect(
      [desired, ...(desired.rivals ?? [])].map((each) => each.source),
      why,
    ).toEqual(expected);
    expect(
      [desired, ...(desired.rivals ?? [])]
        .map((each) => (each.rivals === undefined ? 0 : 1))
        .slice(1),
      'no rival has rivals',
    ).toEqual(expected.slice(1).map(() => 0));
    const global = programs[0]!.global!;
    expect(
      [global, ...(global.rivals ?? [])].map((each) => each.source),
      why,
    ).toEqual(expected);
  });
});

describe('contest', () => {
  const sources = [source('east'), source('west'), source('north')];
  const order = ['east', 'west', 'north'];

  it.each([
    { marked: undefined, incumbent: 'east', why: 'no mark: the first' },
    { marked: 'west', incumbent: 'west', why: 'the mark names the incumbent' },
    { marked: 'elsewhere', incumbent: 'east', why: 'the one named declares no more' },
  ])('lets $incumbent stand when the mark names $marked', ({ marked, incumbent, why }) => {
    const [one] = resolveSources(sources, { order }).programs;

    const result = contest(one!.releases[0]!, (name) => name === marked);

    expect(result.incumbent.source, why).toBe(incumbent);
    expect(flat(result.incumbent.config), why).toEqual({ merchantId: incumbent });
    expect(result.others.map((each) => [each.source, each.barrier?.reason])).toEqual(
      order.filter((name) => name !== incumbent).map((name) => [name, 'TargetConflict']),
    );
    expect(result.others[0]!.barrier!.places.map(({ document }) => document)).toEqual([
      `${incumbent}|a.yaml#1`,
      `${result.others[0]!.source}|a.yaml#1`,
    ]);
  });

  it('never lets a source without a grant stand, whatever the mark says', () => {
    const trust = {
      order,
      connections: { default: { platformId: 'p', grants: [{ sources: ['west'] }] } },
    };
    const [one] = resolveSources(sources, trust).programs;

    const result = contest(one!.releases[0]!, (name) => name === 'east');

    expect(result.incumbent.source).toBe('west');
    expect(result.others.map((each) => [each.source, each.barrier?.reason])).toEqual([
      ['east', 'NotGranted'],
      ['north', 'NotGranted'],
    ]);
  });

  it('works alike for global configurations', () => {
    const [one] = resolveSources(sources, { order }).programs;

    const result = contest(one!.global!, (name) => name === 'north');

    expect(flat(result.incumbent.config)).toEqual({ merchantId: 'north' });
    expect(result.others.map((each) => each.barrier?.reason)).toEqual([
      'TargetConflict',
      'TargetConflict',
    ]);
  });
});
