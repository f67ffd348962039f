import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { root } from '../files.ts';

const run = promisify(execFile);
const here = join(root, 'tools/screenshots');
const parts = ['web_src', 'public', 'options', 'templates', 'assets', 'tools'];
const isSetting = /(?:\.config\.ts|^tsconfig\.json|^types\.d\.ts)$/;

/**
 * Gitea's front end, built once on a machine from the source of the Gitea that the tests build, with the packages of the
 * lockfile beside this file.
 *
 * @returns the folder that Gitea serves it from
 */
export async function frontEnd(): Promise<string> {
  const lock = await readFile(join(here, 'package-lock.json'));
  const digest = createHash('sha256').update(lock).digest('hex').slice(0, 16);
  const home = join(homedir(), '.cache/fairlead', `gitea-front-${digest}`);
  if (await exists(home)) return home;
  const fresh = `${home}.${process.pid}`;
  await copySource(fresh);
  console.log("building Gitea's front end: a minute, once on this machine");
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], inside(fresh));
  await run(join(fresh, 'node_modules/.bin/vite'), ['build'], inside(fresh));
  await rm(join(fresh, 'node_modules'), { recursive: true });
  await rename(fresh, home);
  return home;
}

function inside(cwd: string) {
  return { cwd, timeout: 15 * 60 * 1000, maxBuffer: 64 * 1024 * 1024 };
}

/** Go keeps sources read-only. */
async function copySource(into: string): Promise<void> {
  const module = join(root, 'test/servers/tools/gitea');
  await run('go', ['mod', 'download', 'code.gitea.io/gitea'], inside(module));
  const asked = ['list', '-m', '-f', '{{.Dir}}', 'code.gitea.io/gitea'];
  const source = (await run('go', asked, inside(module))).stdout.trim();
  await mkdir(into, { recursive: true });
  const settings = (await readdir(source)).filter((name) => isSetting.test(name));
  for (const name of [...parts, ...settings])
    await cp(join(source, name), join(into, name), { recursive: true });
  await run('chmod', ['-R', 'u+w', into]);
  for (const name of ['package.json', 'package-lock.json'])
    await cp(join(here, name), join(into, name));
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
