import { openStorage } from '@hydra/persistence'
import { openCluster } from '@hydra/rpc'
import { configuredPath, runBackedService } from '@hydra/runtime'
import { createGameApp } from './app.ts'
import { gameConfigSchema } from './config.ts'
import { loadTables } from './tables/load-tables.ts'

await runBackedService({
  service: 'game',
  schema: gameConfigSchema,
  mainUrl: import.meta.url,
  prepare: ({ config }) => ({
    tables: loadTables(configuredPath(import.meta.url, config.tables.directory)),
  }),
  openStorage: (deps) => openStorage(deps.config.storage, deps),
  openCluster: (deps) => openCluster(deps.config.cluster, deps),
  create(options) {
    const app = createGameApp(options)
    return {
      // What it resolves with is logged: the parts of a started game are for tests and for those who build on it.
      async start() {
        const { serverId } = await app.start()
        return { serverId }
      },
      stop: () => app.stop(),
    }
  },
})
