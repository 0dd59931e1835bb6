import { openStorage } from '@hydra/persistence'
import { openCluster } from '@hydra/rpc'
import { runBackedService } from '@hydra/runtime'
import { createChatApp } from './app.ts'
import { chatConfigSchema } from './config.ts'

await runBackedService({
  service: 'chat',
  schema: chatConfigSchema,
  mainUrl: import.meta.url,
  openStorage: (deps) => openStorage(deps.config.storage, deps),
  openCluster: (deps) => openCluster(deps.config.cluster, deps),
  create: createChatApp,
})
