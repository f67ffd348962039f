import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Answer, type Call, type Client, createClient } from './control-plane-client.ts';
import { freePorts, type Running, startServer, untilReady } from './control-plane-process.ts';
import {
  createNamespace,
  createUser,
  type Rights,
  type User,
  writeKubeconfig,
} from './control-plane-users.ts';
import { serverTool } from './server-tools.ts';

export type { Rights, User } from './control-plane-users.ts';

/** A line of the audit log, as far as tests ask. @see https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ */
export interface AuditEvent {
  readonly stage: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly apiGroup?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
  /** Of `ResponseComplete`: when it was answered. */
  readonly stageTimestamp: string;
}

export interface KubectlOptions {
  /** Standard input. */
  readonly input?: string;
  /** The administrator's if omitted. */
  readonly kubeconfig?: string;
}

export interface KubectlResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A real API server with its etcd, and kubectl of the same build; nothing else of Kubernetes runs. */
export interface ControlPlane {
  readonly url: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly tokens: { readonly admin: string };
  /** Path of the PEM of the authority that signed the server's certificate. */
  readonly caFile: string;
  /** Pids of what runs, the API server first. */
  readonly pids: readonly number[];
  call(path: string, call?: Call): Promise<Answer>;
  kubectl(args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
  /** A fresh namespace; it is never deleted, since nothing here would finish that. */
  namespace(labels?: Readonly<Record<string, string>>): Promise<string>;
  /** A service account with a token: who Fairlead is in a cluster. */
  user(name: string, rights: readonly Rights[]): Promise<User>;
  /** Everything asked of the API server so far; a request stands in it before its answer is sent. */
  auditLog(): Promise<readonly AuditEvent[]>;
  /** Kills the API server and starts it again on the same storage: what it remembered is gone. */
  restart(): Promise<void>;
  /** Forgets the history of the storage: older versions can no longer be read. */
  compact(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts etcd and the API server on free ports of the loopback, in a folder of their own.
 *
 * The three programs come from `KUBEBUILDER_ASSETS` if that is set, else they are built once from
 * `test/servers/tools/control-plane`.
 *
 * @throws Error  one line, when Go is missing or something does not start
 */
export async function startControlPlane(): Promise<ControlPlane> {
  const tools = await findTools();
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-control-plane-'));
  const running: Running[] = [];
  try {
    return await start(tools, folder, running);
  } catch (error) {
    await stopAll(running, folder);
    throw error;
  }
}

interface Tools {
  readonly apiServer: string;
  readonly etcd: string;
  readonly kubectl: string;
}

async function findTools(): Promise<Tools> {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  if (assets === undefined || assets === '')
    return {
      apiServer: await serverTool('kube-apiserver'),
      etcd: await serverTool('server'),
      kubectl: await serverTool('kubectl'),
    };
  return {
    apiServer: await asset(assets, 'kube-apiserver'),
    etcd: await asset(assets, 'etcd'),
    kubectl: await asset(assets, 'kubectl'),
  };
}

async function asset(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  await stat(path).catch((cause: unknown) => {
    throw new Error(`KUBEBUILDER_ASSETS names ${folder}, which has no ${name}`, { cause });
  });
  return path;
}

async function start(tools: Tools, folder: string, running: Running[]): Promise<ControlPlane> {
  const [etcdPort = 0, peerPort = 0, port = 0] = await freePorts(3);
  const url = `https://127.0.0.1:${port}`;
  const admin = randomBytes(16).toString('hex');
  await writeInputs(folder, admin);
  const etcd = startServer(
    'etcd',
    [tools.etcd, ...etcdArgs(folder, etcdPort, peerPort)],
    join(folder, 'etcd.log'),
  );
  running.push(etcd);
  const startApiServer = (): void => {
    const command = [tools.apiServer, ...apiServerArgs(folder, etcdPort, port)];
    running.unshift(startServer('kube-apiserver', command, join(folder, 'kube-apiserver.log')));
  };
  startApiServer();

  const caFile = join(folder, 'certs', 'apiserver.crt');
  const client = await untilReady(() => connect(url, caFile, admin), running, 60_000);

  const kubeconfig = await writeKubeconfig(folder, { name: 'admin', url, caFile, token: admin });
  const kubectl = kubectlOf(tools.kubectl, folder, kubeconfig);
  const ours = { client, folder, url, caFile };
  return {
    url,
    kubeconfig,
    tokens: { admin },
    caFile,
    get pids() {
      return running.map(({ pid }) => pid);
    },
    call: (path, call) => client.call(path, call),
    kubectl,
    namespace: (labels = {}) =>
      createNamespace(client, `t-${randomBytes(5).toString('hex')}`, labels),
    user: (name, rights) => createUser(ours, name, rights),
    auditLog: () => readAuditLog(folder),
    async restart() {
      const [last] = running.splice(0, 1);
      await last?.stop(0);
      startApiServer();
      const again = await untilReady(() => connect(url, caFile, admin), running, 60_000);
      again.close();
    },
    compact: () => compact(`http://127.0.0.1:${etcdPort}`),
    async stop() {
      client.close();
      await stopAll(running, folder);
    },
  };
}

/** By the JSON door of etcd: up to the newest revision. */
async function compact(etcd: string): Promise<void> {
  const ask = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${etcd}/v3/kv/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`etcd answered ${answer.status} to ${path}`);
    return answer.json();
  };
  const range = (await ask('range', { key: 'Lw==' })) as {
    readonly header: { readonly revision: string };
  };
  await ask('compaction', { revision: range.header.revision, physical: true });
}

/** The API server first: one whose etcd is gone does not hear SIGTERM. */
async function stopAll(running: readonly Running[], folder: string): Promise<void> {
  for (const server of running) await server.stop(15_000);
  await rm(folder, { recursive: true, force: true });
}

const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{ level: Metadata }]
`;

async function writeInputs(folder: string, admin: string): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  await mkdir(join(folder, 'home'));
  await writeFile(join(folder, 'sa.key'), privateKey, { mode: 0o600 });
  await writeFile(join(folder, 'sa.pub'), publicKey);
  await writeFile(join(folder, 'tokens.csv'), `${admin},admin,1,"system:masters"\n`, {
    mode: 0o600,
  });
  await writeFile(join(folder, 'audit-policy.yaml'), auditPolicy);
}

function etcdArgs(folder: string, port: number, peerPort: number): readonly string[] {
  const client = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    '--unsafe-no-fsync',
    '--log-level=error',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ];
}

function apiServerArgs(folder: string, etcdPort: number, port: number): readonly string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--cert-dir=${join(folder, 'certs')}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--allow-privileged=true',
    '--authorization-mode=RBAC',
    '--disable-admission-plugins=ServiceAccount',
    `--service-account-issuer=https://127.0.0.1:${port}/`,
    `--service-account-key-file=${join(folder, 'sa.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    `--audit-policy-file=${join(folder, 'audit-policy.yaml')}`,
    `--audit-log-path=${auditFile(folder)}`,
    // Megabytes. A log that is begun anew at a hundred of them lacks what went before.
    '--audit-log-maxsize=100000',
  ];
}

function auditFile(folder: string): string {
  return join(folder, 'audit.log');
}

async function readAuditLog(folder: string): Promise<readonly AuditEvent[]> {
  const text = await readFile(auditFile(folder), 'utf8');
  // What stands behind the last end of a line is still being written.
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as AuditEvent);
}

/** The certificate is read anew each time: what was found may have been half of it. */
async function connect(url: string, caFile: string, admin: string): Promise<Client | undefined> {
  const ca = await readFile(caFile).catch(() => undefined);
  if (ca === undefined) return undefined;
  const client = createClient(url, ca, admin);
  const answer = await client.call('/readyz').catch(() => undefined);
  if (answer?.status === 200) return client;
  client.close();
  return undefined;
}

function kubectlOf(program: string, folder: string, admin: string): ControlPlane['kubectl'] {
  return (args, options = {}) =>
    new Promise((resolve, reject) => {
      const child = execFile(
        program,
        [...args],
        {
          env: { HOME: join(folder, 'home'), KUBECONFIG: options.kubeconfig ?? admin },
          maxBuffer: 64 * 1024 * 1024,
          timeout: 120_000,
        },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : error.code;
          if (typeof code === 'number') resolve({ exitCode: code, stdout, stderr });
          else reject(new Error(`kubectl ${args.join(' ')}: ${error?.message ?? ''}`));
        },
      );
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(options.input ?? '');
    });
}
