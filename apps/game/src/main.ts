import { openStorage } from '@hydra/persistence'
import { openCluster } from '@hydra/rpc'
import { runBackedService } from '@hydra/runtime'
import { createGameApp } from './app.ts'
import { gameConfigSchema } from './config.ts'

await runBackedService({
  service: 'game',
  schema: gameConfigSchema,
  mainUrl: import.meta.url,
  openStorage: (deps) => openStorage(deps.config.storage, deps),
  openCluster: (deps) => openCluster(deps.config.cluster, deps),
  create: createGameApp,
})
