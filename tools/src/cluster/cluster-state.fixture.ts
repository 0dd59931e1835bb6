import type { ClusterState } from './cluster-state.ts'

/** The state of a cluster that runs, whose supervisor is this process. */
export const stateOf = (fields: Partial<ClusterState> = {}): ClusterState => ({
  version: 1,
  phase: 'running',
  startedAtMs: 1,
  supervisor: { pid: process.pid, url: 'http://127.0.0.1:1', token: 'first' },
  stopTimeoutMs: 4_500,
  env: 'local-1',
  keyPrefix: 'hydra:local-1:',
  httpUrl: 'http://127.0.0.1:9001',
  gateUrls: [],
  wanted: { gate: 1, http: 1, game: 1, chat: 1 },
  backends: [],
  services: [],
  ...fields,
})
