import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parseAllDocuments } from 'yaml';

import type { PolicyRule } from '../support/control-plane-users.ts';
import type { AuditEvent, ControlPlane } from '../support/control-plane.ts';
import { home, openTools, render, type Values } from './chart-stage.ts';

/** Who the chart's controller is. */
export const controller = `system:serviceaccount:${home}:fairlead`;

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Rights that the chart gives, as `patch miniprograms/status.fairlead.dev`, sorted. */
export type Grants = readonly string[];

/**
 * Gives an API server the chart's service account with its rights, and who may approve, and nothing that would need nodes.
 *
 * @returns what was granted
 */
export async function applyRights(plane: ControlPlane, values: Values): Promise<Grants> {
  const tools = await openTools();
  const templates = ['serviceaccount', 'rbac-own', 'rbac-cluster', 'approvals'];
  const text = await render(tools, values, templates);
  await tools.dispose();
  const { exitCode, stderr } = await plane.kubectl(['apply', '--server-side', '-f', '-'], {
    input: text,
  });
  if (exitCode !== 0) throw new Error(stderr);
  const rules = parseAllDocuments(text).flatMap(
    (each) => (each.toJS() as { rules?: Rule[] } | null)?.rules ?? [],
  );
  return unique(
    rules.flatMap(({ apiGroups: [group = ''], resources, verbs }) =>
      resources.flatMap((resource) => verbs.map((verb) => rightOf(verb, resource, group))),
    ),
  );
}

/** A kubeconfig of the chart's controller; its token ends after an hour. @returns its path */
export async function controllerKubeconfig(plane: ControlPlane, folder: string): Promise<string> {
  const { stdout, stderr } = await plane.kubectl(['create', 'token', 'fairlead', '-n', home]);
  if (stdout === '') throw new Error(stderr);
  const path = join(folder, 'controller.kubeconfig');
  const cluster = { server: plane.url, 'certificate-authority': plane.caFile };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user: { token: stdout.trim() } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}

/** Rights that somebody used, in the words of `Grants`. */
export function usedRights(log: readonly AuditEvent[], username: string): Grants {
  return unique(
    log.flatMap(({ user, verb, objectRef }) => {
      const { resource, subresource, apiGroup = '' } = objectRef ?? {};
      if (user.username !== username || resource === undefined) return [];
      const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
      return [rightOf(verb, whole, apiGroup)];
    }),
  );
}

/** What somebody was refused. */
export function refusedRequests(log: readonly AuditEvent[], username: string): readonly string[] {
  return log
    .filter(
      ({ user, responseStatus }) => user.username === username && responseStatus?.code === 403,
    )
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}

/** Rights as rules of a role. */
export function rulesOf(rights: Grants): readonly PolicyRule[] {
  return rights.map((right) => {
    const [, verb = '', resource = '', group = ''] = /^(\S+) ([^.]+)\.?(.*)$/.exec(right) ?? [];
    return { apiGroups: [group], resources: [resource], verbs: [verb] };
  });
}

function rightOf(verb: string, resource: string, group: string): string {
  return `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
}

function unique(rights: readonly string[]): Grants {
  return [...new Set(rights)].toSorted();
}
