import { Ajv, type ValidateFunction } from 'ajv';

export type Json = { readonly [key: string]: unknown };

export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Json;
}

export interface Operation {
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: {
    readonly content: { readonly [type: string]: { readonly schema: Json } };
  };
  readonly responses: { readonly [status: string]: unknown };
}

/** As much of an OpenAPI description as a small forge needs. */
export interface Description {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components?: { readonly [kind: string]: { readonly [name: string]: unknown } };
}

export interface Found {
  /** `get /repos/{owner}/{repo}`. */
  readonly name: string;
  readonly operation: Operation;
  /** Decoded. */
  readonly path: Readonly<Record<string, string>>;
}

export interface Published {
  find(method: string, pathname: string): Found | undefined;
  /** What a request does that the description does not know: empty is good. */
  faultsOf(found: Found, query: URLSearchParams, body: unknown): readonly string[];
  /** What is wrong with an answer. */
  answerFaults(found: Found, status: number, body: unknown): readonly string[];
  /** The smallest answer that the description allows, for others to write over. */
  sample(found: Found, status: number): unknown;
}

/**
 * A description that judges. Bodies may hold nothing it does not name, whether or not it says so: a misspelled field
 * would be passed over in silence by the real forge.
 */
export function publish(given: Description): Published {
  const description = plain(given, false) as Description;
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, logger: false });
  ajv.addSchema(plain(given, false) as Json, 'open');
  ajv.addSchema(plain(given, true) as Json, 'closed');
  const validators = new Map<string, ValidateFunction>();
  const check = (side: 'open' | 'closed', pointer: string, value: unknown): readonly string[] => {
    const key = `${side}#${pointer}`;
    const validate = validators.get(key) ?? ajv.compile({ $ref: key });
    validators.set(key, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
    );
  };
  const resolve = <T>(part: T | { readonly $ref: string }): T =>
    isReference(part) ? (at(description, part.$ref) as T) : part;
  const routes = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const bodyAt = ({ name }: Found, ...rest: readonly string[]): string => {
    const [method = '', path = ''] = name.split(' ');
    return pointer('paths', path, method, ...rest, 'content', 'application/json', 'schema');
  };
  /** Where the schema of an answer stands; its response may be shared. */
  const answerAt = (found: Found, status: number): string | undefined => {
    const response = found.operation.responses[String(status)];
    if (response === undefined) return undefined;
    if (isReference(response))
      return `${response.$ref.slice(1)}${pointer('content', 'application/json', 'schema')}`;
    return bodyAt(found, 'responses', String(status));
  };
  return {
    find: (method, pathname) => {
      for (const route of routes) {
        const path =
          route.method === method.toLowerCase() ? match(route.path, pathname) : undefined;
        if (path)
          return { name: `${route.method} ${route.path}`, operation: route.operation, path };
      }
      return undefined;
    },
    faultsOf: (found, query, body) => [
      ...parameterFaults((found.operation.parameters ?? []).map(resolve), found.path, query),
      ...(found.operation.requestBody === undefined
        ? body === undefined
          ? []
          : ['a body where none is known']
        : check('closed', bodyAt(found, 'requestBody'), body)),
    ],
    answerFaults: (found, status, body) => {
      const where = answerAt(found, status);
      if (where === undefined) return [`status ${status} is not described`];
      return at(description, `#${where}`) === undefined ? [] : check('open', where, body);
    },
    sample: (found, status) => {
      const where = answerAt(found, status);
      return where === undefined ? undefined : sampleOf(at(description, `#${where}`), resolve);
    },
  };
}

function isReference(part: unknown): part is { readonly $ref: string } {
  return typeof part === 'object' && part !== null && '$ref' in part;
}

function pointer(...parts: readonly string[]): string {
  return parts
    .map((part) => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
    .join('');
}

function at(node: unknown, reference: string): unknown {
  return reference
    .replace(/^#\//, '')
    .split('/')
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((inner, key) => (inner as Json | undefined)?.[key], node);
}

/** JSON Schema for ajv: `nullable` becomes a type; closed, every object knows its members alone. */
function plain(node: unknown, closed: boolean): unknown {
  if (Array.isArray(node)) return node.map((item) => plain(item, closed));
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, ...rest } = node as Json;
  const made: Record<string, unknown> = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, plain(value, closed)]),
  );
  if (closed && made['type'] === 'object' && made['properties'] !== undefined)
    made['additionalProperties'] ??= false;
  if (nullable !== true) return made;
  if (typeof made['type'] === 'string' && made['enum'] === undefined)
    return { ...made, type: [made['type'], 'null'] };
  return { anyOf: [made, { type: 'null' }] };
}

function match(template: string, pathname: string): Record<string, string> | undefined {
  const [wanted, given] = [template.split('/'), pathname.split('/')];
  if (wanted.length !== given.length) return undefined;
  const path: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    const text = given[index] ?? '';
    if (name === undefined && part !== text) return undefined;
    if (name !== undefined) path[name] = decodeURIComponent(text);
  }
  return path;
}

function parameterFaults(
  parameters: readonly Parameter[],
  path: Readonly<Record<string, string>>,
  query: URLSearchParams,
): readonly string[] {
  const known = parameters.filter((parameter) => parameter.in === 'query');
  const unknown = [...query.keys()].filter((key) => !known.some(({ name }) => name === key));
  const values = parameters.flatMap((parameter) => {
    const text =
      parameter.in === 'query' ? (query.get(parameter.name) ?? undefined) : path[parameter.name];
    if (text === undefined)
      return parameter.required && parameter.in !== 'header'
        ? [`${parameter.name} is missing`]
        : [];
    return isValue(parameter.schema, text) ? [] : [`${parameter.name} cannot be ${text}`];
  });
  return [...unknown.map((key) => `unknown query parameter ${key}`), ...values];
}

function isValue(schema: Json, text: string): boolean {
  if (schema['type'] === 'integer' && !/^\d+$/.test(text)) return false;
  // No forge gives more than a hundred a page.
  if (schema['type'] === 'integer' && typeof schema['maximum'] === 'number')
    return Number(text) <= schema['maximum'];
  if (schema['type'] === 'boolean') return text === 'true' || text === 'false';
  return !Array.isArray(schema['enum']) || schema['enum'].includes(text);
}

/** Required members only. */
function sampleOf(node: unknown, resolve: (part: unknown) => unknown): unknown {
  const schema = resolve(node) as Json | undefined;
  if (schema === undefined) return undefined;
  const options = (schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf']) as
    readonly unknown[] | undefined;
  if (options)
    return options.some((option) => (option as Json)['type'] === 'null')
      ? null
      : sampleOf(options[0], resolve);
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  const type = Array.isArray(schema['type']) ? 'null' : schema['type'];
  if (type === 'object' || schema['properties'] !== undefined) {
    const properties = (schema['properties'] ?? {}) as Json;
    const required = (schema['required'] ?? []) as readonly string[];
    return Object.fromEntries(required.map((name) => [name, sampleOf(properties[name], resolve)]));
  }
  return samples[String(type)];
}

const samples: Readonly<Record<string, unknown>> = {
  string: 'text',
  integer: 1,
  number: 1,
  boolean: false,
  array: [],
  null: null,
};
