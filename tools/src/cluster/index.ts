/**
 * The local cluster, for the other commands: what runs of it and where.
 *
 * @module
 */
export { ClusterError } from './cluster-error.ts'
export { clusterFolder, defaultClusterDir } from './cluster-folder.ts'
export type { ClusterFolder } from './cluster-folder.ts'
export { readClusterState } from './cluster-state.ts'
export type { BackendState, ClusterState, ServiceState } from './cluster-state.ts'
export { findRunningCluster } from './find-cluster.ts'
