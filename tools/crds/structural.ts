import { patternWords } from '../../src/core/validate/patterns.ts';
import { isSchema, type PlainSchema } from '../schemas.ts';
import { isMomentAt, looksLike, rulesAt, type Rule } from './rules.ts';
import {
  defaultAt,
  isEndless,
  listKeys,
  misplacedAt,
  mostCharacters,
  mostItems,
  mostProperties,
  orderedLists,
  visibleText,
} from './tables.ts';

/** The field that is made, and where it stands: `spec.targets[].config`. */
interface Place {
  readonly kind: string;
  readonly path: string;
}

/**
 * A plain schema as the API server wants it: structural, every list with its type, everything with a limit, with the
 * rules between fields that the Common Expression Language can say.
 *
 * @throws Error  what has no form there
 */
export function structural(schema: PlainSchema, place: Place): PlainSchema {
  const made = { ...shapeOf(schema, place), ...extras(place, formRules(schema, place)) };
  const { description } = schema;
  return typeof description === 'string' ? { description, ...made } : made;
}

function extras({ kind, path }: Place, own: readonly Rule[]): PlainSchema {
  const rules = [...own, ...rulesAt(kind, path)];
  const standard = defaultAt(kind, path);
  return {
    ...(standard === undefined ? {} : { default: standard }),
    ...(rules.length === 0 ? {} : { 'x-kubernetes-validations': rules }),
  };
}

function shapeOf(schema: PlainSchema, place: Place): PlainSchema {
  if (Array.isArray(schema['anyOf'])) return intOrWord(schema, place);
  const shape = shapes[String(schema['type'])];
  if (shape === undefined) throw new Error(`${place.kind} ${place.path}: no form for its type`);
  return shape(schema, place);
}

type Shape = (schema: PlainSchema, place: Place) => PlainSchema;

const shapes: Readonly<Record<string, Shape>> = {
  object: objectShape,
  array: arrayShape,
  string: stringShape,
  integer: numberShape,
  number: numberShape,
  boolean: ({ const: only }) => ({
    type: 'boolean',
    ...(only === undefined ? {} : { enum: [only] }),
  }),
};

function objectShape(schema: PlainSchema, place: Place): PlainSchema {
  const { properties, required, additionalProperties } = schema;
  if (isSchema(additionalProperties))
    return {
      type: 'object',
      maxProperties: mostProperties,
      additionalProperties: structural(additionalProperties, below(place, '[]')),
    };
  if (!isSchema(properties)) throw new Error(`${place.kind} ${place.path}: no properties`);
  const fields = Object.entries({ ...properties, ...misplacedAt(place.path) });
  const misplaced = misplacedAt(place.path);
  return {
    type: 'object',
    ...(Array.isArray(required) && required.length > 0 ? { required } : {}),
    ...(place.path.endsWith('secretKeyRef') ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    properties: Object.fromEntries(
      fields.map(([name, field]) => [
        name,
        misplaced[name] ?? structural(field as PlainSchema, below(place, `.${name}`)),
      ]),
    ),
  };
}

function arrayShape(schema: PlainSchema, place: Place): PlainSchema {
  const { items, minItems, maxItems } = schema;
  if (!isSchema(items)) throw new Error(`${place.kind} ${place.path}: no items`);
  const name = place.path.split('.').at(-1) ?? '';
  return {
    type: 'array',
    ...(minItems === undefined ? {} : { minItems }),
    maxItems: maxItems ?? mostItems(place.path),
    ...listType(name, items),
    items: structural(items, below(place, '[]')),
  };
}

function listType(name: string, items: PlainSchema): PlainSchema {
  const keys = listKeys[name];
  if (items['type'] === 'object')
    return keys === undefined
      ? { 'x-kubernetes-list-type': 'atomic' }
      : { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys };
  return { 'x-kubernetes-list-type': orderedLists.has(name) ? 'atomic' : 'set' };
}

function stringShape(schema: PlainSchema, place: Place): PlainSchema {
  const { enum: words, const: only, format, minLength, maxLength } = schema;
  if (Array.isArray(words)) return { type: 'string', enum: words };
  if (only !== undefined) return { type: 'string', enum: [only] };
  const pattern = schema['pattern'] ?? (isEndless(place.path) ? visible(schema) : undefined);
  return {
    type: 'string',
    ...(format === undefined ? {} : { format }),
    ...(minLength === undefined ? {} : { minLength }),
    maxLength: maxLength ?? mostCharacters(place.path),
    ...(pattern === undefined || isOurs(place) ? {} : { pattern }),
  };
}

/** What a text must look like, as a sentence for people: a pattern alone is refused with the pattern for an answer. */
function formRules(schema: PlainSchema, place: Place): readonly Rule[] {
  const { type, enum: words, const: only, pattern } = schema;
  const isFree = type === 'string' && words === undefined && only === undefined;
  if (!isFree || isOurs(place) || isEndless(place.path) || isMomentAt(place.path)) return [];
  return typeof pattern === 'string'
    ? [looksLike(pattern, `Allowed: ${wordsOf(pattern)}.`)]
    : [
        looksLike(
          visible(schema),
          'Write something to see on one line, without invisible characters.',
        ),
      ];
}

function visible({ minLength }: PlainSchema): string {
  return minLength === undefined ? `^$|${visibleText}` : visibleText;
}

function isOurs({ path }: Place): boolean {
  return path.startsWith('status');
}

function wordsOf(pattern: string): string {
  const words = patternWords[pattern];
  if (words === undefined) throw new Error(`no words for ${pattern}`);
  return words;
}

function numberShape({ type, minimum, maximum }: PlainSchema): PlainSchema {
  return {
    type,
    ...(type === 'integer' ? { format: 'int64' } : {}),
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
  };
}

/** A whole number, or one word. */
function intOrWord({ anyOf }: PlainSchema, { kind, path }: Place): PlainSchema {
  const options = (anyOf as readonly unknown[]).filter(isSchema);
  const number = options.find(({ type }) => type === 'integer');
  const word = options.find(({ const: only }) => typeof only === 'string');
  if (options.length !== 2 || number === undefined || word === undefined)
    throw new Error(`${kind} ${path}: no form for this union`);
  return {
    'x-kubernetes-int-or-string': true,
    minimum: number['minimum'] ?? 0,
    ...(path.endsWith('maxPercent') ? { maximum: 100 } : {}),
    maxLength: 16,
    pattern: `^${String(word['const'])}$`,
  };
}

function below({ kind, path }: Place, step: string): Place {
  return { kind, path: `${path}${step}` };
}
