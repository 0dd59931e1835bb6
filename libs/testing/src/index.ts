/**
 * Real MariaDB, Redis, NATS and etcd for tests: shared ones for all test files, private ones to kill and freeze.
 * For tests and tools only; Node built-ins only.
 *
 * @module
 */
export { chooseSeed } from './choose-seed.ts'
export { eventually } from './eventually.ts'
export type { EventuallyOptions } from './eventually.ts'
export { isProcessAlive } from './is-process-alive.ts'
export { leftOutTests } from './left-out-tests.ts'
export { startReaper } from './reaper/reaper.ts'
export type { Reaper } from './reaper/reaper.ts'
export { makeCertificates } from './secured/make-certificates.ts'
export type { CertificateFiles, TestCertificates } from './secured/make-certificates.ts'
export type { Secured } from './secured/secured-definitions.ts'
export { startSecuredServers } from './secured/start-secured-servers.ts'
export type { SecuredServers } from './secured/start-secured-servers.ts'
export { findBinary, missingServers, serverBinaries } from './servers/find-binary.ts'
export { freePorts, isPortFree } from './servers/free-ports.ts'
export { startKeptServer } from './servers/start-kept-server.ts'
export type { KeptServerOptions } from './servers/start-kept-server.ts'
export { startNatsCluster } from './servers/start-nats-cluster.ts'
export type { NatsCluster } from './servers/start-nats-cluster.ts'
export { startServers } from './servers/start-servers.ts'
export type { ServerSet, StartServersOptions } from './servers/start-servers.ts'
export type { AppendFsync, ServerExit, TestServer } from './servers/test-server.ts'
export { kindsToStart, startSharedServers } from './shared-servers.ts'
export type { SharedServers } from './shared-servers.ts'
export { testBackends } from './test-backends.ts'
export type { TestBackends } from './test-backends.ts'
export {
  backendsVariable,
  dirVariable,
  isEmbedded,
  serverKinds,
  serverPathVariable,
  urlVariables,
} from './test-env.ts'
export type { Environment, ServerKind } from './test-env.ts'
export { TestServerError } from './test-server-error.ts'
export type { TestServerErrorCode } from './test-server-error.ts'
export { uniqueName } from './unique-name.ts'
