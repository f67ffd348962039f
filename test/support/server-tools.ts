import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir, setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { root } from '../../tools/files.ts';

/** Programs that the tests of test/servers run, by the Go package they are built from. */
const packages = {
  sops: { module: 'secrets', path: 'github.com/getsops/sops/v3/cmd/sops' },
  age: { module: 'secrets', path: 'filippo.io/age/cmd/age' },
  'age-keygen': { module: 'secrets', path: 'filippo.io/age/cmd/age-keygen' },
  promtool: { module: 'promtool', path: 'github.com/prometheus/prometheus/cmd/promtool' },
  'kube-apiserver': { module: 'control-plane', path: 'k8s.io/kubernetes/cmd/kube-apiserver' },
  kubectl: { module: 'control-plane', path: 'k8s.io/kubernetes/cmd/kubectl' },
  /** etcd: its package has no better name. */
  server: { module: 'control-plane', path: 'go.etcd.io/etcd/server/v3' },
  gitea: { module: 'gitea', path: 'code.gitea.io/gitea' },
  helm: { module: 'charts', path: 'helm.sh/helm/v3/cmd/helm' },
  kubeconform: { module: 'charts', path: 'github.com/yannh/kubeconform/cmd/kubeconform' },
  kstatus: { module: 'kstatus', path: 'fairlead/test/servers/tools/kstatus' },
  actionlint: { module: 'workflows', path: 'github.com/rhysd/actionlint/cmd/actionlint' },
} as const;

const kubernetesVersion = 'k8s.io/component-base/version';

/** How a module is built, where that is not as usual. */
interface Recipe {
  /** What the linker writes into its programs. */
  readonly stamps?: readonly string[];
  readonly tags?: string;
  /** A part of it is C: a C compiler is needed as well. */
  readonly hasC?: true;
  /** What its programs read as they run: folders of a package's source, kept in `share/` beside `bin/`. */
  readonly share?: { readonly package: string; readonly folders: readonly string[] };
}

const recipes: Readonly<Record<string, Recipe>> = {
  'control-plane': {
    // Without its version an API server refuses to be asked for any.
    stamps: [
      `-X ${kubernetesVersion}.gitVersion=v1.36.3`,
      `-X ${kubernetesVersion}.gitMajor=1`,
      `-X ${kubernetesVersion}.gitMinor=36`,
      `-X ${kubernetesVersion}.gitTreeState=clean`,
    ],
  },
  charts: {
    stamps: ['-X helm.sh/helm/v3/internal/version.version=v3.22.0'],
    share: {
      package: 'github.com/prometheus-operator/prometheus-operator',
      folders: ['example/prometheus-operator-crd'],
    },
  },
  gitea: {
    stamps: ['-X main.Version=1.26.0'],
    tags: 'sqlite sqlite_unlock_notify',
    hasC: true,
    share: { package: 'code.gitea.io/gitea', folders: ['options', 'templates', 'public'] },
  },
};

type ServerTool = keyof typeof packages;

const run = promisify(execFile);

/** A cold build of the largest takes under five minutes on two cores. */
const deadlineMs = 15 * 60 * 1000;
const maxBuffer = 64 * 1024 * 1024;

/**
 * Where a tool lies, built from its pinned Go module on first need: once per machine and version, also when several
 * test files ask together.
 *
 * @throws Error one line, when Go is missing or the build fails
 */
export async function serverTool(name: ServerTool): Promise<string> {
  const { module } = packages[name];
  const home = await homeOf(module);
  const tool = join(home, 'bin', name);
  if (!(await exists(tool))) await buildOnce(module, home);
  return tool;
}

/**
 * Where a folder lies that a tool's module keeps beside it.
 *
 * @throws Error one line, when Go is missing or the build fails
 */
export async function serverShare(name: ServerTool, folder: string): Promise<string> {
  return join(dirname(dirname(await serverTool(name))), 'share', folder);
}

/**
 * The source of a pinned Go module, of which nothing is built.
 *
 * @param tools  folder of test/servers/tools whose go.mod and go.sum pin it
 * @throws Error one line, when Go is missing or the module cannot be fetched
 */
export async function moduleFolder(tools: string, module: string): Promise<string> {
  try {
    const args = ['mod', 'download', '-json', module];
    const { stdout } = await run('go', args, { cwd: sourceOf(tools), timeout: deadlineMs });
    return (JSON.parse(stdout) as { readonly Dir: string }).Dir;
  } catch (cause) {
    throw new Error(reasonOf(cause, tools), { cause });
  }
}

/**
 * Builds whatever this machine does not have yet, one module after the other and with nothing beside it.
 *
 * @throws Error one line, when Go is missing or a build fails
 */
export async function buildServerTools(say: (line: string) => void): Promise<void> {
  for (const module of new Set(Object.values(packages).map((each) => each.module))) {
    const home = await homeOf(module);
    if (await exists(join(home, 'bin'))) continue;
    say(`building test/servers/tools/${module}: minutes, once on this machine`);
    await buildOnce(module, home);
  }
}

function sourceOf(module: string): string {
  return join(root, 'test/servers/tools', module);
}

async function homeOf(module: string): Promise<string> {
  return join(cacheFolder(), `tools-${await fingerprint(sourceOf(module))}`);
}

function cacheFolder(): string {
  const given = process.env['XDG_CACHE_HOME'];
  return join(given !== undefined && given !== '' ? given : join(homedir(), '.cache'), 'fairlead');
}

async function fingerprint(source: string): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(source, file)));
  // A program of our own beside those that are only pinned.
  const own = join(source, 'main.go');
  if (await exists(own)) hash.update(await readFile(own));
  return hash.digest('hex').slice(0, 16);
}

async function buildOnce(module: string, home: string): Promise<void> {
  await mkdir(home, { recursive: true });
  const lock = join(home, 'lock');
  while (!(await take(lock))) await sleep(500);
  try {
    const bin = join(home, 'bin');
    if (await exists(bin)) return;
    const fresh = join(home, `bin.${process.pid}`);
    await build(module, fresh);
    const { share } = recipes[module] ?? {};
    if (share !== undefined) await keepShare(module, share, join(home, 'share'));
    await rename(fresh, bin);
  } finally {
    await rm(lock, { force: true });
  }
}

async function build(module: string, into: string): Promise<void> {
  const paths = Object.values(packages).flatMap((each) =>
    each.module === module ? [each.path] : [],
  );
  const { stamps = [], tags = '', hasC = false } = recipes[module] ?? {};
  const ldflags = ['-s', '-w', ...stamps].join(' ');
  const flags = ['-p', '2', '-trimpath', '-buildvcs=false', '-mod=readonly', `-ldflags=${ldflags}`];
  if (tags !== '') flags.push(`-tags=${tags}`);
  const args = ['build', ...flags, '-o', `${into}/`, ...paths];
  await mkdir(into, { recursive: true });
  try {
    const env = { ...process.env, CGO_ENABLED: hasC ? '1' : '0' };
    const cwd = sourceOf(module);
    const building = run('go', args, { cwd, env, timeout: deadlineMs, maxBuffer });
    // Compilers and linker inherit it: other tests run meanwhile.
    if (building.child.pid !== undefined) setPriority(building.child.pid, 10);
    await building;
  } catch (cause) {
    await rm(into, { recursive: true, force: true });
    throw new Error(reasonOf(cause, module), { cause });
  }
}

/** Go keeps sources read-only, and may lose them before we lose what was built: ours is a copy. */
async function keepShare(
  module: string,
  share: NonNullable<Recipe['share']>,
  into: string,
): Promise<void> {
  const asked = ['list', '-m', '-f', '{{.Dir}}', share.package];
  const { stdout } = await run('go', asked, { cwd: sourceOf(module) });
  for (const folder of share.folders) await copy(join(stdout.trim(), folder), join(into, folder));
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copy(source, target);
    else await writeFile(target, await readFile(source));
  }
}

function reasonOf(cause: unknown, module: string): string {
  if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')
    return `Go is not on the PATH; test/servers/tools/${module} is built with it (https://go.dev/dl)`;
  const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause);
  return `test/servers/tools/${module} does not build: ${said.trim().split('\n').at(-1) ?? ''}`;
}

/** A lock file with the holder's pid; one whose holder is gone is nobody's. */
async function take(lock: string): Promise<boolean> {
  try {
    const handle = await open(lock, 'wx');
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  if (!(await isHeld(lock))) await rm(lock, { force: true });
  return false;
}

async function isHeld(lock: string): Promise<boolean> {
  try {
    const pid = Number(await readFile(lock, 'utf8'));
    // Just made, and not yet written.
    if (pid === 0) return Date.now() - (await stat(lock)).mtimeMs < 10_000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
