import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Client } from './control-plane-client.ts';

/** One thing somebody may do, as RBAC writes it. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** Rights in one namespace, or in the whole cluster if none is named. */
export interface Rights {
  readonly namespace?: string;
  readonly rules: readonly PolicyRule[];
}

/** Somebody who may do what was granted and nothing else. */
export interface User {
  /** As the audit log names it. */
  readonly name: string;
  readonly token: string;
  /** Path of a kubeconfig of that user. */
  readonly kubeconfig: string;
}

const usersNamespace = 'fairlead-test-users';

interface Access {
  readonly name: string;
  readonly url: string;
  readonly caFile: string;
  readonly token: string;
}

/** @returns its path */
export async function writeKubeconfig(folder: string, access: Access): Promise<string> {
  const { name, url, caFile, token } = access;
  const path = join(folder, `${name}.kubeconfig`);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority': caFile } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

interface Ours {
  readonly client: Client;
  readonly folder: string;
  readonly url: string;
  readonly caFile: string;
}

export async function createNamespace(
  client: Client,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<string> {
  await create(client, '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels },
  });
  return name;
}

/** A service account with its rights and a token of an hour. */
export async function createUser(
  { client, folder, url, caFile }: Ours,
  name: string,
  rights: readonly Rights[],
): Promise<User> {
  await createNamespace(client, usersNamespace, {}).catch(() => undefined);
  const accounts = `/api/v1/namespaces/${usersNamespace}/serviceaccounts`;
  await create(client, accounts, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name },
  });
  for (const [index, each] of rights.entries()) await grant(client, `${name}-${index}`, name, each);
  const { status } = (await create(client, `${accounts}/${name}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3600 },
  })) as { readonly status: { readonly token: string } };
  const kubeconfig = await writeKubeconfig(folder, { name, url, caFile, token: status.token });
  return {
    name: `system:serviceaccount:${usersNamespace}:${name}`,
    token: status.token,
    kubeconfig,
  };
}

const rbac = 'rbac.authorization.k8s.io';

async function grant(client: Client, name: string, account: string, rights: Rights): Promise<void> {
  const { namespace, rules } = rights;
  const scope = namespace === undefined ? 'Cluster' : '';
  const home = `/apis/${rbac}/v1` + (namespace === undefined ? '' : `/namespaces/${namespace}`);
  const kinds = `${scope.toLowerCase()}role`;
  await create(client, `${home}/${kinds}s`, {
    apiVersion: `${rbac}/v1`,
    kind: `${scope}Role`,
    metadata: { name },
    rules,
  });
  await create(client, `${home}/${kinds}bindings`, {
    apiVersion: `${rbac}/v1`,
    kind: `${scope}RoleBinding`,
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: `${scope}Role`, name },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: usersNamespace }],
  });
}

/** @throws Error  what the API server says against it */
async function create(client: Client, path: string, body: unknown): Promise<unknown> {
  const answer = await client.call(path, { method: 'POST', body });
  if (answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}
