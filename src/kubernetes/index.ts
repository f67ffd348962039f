export type { AccessSettings } from './access.ts';
export { type Cluster, type ClusterSettings, openCluster } from './cluster.ts';
export { type LeaseTimes, leaseTimes } from './hold.ts';
