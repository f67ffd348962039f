import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { resources } from '../../../tools/crds/kinds.ts';
import { generate } from '../../../tools/generators/crds.ts';
import { isSchema, type PlainSchema } from '../../../tools/schemas.ts';

const files = [...(await generate())].filter(([path]) => path.startsWith('crds/'));

/** Every schema of a definition with its path, `spec.targets[].app`. */
function schemasIn(schema: PlainSchema, path: string): [string, PlainSchema][] {
  const { properties, items, additionalProperties } = schema;
  const fields = isSchema(properties) ? Object.entries(properties) : [];
  const entries = [items, additionalProperties].filter(isSchema);
  return [
    [path, schema],
    ...fields.flatMap(([name, field]) =>
      schemasIn(field as PlainSchema, path === '' ? name : `${path}.${name}`),
    ),
    ...entries.flatMap((entry) => schemasIn(entry, `${path}[]`)),
  ];
}

interface Definition {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly [{ readonly schema: { readonly openAPIV3Schema: PlainSchema } }];
  };
}

const all = files.flatMap(([, text]) => {
  const { spec } = parse(text) as Definition;
  return schemasIn(spec.versions[0].schema.openAPIV3Schema, '').map(([path, schema]) => ({
    where: `${spec.names.kind} ${path}`,
    path,
    schema,
  }));
});
const ours = all.filter(({ path }) => /^(?:spec|status)/.test(path));

describe('custom resource definitions', () => {
  it('are one per kind', () => {
    expect(files.map(([path]) => path).toSorted()).toEqual([
      'crds/configprofiles.yaml',
      'crds/gitsources.yaml',
      'crds/miniprogramreleases.yaml',
      'crds/miniprograms.yaml',
      'crds/platformconnections.yaml',
    ]);
    expect(ours.length, 'a walk over nothing proves nothing').toBeGreaterThan(400);
  });

  it('mean the same to readers of YAML 1.1 and 1.2', () => {
    const different = files.filter(
      ([, text]) => JSON.stringify(parse(text, { version: '1.1' })) !== JSON.stringify(parse(text)),
    );

    expect(different.map(([path]) => path)).toEqual([]);
  });

  it('fit into the annotation that an apply by the client leaves', () => {
    expect(files.filter(([, text]) => JSON.stringify(parse(text)).length > 200_000)).toEqual([]);
  });

  it('explain every field', () => {
    const silent = ours.filter(
      ({ path, schema }) => !path.endsWith('[]') && typeof schema['description'] !== 'string',
    );

    expect(silent.map(({ where }) => where)).toEqual([]);
  });

  it('limit every list and every text', () => {
    const endless = ours.filter(({ schema: { type, maxItems, maxLength, enum: words } }) => {
      if (type === 'array') return maxItems === undefined;
      return type === 'string' && maxLength === undefined && words === undefined;
    });

    expect(endless.map(({ where }) => where)).toEqual([]);
  });

  it('have no default but those the description tells', () => {
    const defaults = ours.filter(({ path, schema }) => path !== 'status' && 'default' in schema);
    const untold = defaults.filter(({ schema: { default: standard, description } }) => {
      const word = typeof standard === 'string' ? standard : JSON.stringify(standard);
      return !String(description).includes(`Default ${word}.`);
    });

    expect(untold.map(({ where }) => where)).toEqual([]);
    expect(defaults.map(({ where }) => where).toSorted()).toEqual([
      'GitSource spec.intervalSeconds',
      'GitSource spec.timeoutSeconds',
      'MiniProgram spec.policy.onChange',
      'MiniProgram spec.policy.onDrift',
      'MiniProgram spec.policy.undeclared',
      'PlatformConnection spec.keyVersion',
      'PlatformConnection spec.maxWriters',
      'PlatformConnection spec.pathPrefix',
      'PlatformConnection spec.requestTime',
      'PlatformConnection spec.requestsPerSecond',
      'PlatformConnection spec.signatureEncoding',
      'PlatformConnection spec.signedPath',
      'PlatformConnection spec.timeoutSeconds',
    ]);
  });

  it('show by a default that no controller has looked yet: kstatus would take it for done', () => {
    const statuses = ours.filter(({ path }) => path === 'status');

    expect(statuses.map(({ schema }) => schema['default'])).toEqual(
      statuses.map(() => ({ observedGeneration: -1 })),
    );
    expect(statuses.length).toBe(5);
  });

  it('say a whole sentence with every rule', () => {
    const messages = ours.flatMap(({ schema }) => {
      const rules = schema['x-kubernetes-validations'];
      return Array.isArray(rules) ? rules.map((rule: { message: string }) => rule.message) : [];
    });

    expect(messages.length).toBeGreaterThan(80);
    expect(messages.filter((message) => !/^\S.*[.]$/.test(message))).toEqual([]);
  });

  it('name only fields in columns that the schema has', () => {
    const known = new Set(all.map(({ where }) => where));
    const columns = resources.flatMap(({ kind, columns: shown }) =>
      shown.map(({ jsonPath }) => `${kind} ${jsonPath.slice(1).replace(/\[\?.*?\]/, '[]')}`),
    );

    expect(
      columns.filter((column) => !known.has(column) && !column.endsWith('creationTimestamp')),
    ).toEqual([]);
  });
});
