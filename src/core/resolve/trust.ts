import type { GrantSpec } from '../kinds/platform-connection.ts';
import { type Environment, environments } from '../words/environments.ts';
import type { ProgramKey } from '../words/keys.ts';

/** What the administrator's settings say about who may declare what. */
export interface Trust {
  /** By name. `undefined`: none is configured (`validate`, `diff`), and a connection's name stands in for its platform. */
  readonly connections?: Readonly<Record<string, TrustedConnection>>;
  /** Plain files are judged as if this source had declared them (`--as`). */
  readonly actAs?: string;
  /** Sources as they are named in the settings: who is first where two claim one key. */
  readonly order: readonly string[];
  /**
   * Labels by namespace. Present in Kubernetes only, where a source is a namespace or `NAMESPACE/NAME` of a GitSource in
   * it, which has the namespace's rights; no grant means nobody.
   */
  readonly namespaces?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface TrustedConnection {
  readonly platformId: string;
  readonly grants?: readonly GrantSpec[];
}

/** The source name of plain files given to the command line. */
export const plainFiles = 'cli';

/** In which environments a source may declare releases of a program. @see docs: Grants */
export type Rights = ReadonlySet<Environment>;

const everywhere: Rights = new Set(environments);

/**
 * What `source` may declare of `program` through `connection`.
 *
 * @param connection  `undefined` where none is configured: nothing is judged
 */
export function rightsOf(
  trust: Trust,
  source: string,
  connection: TrustedConnection | undefined,
  program: ProgramKey,
): Rights {
  if (connection === undefined) return everywhere;
  const { grants } = connection;
  if (grants === undefined) return trust.namespaces === undefined ? everywhere : new Set();
  const binding = grantsFor(trust, source, grants);
  if (binding === 'unbound') return everywhere;
  const matching = binding.filter((grant) => covers(grant, program));
  return new Set(matching.flatMap((grant) => grant.environments ?? environments));
}

/** A global configuration reaches every environment, so only a grant of all of them allows to declare it. */
export function mayDeclareGlobal(rights: Rights): boolean {
  return environments.every((environment) => rights.has(environment));
}

/** The namespace whose rights a source of a cluster has: no name of a namespace holds a slash. */
export function namespaceOf(source: string): string {
  const [namespace = source] = source.split('/', 1);
  return namespace;
}

function grantsFor(
  trust: Trust,
  source: string,
  grants: readonly GrantSpec[],
): readonly GrantSpec[] | 'unbound' {
  if (trust.namespaces !== undefined)
    return grants.filter((grant) => namesNamespace(grant, namespaceOf(source), trust.namespaces));
  if (source !== plainFiles) return grants.filter((grant) => namesSource(grant, source));
  const { actAs } = trust;
  if (actAs !== undefined)
    return grants.filter(
      (grant) => namesSource(grant, actAs) || namesNamespace(grant, actAs, undefined),
    );
  // Plain files are bound only by grants that speak of them.
  const own = grants.filter((grant) => grant.cli === true);
  return own.length === 0 ? 'unbound' : own;
}

function namesSource(grant: GrantSpec, source: string): boolean {
  return grant.sources?.includes(source) ?? false;
}

function namesNamespace(grant: GrantSpec, namespace: string, labels: Trust['namespaces']): boolean {
  if (grant.namespaces?.some((name) => name === '*' || name === namespace) ?? false) return true;
  const selector = grant.namespaceSelector;
  const own =
    labels !== undefined && Object.hasOwn(labels, namespace) ? labels[namespace] : undefined;
  return selector !== undefined && selects(selector.matchLabels, own);
}

function selects(
  wanted: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return (
    labels !== undefined && Object.entries(wanted).every(([name, value]) => labels[name] === value)
  );
}

function covers(grant: GrantSpec, program: ProgramKey): boolean {
  const workspace = grant.workspaces?.includes(program.workspace) ?? true;
  return workspace && (grant.miniPrograms?.includes(program.miniProgram) ?? true);
}
