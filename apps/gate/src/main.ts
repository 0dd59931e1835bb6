import { openStorage } from '@hydra/persistence'
import { openCluster } from '@hydra/rpc'
import { Lifecycle, Readiness, runService, startOpsServer } from '@hydra/runtime'
import { createGateApp, type GateApp } from './app.ts'
import { gateConfigSchema } from './config.ts'

await runService({
  service: 'gate',
  schema: gateConfigSchema,
  mainUrl: import.meta.url,
  create({ config, clock, ids, log, metrics }) {
    const readiness = new Readiness({ clock })
    const backends = new Lifecycle(log)
    let gate: GateApp | undefined
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
        gate = createGateApp({ config, cluster, storage, clock, ids, log, metrics })
        const address = await gate.start()
        readiness.started()
        return { gate: address }
      },
      async stop() {
        readiness.drain()
        await gate?.stop()
        await backends.stop()
      },
    }
  },
})
