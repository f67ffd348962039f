import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Settings } from '../../core/kinds/index.ts';
import { openCluster, type AccessSettings } from '../../kubernetes/index.ts';
import type {
  ApprovalPolicy,
  ClusterKind,
  ClusterWriter,
  NamespaceCache,
  ObjectCache,
  SecretReader,
} from '../../ports/cluster.ts';
import type { Clock, Random } from '../../ports/index.ts';
import { CliError } from '../exit.ts';
import type { Session } from '../session.ts';
import type { Administration } from '../settings.ts';
import { toolVersion } from '../version.ts';
import { approvalPolicy } from './approval-policy.ts';
import { refuseFileUrls } from './config.ts';

/** One cluster as the controller follows it. */
export interface FollowedCluster {
  readonly server: string;
  /** Ours: where the Secrets of connections and our Leases are. */
  readonly namespace: string;
  /** By kind; those that may be seen. */
  readonly caches: ReadonlyMap<ClusterKind, ObjectCache>;
  /** Absent where only some namespaces are ours. */
  readonly namespaces: NamespaceCache | undefined;
  readonly writer: ClusterWriter;
  readonly secrets: SecretReader;
  readonly approvals: ApprovalPolicy;
  readonly opened: Awaited<ReturnType<typeof openCluster>>;
  readonly identity: string;
}

export interface FollowOptions {
  readonly kubeconfig: string | undefined;
  /** Empty: the whole cluster. */
  readonly namespaces: readonly string[];
  readonly administration: Administration;
  readonly clock: Clock;
  readonly random: Random;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

const declarations: readonly ClusterKind[] = [
  'MiniProgram',
  'MiniProgramRelease',
  'ConfigProfile',
  'GitSource',
];

const defaultNamespace = 'fairlead-system';

/**
 * Finds the API server, and begins to follow everything that is ours.
 *
 * @throws CliError, ReconcileError `SettingsInvalid`  where no cluster is named, its kubeconfig cannot be used, or settings
 *   are not for a cluster
 */
export async function followCluster(
  session: Session,
  { kubeconfig, namespaces, administration, ...ports }: FollowOptions,
): Promise<FollowedCluster> {
  const { variables } = session.environment;
  const identity = `${variables['POD_NAME'] ?? hostname()}-${randomBytes(4).toString('hex')}`.slice(
    -128,
  );
  const access = accessOf(kubeconfig, variables);
  const settings = {
    ...{ access, identity, userAgent: `fairlead/${toolVersion}` },
    cache: cacheTimes(administration.settings.intervals),
  };
  const opened = await openCluster(settings, ports);
  refuseFileUrls(administration, opened.server);
  const within = namespaces.length === 0 ? undefined : namespaces;
  const kinds = within ? declarations : [...declarations, 'PlatformConnection' as const];
  return {
    ...{ opened, identity, server: opened.server, writer: opened.writer, secrets: opened.secrets },
    namespace: variables['POD_NAMESPACE'] ?? opened.namespace ?? defaultNamespace,
    caches: new Map(kinds.map((kind) => [kind, opened.cache(kind, within)])),
    namespaces: within ? undefined : opened.namespaces(),
    approvals: approvalPolicy(opened.api),
  };
}

function cacheTimes({ relistSeconds, silenceSeconds }: Settings['spec']['intervals'] = {}) {
  return {
    ...(relistSeconds === undefined ? {} : { resyncMs: relistSeconds * 1000 }),
    ...(silenceSeconds === undefined ? {} : { silenceMs: silenceSeconds * 1000 }),
  };
}

type Variables = Session['environment']['variables'];

function accessOf(kubeconfig: string | undefined, variables: Variables): AccessSettings {
  if (kubeconfig !== undefined) return { kind: 'kubeconfig', files: [kubeconfig] };
  const [first, ...others] = (variables['KUBECONFIG'] ?? '').split(':').filter(Boolean);
  if (first !== undefined) return { kind: 'kubeconfig', files: [first, ...others] };
  const host = variables['KUBERNETES_SERVICE_HOST'];
  const port = variables['KUBERNETES_SERVICE_PORT'];
  if (host !== undefined && port !== undefined) return { kind: 'inCluster', host, port };
  throw new CliError('SettingsInvalid', 'no cluster is named', {
    nextStep: 'give --kubeconfig FILE, or KUBECONFIG; in a pod nothing is needed',
  });
}
