import { openDatabaseDrivers, storageConfigSchema } from '@hydra/persistence'
import { createIds, createMetrics, createSessionTokens, silentLogger, systemClock } from '@hydra/runtime'
import type { LoadTarget } from './closed-loop.ts'
import { enterAsPlayer } from './player.ts'

const secret = 'benchmark-secret-that-is-used-nowhere-else'

/** Settings of the services: no limit that a load from one address would reach, and the secret of the tokens. */
export const unlimited: Readonly<Record<string, string>> = {
  HYDRA_TOKEN_SECRETS: secret,
  HYDRA_LIMITS_RATE_PER_SECOND: '1000000',
  HYDRA_LIMITS_RATE_BURST: '1000000',
  HYDRA_LIMITS_ROUTE_RATES: 'chat.channel.send=1000000/1000000',
  HYDRA_LIMITS_MAX_CONNECTIONS_PER_IP: '10000',
  HYDRA_CHAT_RATES_WORLD_BURST: '1000000',
  HYDRA_CHAT_RATES_WORLD_PER_MINUTE: '1000000',
  // All in one shard of the world.
  HYDRA_CHAT_CHANNEL_WORLD_ROLES_MAX: '100000',
}

/** Where a gate listens, of the addresses that it says when it is ready. */
export function portOf({ gate }: Readonly<Record<string, unknown>>): number {
  if (typeof gate === 'object' && gate !== null && 'port' in gate) return Number(gate.port)
  throw new Error('The gate did not say where it listens.')
}

/** Makes accounts and tokens itself: hashing the passwords of hundreds of players is not what is measured. */
export async function openPlayers(mysqlUrl: string) {
  const ids = createIds(systemClock)
  const deps = {
    clock: systemClock,
    ids,
    log: silentLogger,
    metrics: createMetrics({ service: 'benchmark' }),
    random: Math.random,
  }
  const storage = await openDatabaseDrivers(storageConfigSchema.parse({ mysqlUrl }), deps)
  const tokens = createSessionTokens({ secrets: [secret], ttlSeconds: 3_600, clock: systemClock })
  let count = 0
  const account = async () => {
    const name = `player${count++}`
    const uid = ids.next()
    await storage.accounts.create({ uid, username: name, passwordHash: 'none', createdAtMs: 0 })
    const { token } = await tokens.sign(uid)
    return { name, token }
  }
  const enter: NonNullable<LoadTarget['prepare']> = async (connection) => {
    const { name, token } = await account()
    await enterAsPlayer(connection, token, name)
  }
  return { account, enter, close: () => storage.close() }
}
