import { openStorage } from '@hydra/persistence'
import { openCluster } from '@hydra/rpc'
import { runBackedService } from '@hydra/runtime'
import { createGateApp } from './app.ts'
import { gateConfigSchema } from './config.ts'

await runBackedService({
  service: 'gate',
  schema: gateConfigSchema,
  mainUrl: import.meta.url,
  openStorage: (deps) => openStorage(deps.config.storage, deps),
  openCluster: (deps) => openCluster(deps.config.cluster, deps),
  create: createGateApp,
})
