import { isSchema, type PlainSchema } from './schemas.ts';
import { textForms } from './text-forms.ts';

/** A schema that is told in a section of its own. */
export interface Part {
  readonly name: string;
  readonly schema: PlainSchema;
}

/** The frame is the same everywhere and said in the introduction. */
const frame = new Set(['apiVersion', 'kind']);

/**
 * All fields below a schema as a Markdown table, parts as links.
 *
 * @param base  path of the schema; empty for a document
 */
export function fieldTable(base: string, schema: PlainSchema, parts: readonly Part[]): string {
  const known = new Map(parts.map((part) => [JSON.stringify(part.schema), part.name] as const));
  const rows = rowsBelow(base, schema, known);
  if (rows.length === 0) return `Type: ${typeOf(schema, known)}.`;
  return [
    '| field | type | meaning |',
    '| --- | --- | --- |',
    ...rows.map((cells) => `| ${cells.map(escape).join(' | ')} |`),
  ].join('\n');
}

type Known = ReadonlyMap<string, string>;
type Row = readonly [name: string, type: string, meaning: string];

function rowsBelow(base: string, schema: PlainSchema, known: Known): Row[] {
  const { properties, items, additionalProperties: values } = schema;
  if (isSchema(items)) return isKnown(items, known) ? [] : rowsBelow(`${base}[]`, items, known);
  if (isSchema(values))
    return isKnown(values, known) ? [] : rowsBelow(`${base}.NAME`, values, known);
  if (!isSchema(properties)) return [];
  const required: readonly unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(properties).flatMap(([name, field]) => {
    if (!isSchema(field) || (base === '' && frame.has(name))) return [];
    const path = base === '' ? name : `${base}.${name}`;
    const shown = required.includes(name) ? `**\`${path}\`**` : `\`${path}\``;
    const below = isKnown(field, known) ? [] : rowsBelow(path, field, known);
    return [[shown, typeOf(field, known), meaning(field)] as const, ...below];
  });
}

function isKnown(schema: PlainSchema, known: Known): boolean {
  return known.has(JSON.stringify(schema));
}

function meaning({ description }: PlainSchema): string {
  return typeof description === 'string' ? description : '';
}

function typeOf(field: PlainSchema, known: Known): string {
  const part = known.get(JSON.stringify(field));
  if (part !== undefined) return `[${part}](#${part.toLowerCase()})`;
  const { enum: words, const: word, anyOf, items, additionalProperties: values } = field;
  if (Array.isArray(words)) return words.map((each) => `\`${String(each)}\``).join(', ');
  if (word !== undefined) return `\`${JSON.stringify(word)}\``;
  if (Array.isArray(anyOf))
    return anyOf
      .filter(isSchema)
      .map((each) => typeOf(each, known))
      .join(' or ');
  if (isSchema(items)) return `list${itemLimits(field)} of ${entryType(items, known)}`;
  if (isSchema(values)) return `map of ${entryType(values, known)}`;
  return simpleType(field);
}

function entryType(schema: PlainSchema, known: Known): string {
  return schema['type'] === 'object' && !isKnown(schema, known)
    ? 'mappings'
    : typeOf(schema, known);
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'mapping',
  integer: 'whole number',
};

function simpleType({ type, pattern, maxLength, minimum, maximum }: PlainSchema): string {
  const form = typeof pattern === 'string' ? textForms[pattern] : undefined;
  const word = form?.name ?? typeWords[String(type)] ?? String(type);
  if (typeof maxLength === 'number') return `${word}, at most ${maxLength} characters`;
  if (typeof minimum !== 'number') return word;
  return typeof maximum === 'number'
    ? `${word}, ${minimum} to ${maximum}`
    : `${word}, at least ${minimum}`;
}

function itemLimits({ maxItems }: PlainSchema): string {
  return typeof maxItems === 'number' ? ` (at most ${maxItems})` : '';
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
