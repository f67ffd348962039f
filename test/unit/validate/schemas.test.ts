import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as declarations from '../../../src/core/generated/declarations.js';
import * as settings from '../../../src/core/generated/settings.js';
import { RepositorySettings } from '../../../src/core/generated/repository-settings.js';
import { parseRepositorySettings } from '../../../src/core/lint/repository-settings.ts';
import { patternWords } from '../../../src/core/validate/patterns.ts';
import { schemaFindings } from '../../../src/core/validate/schema-findings.ts';
import { isRecord, list, record } from '../../../src/core/validate/read.ts';
import { nearest } from '../../../src/core/validate/names.ts';
import { kindExamples } from '../../../tools/kind-examples.ts';
import { declarationSchemas, repositorySchema, settingsSchemas } from '../../../tools/kinds.ts';
import { plainSchema } from '../../../tools/schemas.ts';
import { readText } from '../../../src/core/yaml/stream.ts';
import { read } from '../yaml/reading.ts';

const schemas: Readonly<Record<string, unknown>> = {
  ...declarationSchemas,
  ...settingsSchemas,
  '.fairlead.yaml': repositorySchema,
};
const generated: Readonly<Record<string, (value: unknown) => boolean>> = {
  ...declarations,
  ...settings,
  '.fairlead.yaml': RepositorySettings,
};

describe('generated validators', () => {
  it.each(Object.keys(schemas))('%s judges like the definition itself', (name) => {
    const compiled = new Ajv({ strict: false }).compile(
      JSON.parse(JSON.stringify(schemas[name])) as object,
    );
    const valid = readText(kindExamples[name] ?? '').documents[0]?.value;
    let refused = 0;

    fc.assert(
      fc.property(mutations(valid), (value) => {
        const expected = compiled(value);
        if (!expected) refused += 1;
        expect(generated[name]?.(value)).toBe(expected);
      }),
      { numRuns: 250 },
    );

    expect(generated[name]?.(valid)).toBe(true);
    expect(refused).toBeGreaterThan(60);
  });
});

/** The value with one of its parts, at any depth, replaced, removed or added. */
function mutations(value: unknown): fc.Arbitrary<unknown> {
  const paths = pathsIn(value);
  const other = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      '',
      ' ',
      [],
      {},
      0,
      -1,
      1.5,
      true,
      'Production',
      'off',
      ['a', 'a'],
      'A B',
      'x'.repeat(300),
    ),
    fc.string({ maxLength: 8 }),
  );
  const key = fc.constantFrom(
    'config',
    'extend',
    'testers',
    'name',
    'value',
    'unknown',
    'environment',
  );
  return fc
    .tuple(fc.constantFrom(...paths), fc.constantFrom('replace', 'remove', 'add'), key, other)
    .map(([path, verb, name, part]) => mutate(value, path, { verb, name, part }));
}

interface Mutation {
  readonly verb: string;
  readonly name: string;
  readonly part: unknown;
}

function mutate(value: unknown, path: readonly string[], { verb, name, part }: Mutation): unknown {
  const copy: unknown = structuredClone(value);
  const last = path.at(-1);
  if (last === undefined) return verb === 'replace' ? part : copy;
  const parent = path.slice(0, -1).reduce((node, step) => node[step] as Loose, copy as Loose);
  const child = parent[last];
  if (verb === 'replace') parent[last] = part;
  if (verb === 'remove') delete parent[last];
  if (verb === 'add' && isRecord(child)) parent[last] = { ...child, [name]: part };
  return JSON.parse(JSON.stringify(copy)) as unknown;
}

type Loose = Record<string, unknown>;

function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, child]) => pathsIn(child, [...path, key]))];
}

describe('words', () => {
  it('has words for every pattern of every kind', () => {
    const patterns = Object.values(schemas).flatMap((schema) =>
      valuesOf(plainSchema(schema), 'pattern'),
    );

    expect(patterns.filter((pattern) => patternWords[String(pattern)] === undefined)).toEqual([]);
    expect(Object.keys(patternWords).filter((pattern) => !patterns.includes(pattern))).toEqual([]);
  });

  it('has words for every way in which a kind can be wrong', () => {
    const keywords = new Set(
      Object.values(schemas).flatMap((schema) => keywordsOf(plainSchema(schema))),
    );
    const silent = [...keywords].filter((keyword) => {
      const error = {
        keyword,
        instancePath: '/spec',
        params: {
          limit: 1,
          type: 'string',
          allowedValues: ['a'],
          additionalProperty: 'a',
          missingProperty: 'a',
        },
      };
      return schemaFindings('MiniProgram', { spec: 1 }, [error]).some(({ message }) =>
        message.endsWith('is not allowed.'),
      );
    });

    expect(silent).toEqual([]);
  });

  it('describes every field', () => {
    const bare = Object.entries(schemas).flatMap(([name, schema]) =>
      undescribed(plainSchema(schema), name),
    );

    expect(bare).toEqual([]);
  });
});

function valuesOf(node: unknown, keyword: string): unknown[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === keyword && typeof value === 'string' ? [value] : valuesOf(value, keyword),
  );
}

const silent = new Set(['description', 'properties', 'items', 'title']);

function keywordsOf(node: unknown): string[] {
  if (!isRecord(node)) return [];
  const { properties, items, additionalProperties, anyOf } = node;
  const below = [...Object.values(record(properties)), items, additionalProperties, ...list(anyOf)];
  return [...Object.keys(node).filter((key) => !silent.has(key)), ...below.flatMap(keywordsOf)];
}

function undescribed(node: unknown, path: string): string[] {
  const { properties, items, additionalProperties } = record(node);
  const fields = Object.entries(record(properties)).filter(
    ([name]) => !['apiVersion', 'kind'].includes(name),
  );
  return [
    ...fields
      .filter(([, field]) => !record(field)['description'])
      .map(([name]) => `${path}.${name}`),
    ...fields.flatMap(([name, field]) => undescribed(field, `${path}.${name}`)),
    ...(items === undefined ? [] : undescribed(items, `${path}[]`)),
    ...(isRecord(additionalProperties) ? undescribed(additionalProperties, `${path}.*`) : []),
  ];
}

describe('examples of the reference', () => {
  it.each(Object.keys(declarationSchemas))('%s is valid', (name) => {
    expect(read(kindExamples[name] ?? '')).toMatchObject({ told: [], documents: [{ kind: name }] });
  });

  it.each(Object.keys(settingsSchemas))('%s is valid', (name) => {
    expect(read(kindExamples[name] ?? '', 'settings')).toMatchObject({
      told: [],
      documents: [{ kind: name }],
    });
  });

  it('.fairlead.yaml is valid', () => {
    const bytes = new TextEncoder().encode(kindExamples['.fairlead.yaml']);

    expect(parseRepositorySettings('.fairlead.yaml', bytes).problems).toEqual([]);
  });
});

describe('nearest', () => {
  it.each([
    {
      wrong: 'enviroment',
      names: ['environment', 'app'],
      expected: 'environment',
      why: 'a letter is missing',
    },
    {
      wrong: 'server-domains',
      names: ['serverDomains', 'wapUrls'],
      expected: 'serverDomains',
      why: 'another way to join words',
    },
    {
      wrong: 'merchantID',
      names: ['merchantId', 'clientId'],
      expected: 'merchantId',
      why: 'another case',
    },
    {
      wrong: 'production',
      names: ['Production', 'Sandbox'],
      expected: 'Production',
      why: 'another case',
    },
    {
      wrong: 'colour',
      names: ['connection', 'workspace'],
      expected: undefined,
      why: 'nothing is near',
    },
    { wrong: 'x'.repeat(1000), names: ['a'], expected: undefined, why: 'nobody meant that' },
    { wrong: 'a', names: [], expected: undefined, why: 'there is nothing to choose from' },
  ])('$wrong', ({ wrong, names, expected, why }) => {
    expect(nearest(wrong, names), why).toBe(expected);
  });
});
