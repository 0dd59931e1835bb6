/**
 * Parts of the tools that other tools are built on: clusters of real processes.
 *
 * @module
 */
export { createRealCluster, realBackends } from './e2e/real-cluster.ts'
export type { Backends, RealCluster } from './e2e/real-cluster.ts'
export type { ServiceProcess } from './e2e/service-process.ts'
