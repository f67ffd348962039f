import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Metafile } from 'esbuild';

import { root } from './files.ts';
import { packageFolders } from './notices.ts';

/** Of a package.json, what an inventory tells. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

/**
 * What is in the bundle, as a CycloneDX inventory: the packages esbuild took something from, not all that are installed.
 * Without serial number and time, so that the same source makes the same bytes.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export async function sbomOf(metafile: Metafile): Promise<object> {
  const own = await manifestOf('.');
  const packages = await Promise.all(packageFolders(metafile).map(manifestOf));
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', ...componentOf(own) } },
    // One package may lie in several folders.
    components: [...new Map(packages.map((each) => [purlOf(each), each])).values()].map((each) => ({
      type: 'library',
      ...componentOf(each),
    })),
  };
}

function purlOf({ name, version }: Manifest): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function componentOf(manifest: Manifest): object {
  const { name, version, license } = manifest;
  const purl = purlOf(manifest);
  return { 'bom-ref': purl, name, version, purl, licenses: [{ expression: license }] };
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as Manifest;
}
