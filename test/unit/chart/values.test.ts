import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { root } from '../../../tools/files.ts';
import { isSchema, type PlainSchema } from '../../../tools/schemas.ts';

const folder = join(root, 'charts/fairlead');
const [values, schema, about] = await Promise.all([
  readFile(join(folder, 'values.yaml'), 'utf8').then((text) => parse(text) as PlainSchema),
  readFile(join(folder, 'values.schema.json'), 'utf8').then((text) => JSON.parse(text)),
  readFile(join(folder, 'Chart.yaml'), 'utf8').then((text) => parse(text) as PlainSchema),
]);

/** Paths of everything that may be set, `image.tag`. */
function paths(node: PlainSchema, path = ''): readonly string[] {
  const { properties } = node;
  if (!isSchema(properties)) return [path];
  return Object.entries(properties).flatMap(([name, child]) =>
    paths(child as PlainSchema, path === '' ? name : `${path}.${name}`),
  );
}

function valueAt(path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (isSchema(value) ? value[name] : undefined), values);
}

/** A parent chart's, and what most people do not set; of the settings of the program each is absent unless given. */
const withoutDefault = ['global', 'resources.claims'];

describe('the values of the chart', () => {
  it('are what their schema says', () => {
    const validate = new Ajv({ strict: true, strictRequired: false, strictTypes: false }).compile(
      schema,
    );

    expect([validate(values), validate.errors]).toEqual([true, null]);
  });

  it('are all there, each with its default', () => {
    const all = paths(schema).filter((path) => !path.startsWith('settings.'));

    expect(all.length).toBeGreaterThan(50);
    expect(all.filter((path) => valueAt(path) === undefined)).toEqual(withoutDefault);
  });

  it('leave no room for words that nobody reads', () => {
    const open = openObjects(schema, '');

    expect(open).toEqual(['global', 'affinity']);
  });
});

/** Objects whose names are anybody's; free words, such as labels, say what their values are. */
function openObjects(node: PlainSchema, path: string): readonly string[] {
  const { properties, additionalProperties, type } = node;
  if (type !== 'object') return [];
  if (!isSchema(properties)) return additionalProperties === undefined ? [path] : [];
  const children = Object.entries(properties).flatMap(([name, child]) =>
    openObjects(child as PlainSchema, path === '' ? name : `${path}.${name}`),
  );
  return additionalProperties === false ? children : [path, ...children];
}

describe('the chart', () => {
  it('has the version of the program', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

    expect([about['version'], about['appVersion']]).toEqual([version, version]);
  });
});
