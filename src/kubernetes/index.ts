export type { AccessSettings } from './access.ts';
export {
  type Cluster,
  type ClusterPorts,
  type ClusterSettings,
  openCluster,
  type SharingSettings,
} from './cluster.ts';
export { type LeaseTimes, leaseTimes } from './hold.ts';
export type { LeasedShards } from './shards.ts';
export { useLabel } from './secrets.ts';
export { fieldManager } from './writer.ts';
