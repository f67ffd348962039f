import fc from 'fast-check';

import { type Document, documentOf } from './crds-stage.ts';

type Loose = Record<string, unknown>;

/** Documents that are mostly wrong: a whole one with up to three of its parts, at any depth below spec, changed. */
export function mutants(kind: string, spec: unknown): fc.Arbitrary<Document> {
  return fc
    .array(fc.tuple(fc.nat(), verbs, names, parts), { minLength: 1, maxLength: 3 })
    .map((changes) => {
      let made: unknown = spec;
      for (const [index, verb, name, part] of changes) {
        const paths = pathsIn(made);
        made = mutate(made, paths[index % paths.length] ?? [], { verb, name, part });
      }
      return documentOf(kind, made);
    });
}

const verbs = fc.constantFrom('replace', 'remove', 'add', 'double');

const names = fc.constantFrom(
  'config',
  'extend',
  'unset',
  'testers',
  'merchantId',
  'name',
  'value',
  'unknown',
  'environment',
  'environmentVariables',
  'connection',
);

const parts = fc.oneof(
  fc.constantFrom<unknown>(
    '',
    ' ',
    [],
    {},
    0,
    -1,
    1.5,
    true,
    'Production',
    'Test',
    'off',
    'Apply',
    ['a', 'a'],
    ['a', 'b'],
    ['merchantId', 'testers'],
    { merchantId: 'M' },
    { testers: ['1'] },
    [{ name: 'A', value: 'a' }],
    [{ app: 'megapay', environment: 'Test' }],
    'A B',
    'a.b-c',
    '1',
    'x'.repeat(300),
    'x\u202ey',
  ),
  fc.string({ unit: 'grapheme-ascii', maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 3 }),
);

interface Mutation {
  readonly verb: string;
  readonly name: string;
  readonly part: unknown;
}

function mutate(value: unknown, path: readonly string[], { verb, name, part }: Mutation): unknown {
  const last = path.at(-1);
  if (last === undefined) return verb === 'add' ? { ...(value as Loose), [name]: part } : value;
  const copy: unknown = structuredClone(value);
  const parent = path.slice(0, -1).reduce((node, step) => node[step] as Loose, copy as Loose);
  const child = parent[last];
  if (verb === 'replace') parent[last] = part;
  if (verb === 'remove') removeFrom(parent, last);
  if (verb === 'add' && isMapping(child)) parent[last] = { ...child, [name]: part };
  if (verb === 'double' && Array.isArray(parent)) parent.push(structuredClone(child));
  return copy;
}

/** Without a hole where a list is. */
function removeFrom(parent: Loose, key: string): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else Reflect.deleteProperty(parent, key);
}

function isMapping(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, child]) => pathsIn(child, [...path, key]))];
}
