import type { PlatformConnection } from '../../core/kinds/index.ts';
import type { KeyFrom } from '../../core/kinds/platform-connection.ts';
import type { Trouble } from '../../core/model/controller.ts';
import type { TrustedConnection } from '../../core/resolve/trust.ts';
import { validate } from '../../core/validate/validate.ts';
import { record, text } from '../../core/validate/read.ts';
import type { Problem } from '../../core/words/problems.ts';
import type { ClusterObject, SecretReader } from '../../ports/cluster.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { plainEndpoint } from '../endpoint.ts';
import type { NamedConnection } from '../settings.ts';
import { documentOf, problemsOf } from './objects.ts';

type Spec = PlatformConnection['spec'];

/** A connection object as it was read. */
export interface ReadConnection {
  readonly name: string;
  /** Absent: nothing can be done through it, and `problems` or `trouble` says why. */
  readonly connection?: NamedConnection;
  readonly problems: readonly Problem[];
  readonly trouble?: Trouble;
  /** What is known of whom it trusts, also where it is out. */
  readonly trusted?: TrustedConnection;
}

/**
 * Reads connection objects; of two that cannot stand beside each other the older one counts.
 *
 * @param objects  in any order
 */
export function readConnections(objects: readonly ClusterObject[]): readonly ReadConnection[] {
  const read: ReadConnection[] = [];
  for (const object of objects.toSorted(byAge)) {
    const one = readOne(object);
    const rival = one.connection && rivalOf(one.connection, read);
    read.push(rival === undefined ? one : refusedBeside(one, rival));
  }
  return read;
}

function byAge(a: ClusterObject, b: ClusterObject): number {
  return a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1);
}

function readOne(object: ClusterObject): ReadConnection {
  const { name } = object;
  const validated = validate('PlatformConnection', documentOf(object));
  if (validated.valid) {
    const { spec } = validated.value;
    const { platformId, grants } = spec;
    const trusted = { platformId, ...(grants ? { grants } : {}) };
    return { name, connection: { name, spec }, problems: [], trusted };
  }
  const problems = problemsOf(object, validated.findings);
  // Without its grants nobody is trusted; its programs keep their keys all the same.
  const platformId = text(record(object.spec)['platformId']);
  const [first] = problems;
  return {
    ...{ name, problems },
    trouble: {
      code: 'SettingsInvalid',
      message: `PlatformConnection ${name} is invalid${first ? `: ${first.message}` : ''}`,
      nextStep: `correct PlatformConnection ${name}`,
    },
    ...(platformId === undefined ? {} : { trusted: { platformId, grants: [] } }),
  };
}

/** One platform has one address; and one client of it one budget. */
function rivalOf({ spec }: NamedConnection, others: readonly ReadConnection[]): string | undefined {
  return others.find(({ connection }) => {
    if (connection?.spec.platformId !== spec.platformId) return false;
    const isOneClient = connection.spec.clientId === spec.clientId;
    return isOneClient || addressOf(connection.spec) !== addressOf(spec);
  })?.name;
}

function addressOf({ endpoint, dataDir }: Spec): string | undefined {
  return endpoint === undefined ? dataDir : plainEndpoint(endpoint);
}

function refusedBeside(one: ReadConnection, rival: string): ReadConnection {
  const { connection: _, ...rest } = one;
  const trouble: Trouble = {
    code: 'SettingsInvalid',
    message: `PlatformConnections ${rival} and ${one.name} name one platform with one client id, or at two addresses; ${rival} is older and counts`,
    nextStep: `remove ${one.name}, or give it a client id of its own and the same endpoint`,
  };
  return { ...rest, trouble };
}

/** Secrets that connections name, each once. */
function secretNames(connections: readonly ReadConnection[]): readonly string[] {
  const names = connections.flatMap(({ connection }) => {
    if (!connection) return [];
    const {
      privateKey,
      platformPublicKey,
      fingerprintKey,
      previousFingerprintKeys = [],
    } = connection.spec;
    return [privateKey, platformPublicKey, fingerprintKey, ...previousFingerprintKeys].flatMap(
      (from: KeyFrom | undefined) => from?.secretKeyRef?.name ?? [],
    );
  });
  return [...new Set(names)].sort();
}

/** Names the versions of all Secrets behind connections: another text means that they must be opened again. */
export async function secretVersions(
  connections: readonly ReadConnection[],
  { reader, namespace }: { readonly reader: SecretReader; readonly namespace: string },
  signal: AbortSignal,
): Promise<string> {
  const versions = await Promise.all(
    secretNames(connections).map(async (name) => {
      try {
        const found = await reader.secret(namespace, name, signal);
        return `${name} ${found?.resourceVersion ?? 'missing'}`;
      } catch (error) {
        if (!(error instanceof ReconcileError) || error.code !== 'ClusterRefused') throw error;
        return `${name} refused`;
      }
    }),
  );
  return versions.join('\n');
}
