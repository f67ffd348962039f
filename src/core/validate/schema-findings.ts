import type { SchemaError } from '../generated/validator.d.ts';
import { shapes, type Shape } from '../generated/shapes.js';
import { pointer, stepsOf } from '../words/places.ts';
import { type Finding, pathText } from './finding.ts';
import { nearest, oneOf } from './names.ts';
import { patternWords } from './patterns.ts';
import { at, isRecord } from './read.ts';

/** The document an error was found in. */
interface Subject {
  readonly shape: Shape;
  readonly value: unknown;
}

/** More than anybody reads; a hostile file can make ten thousand. */
const maxErrors = 500;

/**
 * What ajv found, in words, one finding per mistake.
 *
 * @param name  a kind, or `RepositorySettings`
 */
export function schemaFindings(
  name: string,
  value: unknown,
  all: readonly SchemaError[],
): Finding[] {
  const errors = all.slice(0, maxErrors);
  const subject: Subject = { shape: shapes[name] ?? null, value };
  const unions = pathsOf(errors, 'anyOf');
  const mistyped = pathsOf(errors, 'type');
  return errors.flatMap((error) => {
    // The branches of a union say less than the union, and a wrong type says enough.
    if (error.keyword !== 'anyOf' && unions.has(error.instancePath)) return [];
    if (
      error.keyword !== 'type' &&
      !unions.has(error.instancePath) &&
      mistyped.has(error.instancePath)
    )
      return [];
    const finding = inWords(error, subject);
    return finding === undefined ? [] : [finding];
  });
}

function pathsOf(errors: readonly SchemaError[], keyword: string): ReadonlySet<string> {
  return new Set(
    errors.filter((error) => error.keyword === keyword).map(({ instancePath }) => instancePath),
  );
}

function inWords(error: SchemaError, subject: Subject): Finding | undefined {
  const speak = speakers[error.keyword];
  if (speak) return speak(error, subject);
  return wrong(
    error,
    'wrong-type',
    `${pathText(error.instancePath)} is not allowed.`,
    'See the declaration reference.',
  );
}

type Speaker = (error: SchemaError, subject: Subject) => Finding | undefined;

const speakers: Readonly<Record<string, Speaker>> = {
  additionalProperties: unknownField,
  required: missingField,
  type: wrongType,
  enum: (error, { value }) => unknownValue(error, value, texts(error.params['allowedValues'])),
  const: (error, { value }) => unknownValue(error, value, texts([error.params['allowedValue']])),
  anyOf: (error, { value }) =>
    at(value, error.instancePath) === null
      ? nothing(error)
      : wrong(
          error,
          'wrong-type',
          `${pathText(error.instancePath)} must be a whole number or a word.`,
          'Write a whole number, or "off" in quotes.',
        ),
  minItems: emptyList,
  maxItems: (error) => tooMuch(error, 'too-many', 'entries'),
  minLength: (error) =>
    wrong(
      error,
      'empty-value',
      `${pathText(error.instancePath)} is empty.`,
      'Give it a value, or remove the line.',
    ),
  maxLength: (error) => tooMuch(error, 'too-long', 'characters'),
  pattern: wrongFormat,
  minimum: outOfRange,
  maximum: outOfRange,
  // Duplicates are found for every list, with the place of the first.
  uniqueItems: () => undefined,
};

function wrong(
  { instancePath }: SchemaError,
  rule: string,
  message: string,
  nextStep: string,
): Finding {
  return { rule, pointer: instancePath, at: 'value', message, nextStep };
}

function unknownField(error: SchemaError, { shape }: Subject): Finding {
  const name = String(error.params['additionalProperty']);
  const parent = shapeAt(shape, error.instancePath);
  const place = pathText(error.instancePath);
  if (name === 'environmentVariables' && /\/globalConfig$/.test(error.instancePath)) {
    return {
      rule: 'global-variables',
      pointer: error.instancePath + pointer(name),
      at: 'key',
      message:
        'Environment variables cannot stand in globalConfig: the platform has them per release only.',
      nextStep: 'Move them to spec.config, to a target, or to a ConfigProfile.',
    };
  }
  return {
    rule: 'unknown-field',
    pointer: error.instancePath + pointer(name),
    at: 'key',
    message: `Unknown field ${name} in ${place}.`,
    nextStep: meant(name, parent),
  };
}

function meant(name: string, parent: Shape): string {
  const fields = namesOf(parent);
  const near = nearest(name, fields);
  if (near !== undefined) return `Did you mean ${near}?`;
  const holders = fields.filter((field) => namesOf(fieldOf(parent, field)).includes(name));
  if (holders.length > 0) {
    return `It belongs one level deeper: ${oneOf(holders.map((holder) => `${holder}.${name}`))}.`;
  }
  return fields.length === 0 ? 'Remove it.' : `Known here: ${fields.join(', ')}.`;
}

function missingField(error: SchemaError, { value }: Subject): Finding | undefined {
  const name = String(error.params['missingProperty']);
  const parent = at(value, error.instancePath);
  // Written, but unreadable: that was said where it stands.
  if (isRecord(parent) && Object.hasOwn(parent, name)) return undefined;
  const message = `${pathText(error.instancePath)} lacks ${name}.`;
  return { ...wrong(error, 'missing-field', message, `Add ${name}.`), isAbsence: true };
}

const typeWords: Readonly<Record<string, readonly [string, string]>> = {
  string: ['text', 'Write text; quote it if it looks like a number.'],
  object: ['a mapping', 'Write its fields on lines of their own, indented below it.'],
  array: ['a list', 'Write each entry after a dash, or all in [brackets].'],
  integer: ['a whole number', 'Write a whole number without quotes.'],
  number: ['a number', 'Write a number without quotes.'],
  boolean: ['true or false', 'Write true or false without quotes.'],
};

function wrongType(error: SchemaError, { value }: Subject): Finding {
  const found = at(value, error.instancePath);
  if (found === null) return nothing(error);
  const type = String(error.params['type']);
  const [words, nextStep] = typeWords[type] ?? [type, 'See the declaration reference.'];
  const message = `${pathText(error.instancePath)} must be ${words}, not ${kindOf(found)}.`;
  const finding = wrong(error, 'wrong-type', message, nextStep);
  return type === 'string' ? { ...finding, wantsText: true } : finding;
}

function nothing(error: SchemaError): Finding {
  const path = pathText(error.instancePath);
  return wrong(
    error,
    'null-value',
    `${path} has no value.`,
    'Give it a value, or remove the line: what is absent is inherited.',
  );
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isRecord(value)) return 'a mapping';
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? `the number ${value}` : String(value);
}

function unknownValue(error: SchemaError, root: unknown, allowed: readonly string[]): Finding {
  const found = at(root, error.instancePath);
  const near = typeof found === 'string' ? nearest(found, allowed) : undefined;
  const message = `${pathText(error.instancePath)} must be ${oneOf(allowed)}.`;
  return wrong(
    error,
    'unknown-value',
    message,
    near === undefined ? `Write ${oneOf(allowed)}.` : `Did you mean ${near}?`,
  );
}

function emptyList(error: SchemaError): Finding {
  return wrong(
    error,
    'empty-list',
    `${pathText(error.instancePath)} is an empty list.`,
    'Remove the line to inherit; name the field in unset to drop what lower layers give.',
  );
}

function tooMuch(error: SchemaError, rule: string, unit: string): Finding {
  const limit = String(error.params['limit']);
  return wrong(
    error,
    rule,
    `${pathText(error.instancePath)} has more than ${limit} ${unit}.`,
    `Keep it to ${limit}.`,
  );
}

function wrongFormat(error: SchemaError, { value }: Subject): Finding | undefined {
  // An empty value was reported as such.
  if (at(value, error.instancePath) === '') return undefined;
  const words = patternWords[String(error.params['pattern'])] ?? String(error.params['pattern']);
  return wrong(
    error,
    'wrong-format',
    `${pathText(error.instancePath)} has the wrong form.`,
    `Allowed: ${words}.`,
  );
}

function outOfRange(error: SchemaError): Finding {
  const comparison = error.params['comparison'] === '>=' ? 'at least' : 'at most';
  const words = `${comparison} ${String(error.params['limit'])}`;
  return wrong(
    error,
    'out-of-range',
    `${pathText(error.instancePath)} must be ${words}.`,
    `Write a number that is ${words}.`,
  );
}

function shapeAt(shape: Shape, path: string): Shape {
  return stepsOf(path).reduce(fieldOf, shape);
}

/** Every step into a list leads to what its entries have. */
function fieldOf(shape: Shape, name: string): Shape {
  if (shape === null) return null;
  return isList(shape) ? shape[0] : (shape[name] ?? null);
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function namesOf(shape: Shape): readonly string[] {
  return shape === null || isList(shape) ? [] : Object.keys(shape);
}

function texts(values: unknown): readonly string[] {
  return Array.isArray(values) ? values.map(String) : [];
}
