import { openStorage } from '@hydra/persistence'
import { openCluster } from '@hydra/rpc'
import { Lifecycle, Readiness, runService, startOpsServer } from '@hydra/runtime'
import { createGameApp, type GameApp } from './app.ts'
import { gameConfigSchema } from './config.ts'

await runService({
  service: 'game',
  schema: gameConfigSchema,
  mainUrl: import.meta.url,
  create({ config, clock, ids, log, metrics }) {
    const readiness = new Readiness({ clock })
    const backends = new Lifecycle(log)
    let game: GameApp | undefined
    return {
      async start(signal) {
        // First of all, so that it can be seen which backend is missing.
        await backends.start(
          'ops',
          () => startOpsServer({ config: config.ops, readiness, metrics, clock, log }),
          (server) => server?.close(),
        )
        const deps = { clock, ids, log, metrics, readiness, signal, random: Math.random }
        const [storage, cluster] = await Promise.all([
          backends.start(
            'storage',
            () => openStorage(config.storage, deps),
            (part) => part.close(),
          ),
          backends.start(
            'cluster',
            () => openCluster(config.cluster, deps),
            (part) => part.close(),
          ),
        ])
        game = createGameApp({ config, cluster, storage, clock, ids, log, metrics })
        const address = await game.start()
        readiness.started()
        return { game: address }
      },
      async stop() {
        readiness.drain()
        await game?.stop()
        await backends.stop()
      },
    }
  },
})
