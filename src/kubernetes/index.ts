export type { AccessSettings } from './access.ts';
export { type Cluster, type ClusterPorts, type ClusterSettings, openCluster } from './cluster.ts';
export type { NamespaceCache } from './namespaces.ts';
export { useLabel } from './secrets.ts';
export { fieldManager } from './writer.ts';
