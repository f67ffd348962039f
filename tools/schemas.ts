/** A JSON Schema as plain data. */
export type PlainSchema = { readonly [keyword: string]: unknown };

/**
 * The JSON Schema of a TypeBox type as editors, ajv and API servers like it best: unions of literals become `enum`,
 * records become `additionalProperties`. Means the same.
 */
export function plainSchema(schema: unknown): PlainSchema {
  return simplify(JSON.parse(JSON.stringify(schema))) as PlainSchema;
}

function simplify(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(simplify);
  if (!isObject(node)) return node;
  const plain = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, simplify(value)]),
  );
  return enumOfLiterals(openRecord(plain));
}

function enumOfLiterals(node: PlainSchema): PlainSchema {
  const { anyOf, ...rest } = node;
  if (!Array.isArray(anyOf)) return node;
  const options = anyOf.filter(isObject);
  if (!options.every((option) => 'const' in option && option['type'] === 'string')) return node;
  return { type: 'string', enum: options.map((option) => option['const']), ...rest };
}

function openRecord(node: PlainSchema): PlainSchema {
  const { patternProperties, ...rest } = node;
  if (!isObject(patternProperties) || !('^.*$' in patternProperties)) return node;
  return { ...rest, additionalProperties: patternProperties['^.*$'] };
}

/** Whether a value is a mapping. */
export function isSchema(node: unknown): node is PlainSchema {
  return isObject(node);
}

function isObject(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

/** Keywords that say nothing about what is valid. */
const annotations = new Set(['description', 'title', 'examples', 'default']);

/**
 * Schemas whose repeated parts are named once and referred to, so that compiled code holds each part once.
 *
 * @returns the same names, and the parts under names of their own; no annotations
 */
export function shareParts(
  schemas: Readonly<Record<string, PlainSchema>>,
): Record<string, PlainSchema> {
  const bare = Object.entries(schemas).map(([name, schema]) => [name, strip(schema)] as const);
  const counts = new Map<string, number>();
  for (const [, schema] of bare) count(schema, counts);
  const names = new Map(
    [...counts].filter(([, times]) => times > 1).map(([text], index) => [text, `part${index}`]),
  );
  const parts = [...names].map(
    ([text, name]) => [name, replace(JSON.parse(text), names, true)] as const,
  );
  return Object.fromEntries(
    [...parts, ...bare.map(([name, schema]) => [name, replace(schema, names, true)] as const)].map(
      ([name, schema]) => [name, schema as PlainSchema],
    ),
  );
}

function strip(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strip);
  if (!isObject(node)) return node;
  const kept = Object.entries(node).filter(
    ([key, value]) => !(annotations.has(key) && typeof value === 'string'),
  );
  return Object.fromEntries(kept.map(([key, value]) => [key, strip(value)]));
}

/** Objects and lists of some size are worth a function of their own. */
function isPart(node: unknown): node is PlainSchema {
  if (!isObject(node)) return false;
  const type = node['type'];
  return (
    (type === 'object' || type === 'array' || type === 'string') && JSON.stringify(node).length > 60
  );
}

function count(node: unknown, counts: Map<string, number>): void {
  if (Array.isArray(node)) for (const item of node) count(item, counts);
  if (!isObject(node)) return;
  if (isPart(node)) counts.set(JSON.stringify(node), (counts.get(JSON.stringify(node)) ?? 0) + 1);
  for (const value of Object.values(node)) count(value, counts);
}

function replace(node: unknown, names: ReadonlyMap<string, string>, isTop = false): unknown {
  if (Array.isArray(node)) return node.map((item) => replace(item, names));
  if (!isObject(node)) return node;
  const name = isTop ? undefined : names.get(JSON.stringify(node));
  if (name !== undefined) return { $ref: name };
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, replace(value, names)]),
  );
}

/** The names a schema knows: by field, of a list's entries, or `null` where every name is allowed or there is none. */
export type Shape = { readonly [field: string]: Shape } | readonly [Shape] | null;

/** Only the names of a plain schema, for "did you mean". */
export function shapeOf(schema: unknown): Shape {
  if (!isObject(schema)) return null;
  const { properties, items } = schema;
  if (items !== undefined) return [shapeOf(items)];
  if (!isObject(properties)) return null;
  return Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, shapeOf(field)]),
  );
}
