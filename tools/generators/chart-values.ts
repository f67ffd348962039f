import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Settings } from '../../src/core/kinds/settings.ts';
import { root } from '../files.ts';
import { isSchema, plainSchema, type PlainSchema } from '../schemas.ts';

const path = 'charts/fairlead/values.schema.json';

/** Opens the controller's own files to whoever writes a GitSource: for tests on a machine of one's own. */
const notInCluster = new Set(['allowFileUrls']);

/** What Helm refuses before anything is installed: `settings` is as strict as Fairlead is when it reads them. */
export async function generate(): Promise<ReadonlyMap<string, string>> {
  const values: unknown = JSON.parse(await readFile(join(root, path), 'utf8'));
  if (!isSchema(values) || !isSchema(values['properties']))
    throw new Error(`${path}: no schema of values`);
  const properties = { ...values['properties'], settings: settingsSchema() };
  return new Map([[path, JSON.stringify({ ...values, properties })]]);
}

function settingsSchema(): PlainSchema {
  const spec = plainSchema(Settings.properties.spec);
  if (!isSchema(spec['properties'])) throw new Error('Settings: no schema of a spec');
  const known = Object.entries(spec['properties']).filter(([name]) => !notInCluster.has(name));
  const description =
    'spec of a Settings document. Without installation it is NAMESPACE/NAME of this release.';
  return { ...spec, description, properties: Object.fromEntries(known) };
}
