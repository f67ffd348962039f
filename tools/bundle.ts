import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { build, type Metafile } from 'esbuild';

import { onlyKubeConfig } from './bundle-kubernetes.ts';
import { root } from './files.ts';
import { noticesOf } from './notices.ts';
import { sbomOf } from './sbom.ts';

const entry = 'src/cli/main.ts';

/** Its modules instead of its CommonJS: the same source, but joined it parses a tenth faster and is loaded in part. */
const yamlModules = join(root, 'node_modules/yaml/browser/index.js');

/** Bundled CommonJS packages call `require` for Node's own modules; ESM has none. */
const requireBanner =
  "import{createRequire as __createRequire}from'node:module';" +
  'const require=__createRequire(import.meta.url);';

/**
 * Writes the published package: launcher, entry, chunks, package.json, licence, notices and inventory.
 *
 * @param outdir  absolute; made when missing, never emptied
 * @returns       esbuild's account of what went where, paths relative to the root of the checkout
 */
export async function bundle(outdir: string): Promise<Metafile> {
  if (!existsSync(join(root, entry))) throw new Error(`nothing to build: ${entry} is missing`);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { main: entry },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22.19',
    alias: { yaml: yamlModules },
    plugins: [onlyKubeConfig],
    outExtension: { '.js': '.mjs' },
    chunkNames: 'chunks/[name]-[hash]',
    banner: { js: requireBanner },
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
  });
  await writePackage(outdir, metafile);
  return metafile;
}

async function writePackage(outdir: string, metafile: Metafile): Promise<void> {
  const launcher = join(outdir, 'fairlead.js');
  await mkdir(outdir, { recursive: true });
  await copyFile(join(root, 'src/cli/launcher.cjs'), launcher);
  await chmod(launcher, 0o755);
  await copyFile(join(root, 'LICENSE'), join(outdir, 'LICENSE'));
  await writeFile(join(outdir, 'THIRD-PARTY-NOTICES.txt'), await noticesOf(metafile));
  const sbom = JSON.stringify(await sbomOf(metafile), null, 2);
  await writeFile(join(outdir, 'sbom.cdx.json'), `${sbom}\n`);
  const published = JSON.stringify(await publishedPackage(), null, 2);
  await writeFile(join(outdir, 'package.json'), `${published}\n`);
}

/** Without dependencies (all are bundled) and without "type": the launcher is CommonJS, the rest says `.mjs`. */
async function publishedPackage() {
  const text = await readFile(join(root, 'package.json'), 'utf8');
  const { name, version, description, license, engines } = JSON.parse(text) as Record<
    string,
    unknown
  >;
  return { name, version, description, license, engines, bin: { fairlead: 'fairlead.js' } };
}
