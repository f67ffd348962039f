/**
 * Where the API server is and how we show who we are: the only file that knows client-node, of which only `KubeConfig` and
 * the authentication behind it are used.
 */
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
// eslint-disable-next-line no-restricted-imports -- this is the door: what stands behind it asks through the port `Api`
import { Agent, type RequestOptions } from 'node:https';
import { dirname, join, resolve } from 'node:path';

import { KubeConfig, type User } from '@kubernetes/client-node';
import { parse } from 'yaml';

import { ReconcileError } from '../core/words/errors.ts';
import { field, list, text } from './raw.ts';

/** How to find and enter the cluster. */
export type AccessSettings =
  | {
      readonly kind: 'kubeconfig';
      /** Merged in order, as kubectl does with KUBECONFIG: the first to say something wins. */
      readonly files: readonly [string, ...string[]];
      /** The current one if omitted. */
      readonly context?: string;
    }
  | {
      readonly kind: 'inCluster';
      /** KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT. */
      readonly host: string;
      readonly port: string;
      /** Holds `token`, `ca.crt` and `namespace`; `/var/run/secrets/kubernetes.io/serviceaccount` if omitted. */
      readonly folder?: string;
    };

/** Who asks, as of now. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  /** Keeps connections; another one once certificates or authorities change. */
  readonly agent: Agent;
}

export interface Access {
  /** Scheme, host, port and perhaps a path; no slash at the end. */
  readonly server: string;
  /** Of the context or the service account. */
  readonly namespace: string | undefined;
  /**
   * Reads files and runs exec plugins as needed.
   *
   * @throws ReconcileError `ClusterRefused` when there are none to be had
   */
  credentials(): Promise<Credentials>;
  /** Whatever is remembered is forgotten: files are read and plugins run again at the next call. */
  reload(): void;
  /** Breaks all connections. */
  close(): void;
}

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';
/** A connection that was idle longer is not used again: load balancers forget it without a word. */
const idleMs = 30_000;

/** @throws ReconcileError `SettingsInvalid` when the kubeconfig cannot be used */
export function openAccess(settings: AccessSettings): Access {
  let config = load(settings);
  let current: { readonly identity: string; readonly agent: Agent } | undefined;

  /** Certificates that changed need connections of their own; those in use end with their request. */
  function agentFor(options: RequestOptions): Agent {
    const identity = [options.ca, options.cert, options.key, options.servername]
      .map((part) =>
        Buffer.isBuffer(part) ? part.toString('base64') : JSON.stringify(part ?? null),
      )
      .join(' ');
    if (current?.identity !== identity) {
      retire(current?.agent);
      current = { identity, agent: newAgent(options) };
    }
    return current.agent;
  }

  const { server } = clusterOf(config);
  return {
    server: server.replace(/\/+$/, ''),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace?.trim(),
    async credentials() {
      const options: RequestOptions = {};
      try {
        await config.applyToHTTPSOptions(options);
      } catch (error) {
        throw withoutCredentials(error);
      }
      // Behind a proxy, client-node's own agent is the one that knows the way.
      const agent =
        clusterOf(config).proxyUrl === undefined ? agentFor(options) : (options.agent as Agent);
      return { agent, headers: headersOf(options) };
    },
    reload() {
      config = load(settings);
    },
    close() {
      current?.agent.destroy();
      current = undefined;
    },
  };
}

/** Ends idle connections; a busy one ends when what it carries does, since nobody will use it again. */
function retire(agent: Agent | undefined): void {
  if (agent === undefined) return;
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets))
    for (const socket of sockets ?? []) socket.destroy();
}

function newAgent({ ca, cert, key, servername, rejectUnauthorized }: RequestOptions): Agent {
  return new Agent({
    keepAlive: true,
    timeout: idleMs,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  });
}

function headersOf({ headers, auth }: RequestOptions): Readonly<Record<string, string>> {
  const plain = Object.entries(headers ?? {}).map(([name, value]) => [
    name,
    // A token file ends in a line feed, which no header may hold.
    String(value).trim(),
  ]);
  const basic = typeof auth === 'string' ? Buffer.from(auth).toString('base64') : undefined;
  return {
    ...(basic === undefined ? {} : { Authorization: `Basic ${basic}` }),
    ...(Object.fromEntries(plain) as Record<string, string>),
  };
}

function load(settings: AccessSettings): KubeConfig {
  return settings.kind === 'inCluster' ? loadInCluster(settings) : loadFiles(settings);
}

function loadInCluster(settings: AccessSettings & { readonly kind: 'inCluster' }): KubeConfig {
  const folder = settings.folder ?? serviceAccountFolder;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  const name = 'in-cluster';
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [
      { name, server: `https://${host}:${settings.port}`, caFile: join(folder, 'ca.crt') },
    ],
    users: [
      { name, authProvider: { name: 'tokenFile', config: { tokenFile: join(folder, 'token') } } },
    ],
    contexts: [{ name, cluster: name, user: name, namespace: fileIn(folder, 'namespace') }],
    currentContext: name,
  });
  return config;
}

function fileIn(folder: string, name: string): string | undefined {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return undefined;
  }
}

function loadFiles(settings: AccessSettings & { readonly kind: 'kubeconfig' }): KubeConfig {
  const [first, ...others] = settings.files;
  const config = read(first);
  for (const file of others) merge(config, read(file));
  if (settings.context !== undefined) config.setCurrentContext(settings.context);
  for (const user of config.users) tellCluster(user, config);
  if (config.getCurrentCluster() === null)
    throw unusable(`context ${config.getCurrentContext()} names no cluster`);
  return config;
}

function read(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
    const plain = parse(readFileSync(file, 'utf8')) as unknown;
    for (const user of config.users) takeTokenFile(user, plain, dirname(file));
  } catch (cause) {
    // Not the parser's words: they quote the file, and the file holds tokens.
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw unusable(`${file} cannot be read as a kubeconfig${code}`);
  }
  return config;
}

/** client-node knows no `tokenFile`; it goes before `token`, and is read again while it is used. */
function takeTokenFile(user: User, config: unknown, folder: string): void {
  const written = list(field(config, 'users')).find((each) => field(each, 'name') === user.name);
  const tokenFile = text(field(field(written, 'user'), 'tokenFile'));
  if (tokenFile === undefined || tokenFile === '') return;
  Object.assign(user, {
    token: undefined,
    authProvider: { name: 'tokenFile', config: { tokenFile: resolve(folder, tokenFile) } },
  });
}

/** As kubectl merges: what is there stays, what is new is added. */
function merge(config: KubeConfig, other: KubeConfig): void {
  const isNew =
    (known: readonly { readonly name: string }[]) =>
    ({ name }: { readonly name: string }) =>
      known.every((each) => each.name !== name);
  config.clusters = [...config.clusters, ...other.clusters.filter(isNew(config.clusters))];
  config.users = [...config.users, ...other.users.filter(isNew(config.users))];
  config.contexts = [...config.contexts, ...other.contexts.filter(isNew(config.contexts))];
  config.currentContext ||= other.currentContext;
}

interface ExecPlugin {
  readonly apiVersion?: string;
  readonly provideClusterInfo?: boolean;
  env?: readonly { readonly name: string; readonly value: string }[] | null;
}

/**
 * Plugins are told what they are asked for in KUBERNETES_EXEC_INFO; several refuse to speak without it, and client-node
 * says nothing.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#input-and-output-formats
 */
function tellCluster(user: User, config: KubeConfig): void {
  const exec = user.exec as ExecPlugin | null | undefined;
  if (exec === null || exec === undefined) return;
  const cluster = config.getCurrentCluster();
  const info = {
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo === true && cluster !== null
        ? {
            cluster: {
              server: cluster.server,
              'certificate-authority-data': cluster.caData,
              'insecure-skip-tls-verify': cluster.skipTLSVerify,
              'tls-server-name': cluster.tlsServerName,
            },
          }
        : {}),
    },
  };
  exec.env = [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }];
}

function clusterOf(config: KubeConfig): { readonly server: string; readonly proxyUrl?: string } {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw unusable('no cluster');
  const { server, proxyUrl } = cluster;
  return proxyUrl === undefined || proxyUrl === '' ? { server } : { server, proxyUrl };
}

function unusable(why: string): ReconcileError {
  return new ReconcileError('SettingsInvalid', why, {
    nextStep: 'see --kubeconfig, or the variable KUBECONFIG',
  });
}

/** A plugin's own words may hold what it knows; its exit and a file's name are enough. */
function withoutCredentials(error: unknown): ReconcileError {
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  return new ReconcileError(
    'ClusterRefused',
    `there are no credentials for the API server${code}`,
    {
      nextStep:
        'see the token and certificate files of the service account or the kubeconfig, and run its exec plugin by hand',
    },
  );
}
