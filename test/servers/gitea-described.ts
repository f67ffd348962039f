import type { Gitea } from '../support/gitea.ts';
import type { Heard } from './gitea-proxy.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'body' | 'header' | 'formData';
  readonly schema?: { readonly $ref?: string };
}

interface Definition {
  readonly properties?: Readonly<Record<string, Property>>;
}

interface Property {
  readonly items?: { readonly $ref?: string };
}

type Operation = { readonly parameters?: readonly Parameter[] };

/** What Gitea publishes of its own API: Swagger 2.0. */
export interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly definitions: Readonly<Record<string, Definition>>;
}

export async function describedBy(gitea: Gitea): Promise<Described> {
  const { status, text } = await gitea.call({ path: '/swagger.v1.json', isPage: true });
  if (status !== 200) throw new Error(`no description of the API: ${String(status)}`);
  return JSON.parse(text) as Described;
}

/** What of a request is not described: Gitea itself overlooks what it does not know. */
export function faultsOf(described: Described, { method, path, body }: Heard): readonly string[] {
  const url = new URL(`http://forge${path}`);
  const line = `${method} ${url.pathname}`;
  const found = operationOf(described, method, url.pathname.replace(/^\/api\/v1/, ''));
  if (found === undefined) return [`${line}: no such operation`];
  const { parameters = [] } = found;
  const names = new Set(parameters.filter((one) => one.in === 'query').map(({ name }) => name));
  const unknown = [...url.searchParams.keys()].filter((name) => !names.has(name));
  const schema = parameters.find((one) => one.in === 'body')?.schema?.$ref;
  return [
    ...unknown.map((name) => `${line}: no query ${name}`),
    ...strangeFields(described, schema, body).map((field) => `${line}: no field ${field}`),
  ];
}

function operationOf({ paths }: Described, method: string, path: string): Operation | undefined {
  const parts = path.split('/');
  const fits = (template: string): boolean => {
    const wanted = template.split('/');
    return (
      wanted.length === parts.length &&
      wanted.every((part, i) => patternOf(part).test(parts[i] ?? ''))
    );
  };
  const name = Object.keys(paths).find(fits);
  return name === undefined ? undefined : paths[name]?.[method.toLowerCase()];
}

function patternOf(part: string): RegExp {
  return new RegExp(`^${part.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}

function strangeFields(
  described: Described,
  reference: string | undefined,
  value: unknown,
): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value))
    return value.flatMap((item) => strangeFields(described, reference, item));
  const { properties = {} } = described.definitions[reference?.split('/').at(-1) ?? ''] ?? {};
  return Object.entries(value).flatMap(([name, inner]) => {
    const property = properties[name];
    return property === undefined ? [name] : strangeFields(described, property.items?.$ref, inner);
  });
}
