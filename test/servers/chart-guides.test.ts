import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { root } from '../../tools/files.ts';
import { type ControlPlane, startControlPlane } from '../support/control-plane.ts';
import { moduleFolder, serverTool } from '../support/server-tools.ts';

/** A block of commands, in the order in which the pages are meant to be read. */
interface Block {
  readonly page: string;
  readonly line: number;
  readonly commands: string;
  /** What the comment before it says: `not run: why`, or a word for this test. */
  readonly note: string;
}

const pages = ['kubernetes', 'tenancy', 'upgrade', 'sharding', 'migration', 'flux', 'image'];

async function blocksOf(page: string): Promise<readonly Block[]> {
  const name = page === 'kubernetes' ? page : `kubernetes-${page}`;
  const text = await readFile(join(root, `docs/guides/${name}.md`), 'utf8');
  const pattern = /(?:^ *<!-- (?<note>.+) -->\n)?^(?<indent> *)```sh\n(?<body>[^]*?)^ *```$/gm;
  return [...text.matchAll(pattern)].map(({ index, groups = {} }) => ({
    page: name,
    line: text.slice(0, index).split('\n').length,
    commands: (groups['body'] ?? '').replaceAll(new RegExp(`^${groups['indent'] ?? ''}`, 'gm'), ''),
    note: groups['note'] ?? '',
  }));
}

const blocks = (await Promise.all(pages.map(blocksOf))).flat();
const isRun = ({ note }: Block): boolean => !note.startsWith('not run: ');
const later = ({ note }: Block): boolean => note === 'runs last';
const ordered = [...blocks.filter((each) => !later(each)), ...blocks.filter(later)].filter(isRun);

let plane: ControlPlane;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-guides-'));
  for (const path of ['charts', 'crds', 'deploy', 'examples'])
    await cp(join(root, path), join(folder, 'work', path), { recursive: true });
  await mkdir(join(folder, 'bin'));
  for (const name of ['kubectl', 'helm'] as const)
    await symlink(await serverTool(name), join(folder, 'bin', name));
  plane = await startControlPlane();
  await bringFlux();
  await writeOverlay();
});

afterAll(async () => {
  await plane.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Flux is not here; its definitions are, as its modules carry them. */
async function bringFlux(): Promise<void> {
  for (const controller of ['source-controller', 'kustomize-controller']) {
    const module = await moduleFolder('flux', `github.com/fluxcd/${controller}`);
    const path = join(module, 'config/crd/bases');
    const { exitCode, stderr } = await plane.kubectl(['apply', '--server-side', '-f', path]);
    if (exitCode !== 0) throw new Error(stderr);
  }
}

/** The page shows a file before it is applied. */
async function writeOverlay(): Promise<void> {
  const page = await readFile(join(root, 'docs/guides/kubernetes.md'), 'utf8');
  const [, path = '', text = ''] = /```yaml\n# (overlays\/\S+)\n([^]*?)```/.exec(page) ?? [];
  const file = join(folder, 'work', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function paste({ commands }: Block): Promise<Ended> {
  const env = {
    PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
    HOME: join(folder, 'work'),
    KUBECONFIG: plane.kubeconfig,
  };
  return new Promise((resolve) => {
    const options = { cwd: join(folder, 'work'), env, timeout: 120_000 };
    const script = ['-euo', 'pipefail', '-c', commands];
    execFile('bash', script, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

describe('the guides to Kubernetes', () => {
  it('have commands, most of which are run here', () => {
    expect(ordered.length).toBeGreaterThan(20);
    expect(
      blocks.filter((each) => !isRun(each)).map(({ page, note }) => `${page}: ${note}`),
    ).toEqual([
      'kubernetes: not run: needs nodes',
      'kubernetes: not run: needs a running controller',
      'kubernetes-tenancy: not run: needs a running controller',
      'kubernetes-image: not run: no engine was at hand',
      'kubernetes-image: not run: no engine was at hand',
    ]);
  });

  it.each(ordered)('$page, line $line', async (block) => {
    const { code, stdout, stderr } = await paste(block);

    expect({ code, stderr: code === 0 ? '' : stderr }, stdout).toEqual({ code: 0, stderr: '' });
  });
});
