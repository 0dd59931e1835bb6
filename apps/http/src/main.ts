import { openDatabaseDrivers } from '@hydra/persistence'
import { openCluster } from '@hydra/rpc'
import { Lifecycle, Readiness, runService, startOpsServer } from '@hydra/runtime'
import { createHttpApp, type HttpApp } from './app.ts'
import { httpConfigSchema } from './config.ts'

await runService({
  service: 'http',
  schema: httpConfigSchema,
  mainUrl: import.meta.url,
  create({ config, clock, ids, log, metrics, tracer }) {
    const backends = new Lifecycle(log)
    let app: HttpApp | undefined
    return {
      async start(signal) {
        const readiness = new Readiness({ clock })
        const deps = { clock, log, metrics, readiness, signal, random: Math.random }
        await backends.start(
          'ops',
          () => startOpsServer({ config: config.ops, readiness, metrics, clock, log }),
          (server) => server?.close(),
        )
        const storage = backends.start(
          'database',
          () => openDatabaseDrivers(config.storage, deps),
          (part) => part.close(),
        )
        const cluster = backends.start(
          'cluster',
          () => openCluster(config.cluster, deps),
          (part) => part.close(),
        )
        // Both are awaited by the app once its socket can say what is missing; not at all if that does not open.
        for (const opening of [storage, cluster]) opening.catch(() => {})
        app = createHttpApp({ config, cluster, storage, clock, ids, log, metrics, tracer, readiness })
        return app.start(signal)
      },
      async stop() {
        await app?.stop()
        await backends.stop()
      },
    }
  },
})
