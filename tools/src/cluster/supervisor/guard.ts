import { once } from 'node:events'
import { createLogger } from '@hydra/runtime'
import { clusterFolder } from '../cluster-folder.ts'
import { readClusterState } from '../cluster-state.ts'
import { sweepCluster } from '../sweep.ts'

// Waits for the end of the supervisor, and ends what it has left behind: services stop by themselves when it is gone,
// the servers do not. After an end in good order there is no state any more, and nothing to do.

const folder = clusterFolder(process.argv[2])
const log = createLogger({ level: 'info', fields: { service: 'guard' } })
// A terminal's Ctrl-C, or an end of everything: the supervisor decides.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

const token = once(process, 'message')
await once(process, 'disconnect')
const state = await readClusterState(folder.dir)
if (state !== undefined && state.supervisor.token === (await token)[0]) {
  log.warn({ pid: state.supervisor.pid }, 'the supervisor was killed; stopping what it has left')
  await sweepCluster(folder, state, (text) => log.info({}, text))
  log.info({}, 'nothing is left')
}
process.exit()
