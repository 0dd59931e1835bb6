import type { StorageDrivers } from '@hydra/persistence'
import { events } from '@hydra/protocol'
import { createRpcPeer, type ClusterDrivers } from '@hydra/rpc'
import { createIds, createMetrics, silentLogger, type Clock } from '@hydra/runtime'

/** Sees roles leave, from inside the cluster. */
export interface RoleWatch {
  /** Resolves when the role has left and the database has it under this name; answers a line that says so. */
  readonly roleSaved: (rid: string, name: string) => Promise<string>
  stop(): Promise<void>
}

/** How long a role may take to leave: the grace, and then some. */
const leaveTimeoutMs = 20_000

/**
 * Listens to the event that a game server publishes when a role has been saved and released.
 *
 * @example const watch = await watchRoles({ cluster, storage }, systemClock, 'dev')
 */
export async function watchRoles(
  { cluster, storage }: { readonly cluster: ClusterDrivers; readonly storage: Pick<StorageDrivers, 'roles'> },
  clock: Clock,
  env: string,
): Promise<RoleWatch> {
  const ids = createIds(clock)
  const metrics = createMetrics({ service: 'demo' })
  const self = { id: ids.next(), type: 'http' } as const
  const peer = await createRpcPeer({ self, env, ...cluster, clock, ids, log: silentLogger, metrics })
  const left = new Map<string, () => void>()
  const gone = new Set<string>()
  await peer.on(events.game.role.left, ({ rid }) => {
    gone.add(rid)
    left.get(rid)?.()
  })

  const roleLeft = (rid: string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (gone.has(rid)) return resolve()
      const timer = clock.after(leaveTimeoutMs, () => reject(new Error(`Role ${rid} did not leave in time.`)))
      left.set(rid, () => {
        timer.cancel()
        left.delete(rid)
        resolve()
      })
    })

  return {
    async roleSaved(rid, name) {
      await roleLeft(rid)
      const row = await storage.roles.find(rid)
      if (row?.name !== name) throw new Error(`The database has "${row?.name}" where "${name}" was expected.`)
      return `the grace is over; the database row: ${JSON.stringify(row)}`
    },
    stop: () => peer.close(1_000),
  }
}
