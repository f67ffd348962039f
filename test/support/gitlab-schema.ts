import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The package that carries GitLab's published JSON Schema of `.gitlab-ci.yml`, and what its archive must hash to. */
const carrier = {
  name: 'gitlab-ci-local@4.55.0',
  integrity:
    'sha512-1FXb4t3nCM2fAqwAqhGOD28upNNsxEM8zVl8XWUs8JWqpTqYPx7O3wvvSEjpize9f4GXjCxRb/tJd3FmTIbXIA==',
  file: 'package/src/schema/schema.json',
} as const;

/**
 * GitLab's schema of pipelines, fetched once per machine; the package around it is neither installed nor run.
 *
 * @throws Error when the registry does not answer, or answers with something else than was pinned
 */
export async function gitlabSchema(): Promise<object> {
  const home = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'fairlead');
  const kept = join(home, `gitlab-schema-${digest(carrier.integrity).slice(0, 16)}.json`);
  const found = await readFile(kept, 'utf8').catch(() => undefined);
  return JSON.parse(found ?? (await fetchTo(home, kept))) as object;
}

async function fetchTo(home: string, kept: string): Promise<string> {
  await mkdir(home, { recursive: true });
  const folder = await mkdtemp(join(home, 'schema-'));
  try {
    const packed = await run('npm', ['pack', carrier.name, '--ignore-scripts', '--json'], {
      cwd: folder,
    });
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    const archive = join(folder, filename);
    const hash = createHash('sha512').update(await readFile(archive));
    if (`sha512-${hash.digest('base64')}` !== carrier.integrity)
      throw new Error(`${carrier.name} is not what was pinned`);
    await run('tar', ['-xzf', archive, '-C', folder, carrier.file]);
    await rename(join(folder, carrier.file), kept);
    return await readFile(kept, 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
