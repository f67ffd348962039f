import { apiVersion } from '../core/kinds/api-version.ts';
import type { ClusterKind, ObjectRef } from '../ports/cluster.ts';

/** A kind as a path of the API: what it is called there, and whether it lies in namespaces. */
export interface Resource {
  /** `fairlead.dev/v1alpha1`, or `v1` for the core group. */
  readonly apiVersion: string;
  readonly plural: string;
  readonly isNamespaced: boolean;
}

const namespaced = (plural: string): Resource => ({ apiVersion, plural, isNamespaced: true });

/** Where our kinds are found. The definitions in crds/ say the same; a test compares. */
export const resources: Readonly<Record<ClusterKind, Resource>> = {
  MiniProgram: namespaced('miniprograms'),
  MiniProgramRelease: namespaced('miniprogramreleases'),
  ConfigProfile: namespaced('configprofiles'),
  GitSource: namespaced('gitsources'),
  PlatformConnection: { apiVersion, plural: 'platformconnections', isNamespaced: false },
};

export const namespaces: Resource = {
  apiVersion: 'v1',
  plural: 'namespaces',
  isNamespaced: false,
};
export const secrets: Resource = { apiVersion: 'v1', plural: 'secrets', isNamespaced: true };
export const events: Resource = {
  apiVersion: 'events.k8s.io/v1',
  plural: 'events',
  isNamespaced: true,
};
export const leases: Resource = {
  apiVersion: 'coordination.k8s.io/v1',
  plural: 'leases',
  isNamespaced: true,
};

/** @param namespace  absent: the whole cluster, or a resource without namespaces */
export function collectionPath(resource: Resource, namespace: string | undefined): string {
  const root = resource.apiVersion.includes('/') ? '/apis' : '/api';
  const scope =
    namespace === undefined || !resource.isNamespaced
      ? ''
      : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}/${resource.apiVersion}${scope}/${resource.plural}`;
}

export function objectPath(ref: ObjectRef): string {
  const collection = collectionPath(resources[ref.kind], ref.namespace);
  return `${collection}/${encodeURIComponent(ref.name)}`;
}

/** As RBAC and kubectl call it: `miniprograms.fairlead.dev`, `secrets`. */
export function resourceName({ apiVersion: version, plural }: Resource): string {
  const [group = '', rest] = version.split('/');
  return rest === undefined ? plural : `${plural}.${group}`;
}
