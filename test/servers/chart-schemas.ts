import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { isSchema, type PlainSchema } from '../../tools/schemas.ts';
import type { ControlPlane } from '../support/control-plane.ts';

/** How kubeconform finds a file of `writeSchemas`. */
export function schemaLocation(folder: string): string {
  return join(folder, '{{ .Group }}_{{ .ResourceAPIVersion }}_{{ .ResourceKind }}.json');
}

interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/**
 * Everything this API server serves, as one JSON schema per kind: what it publishes under /openapi/v3, stricter in one
 * thing: a field that no schema knows is refused, where the API server would drop it.
 *
 * @returns how many kinds
 */
export async function writeSchemas(plane: ControlPlane, folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  let count = 0;
  for (const url of await documentsOf(plane)) {
    const schemas = await schemasOf(plane, url);
    const components = { schemas: strict(schemas) };
    for (const [name, schema] of Object.entries(schemas))
      for (const { group, version, kind } of kindsOf(schema)) {
        // To kubeconform the group of the core is its version.
        const first = group === '' ? version : group;
        const file = join(folder, `${first}_${version}_${kind.toLowerCase()}.json`);
        const text = JSON.stringify({ $ref: `#/components/schemas/${name}`, components });
        await writeFile(file, text);
        count += 1;
      }
  }
  return count;
}

async function documentsOf(plane: ControlPlane): Promise<readonly string[]> {
  const { body } = await plane.call('/openapi/v3');
  const { paths } = body as { paths: Record<string, { serverRelativeURL: string }> };
  return Object.entries(paths).flatMap(([path, { serverRelativeURL }]) =>
    /^apis?\/(?:.+\/)?v\w+$/.test(path) ? [serverRelativeURL] : [],
  );
}

async function schemasOf(plane: ControlPlane, url: string): Promise<PlainSchema> {
  const { status, body } = await plane.call(url);
  if (status !== 200) throw new Error(`${url}: ${status}`);
  return (body as { components?: { schemas?: PlainSchema } }).components?.schemas ?? {};
}

/** Kinds that stand in files: options of calls and lists name theirs, too, and do no harm. */
function kindsOf(schema: unknown): readonly Kind[] {
  const named = isSchema(schema) ? schema['x-kubernetes-group-version-kind'] : undefined;
  return Array.isArray(named) && named.length === 1 ? (named as Kind[]) : [];
}

function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (!isSchema(schema)) return schema;
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, strict(value)] as const),
  );
  const isOpen =
    'additionalProperties' in schema || schema['x-kubernetes-preserve-unknown-fields'] === true;
  return isSchema(schema['properties']) && schema['type'] === 'object' && !isOpen
    ? { ...inner, additionalProperties: false }
    : inner;
}
