/**
 * Parts of the tools that other tools are built on: clusters of real processes, and design tables for them.
 *
 * @module
 */
export { createRealCluster, realBackends } from './e2e/real-cluster.ts'
export type { Backends, RealCluster } from './e2e/real-cluster.ts'
export type { ServiceProcess } from './e2e/service-process.ts'
export { writeSceneTables } from './e2e/scene-tables.ts'
export type { SceneTableRow, SceneTables } from './e2e/scene-tables.ts'
