import type { ErrorObject } from 'ajv';
import { closest, distance } from 'fastest-levenshtein';

/** What is wrong with a document that people wrote, and where. */
export interface Mistake {
  /** From the root; the last step may be a member that should not be there. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * What ajv found, in words. Needs ajv's `verbose`, for the names that a member could have had.
 *
 * @param root  what the document is called, such as `the file`
 */
export function schemaMistakes(errors: readonly ErrorObject[], root: string): Mistake[] {
  const mistakes = errors.map((error) => mistakeOf(error, root));
  const seen = new Set<string>();
  return mistakes.filter(({ message }) => !seen.has(message) && seen.add(message));
}

function mistakeOf(error: ErrorObject, root: string): Mistake {
  const path = stepsOf(error.instancePath);
  const place = placeText(path, root);
  const { params } = error as { readonly params: Readonly<Record<string, unknown>> };
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(params['additionalProperty']);
      const known = Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {});
      return { path: [...path, name], message: `${place} has no "${name}"; ${meant(name, known)}` };
    }
    case 'required':
      return { path, message: `${place} lacks ${String(params['missingProperty'])}` };
    case 'enum': {
      const allowed = (params['allowedValues'] as readonly unknown[]).map(String);
      return { path, message: `${place} must be one of ${allowed.join(', ')}` };
    }
    case 'type':
      return { path, message: `${place} must be ${typeWords[String(params['type'])] ?? 'else'}` };
    default:
      return { path, message: `${place} ${error.message ?? 'is wrong'}` };
  }
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text; quote it if it looks like a number',
  object: 'a mapping',
  array: 'a list',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

function meant(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'remove it';
  const near = closest(name.toLowerCase(), [...known]);
  return distance(name.toLowerCase(), near.toLowerCase()) <= Math.max(1, near.length / 3)
    ? `did you mean ${near}?`
    : `known there: ${known.join(', ')}`;
}

/** Steps of a JSON pointer; what looks like an index is one. */
function stepsOf(pointer: string): (string | number)[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

/** `apps[0].environments[1]`. */
function placeText(path: readonly (string | number)[], root: string): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return text === '' ? root : text.replace(/^\./, '');
}
