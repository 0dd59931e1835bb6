import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createAccountApi, type GameClient } from '@hydra/client'
import { HydraError, routes, services } from '@hydra/protocol'
import { eventually, startServers, uniqueName, type ServerSet } from '@hydra/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newPlayer, urlOf, type NewPlayer } from './new-player.ts'
import { createRealCluster, realBackends, type RealCluster } from './real-cluster.ts'
import {
  backUp,
  backupPrograms,
  inMysql,
  redisCli,
  restoreMysql,
  restoreRedis,
  type StoreBackup,
} from './store-backup.ts'

const lacking = Object.values(backupPrograms).includes(undefined)

// The steps of docs/operations.md#backup-and-restore, in their order, with the programs that it names.
describe.each(realBackends())('a backup of both stores on $name', ({ backends }) => {
  let servers: ServerSet<'redis' | 'mysql'>
  let cluster: RealCluster
  let folder: string
  let backup: StoreBackup
  /** Its role is played while the backup is made, and nothing of it is in the database. */
  let playing: NewPlayer
  /** Its role was saved before. */
  let saved: NewPlayer
  const renamed = { playing: uniqueName('n').slice(-10), saved: uniqueName('n').slice(-10) }
  const tag = uniqueName('t').slice(-5)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hydra-backup-'))
    // Redis keeps no file, so that it reads the one of the backup when it starts.
    servers = await startServers({ which: ['redis', 'mysql'] })
    const own = { ...backends, redisUrl: servers.redis.url, mysqlUrl: servers.mysql.url }
    cluster = await createRealCluster(own, {
      HYDRA_CLUSTER_LEASE_TTL_SECONDS: '1',
      HYDRA_GAME_ROLE_QUEUE_FLUSH_INTERVAL_MS: '60000',
      HYDRA_HTTP_PASSWORD_COST_LOG2: '10',
    })
    if (!lacking) await startAll()
  }, 60_000)
  afterAll(async () => {
    await cluster.remove()
    await servers.close()
    await rm(folder, { recursive: true })
  }, 30_000)

  const startAll = () => Promise.all(services.map((service) => cluster.start(service)))
  const killAll = () => Promise.all(cluster.processes.map((each) => each.end('SIGKILL')))

  /** Plays a role again that was there before. */
  async function comeBack({ name, rid }: NewPlayer): Promise<GameClient> {
    const accounts = createAccountApi(cluster.httpUrl)
    const { token } = await accounts.login({ username: name, password: 'correct horse battery' })
    const client = await connect({ url: urlOf((await accounts.serverList('gate')).servers[0]) })
    await client.logIn(token)
    // The servers that were killed stay in the registry for their lease.
    await eventually(
      () =>
        client.request(routes.game.role.enter, { rid }).catch((error: unknown) => {
          if (error instanceof HydraError && error.retryable) return undefined
          throw error
        }),
      { timeoutMs: 15_000 },
    )
    return client
  }
  const roleOf = async (client: GameClient) => (await client.request(routes.game.role.get, {})).role
  const textsOf = async (client: GameClient, channel: string) =>
    (await client.request(routes.chat.channel.history, { channel })).messages.map(({ text }) => text)
  const archived = () => redisCli(servers.redis.url, 'zcard', `${cluster.keyPrefix}chat-unarchived`)

  it.skipIf(lacking)('is made while roles are played', { timeout: 60_000 }, async () => {
    ;[playing, saved] = await Promise.all([newPlayer(cluster.httpUrl), newPlayer(cluster.httpUrl)])
    const { alliance, channel } = routes.chat
    await saved.client.request(alliance.create, { name: `Lions ${tag}`, tag, policy: 'open' })
    await saved.client.request(channel.send, { channel: 'alliance', text: 'Hold the gate!' })
    await saved.client.request(channel.send, { channel: 'world', text: 'Good night.' })
    await saved.client.request(routes.game.role.rename, { name: renamed.saved })
    await saved.client.request(routes.gate.session.logout, {})
    await saved.client.close()
    await playing.client.request(routes.game.role.rename, { name: renamed.playing })
    await eventually(async () => expect((await archived()).trim()).toBe('0'))

    backup = await backUp(servers.redis.url, cluster.mysqlUrl, folder)

    // What comes after the backup, and must not come back with it.
    await playing.client.request(routes.game.role.rename, { name: uniqueName('n').slice(-10) })
    await playing.client.request(channel.send, { channel: 'world', text: 'Too late.' })
    await killAll()
    await playing.client.close()
  })

  it.skipIf(lacking)(
    'restored in both: all that was acknowledged when it was begun',
    { timeout: 60_000 },
    async () => {
      await restoreMysql(cluster.mysqlUrl, backup)
      await restoreRedis(servers.redis, backup)
      await startAll()

      const first = await comeBack(playing)
      expect(await roleOf(first)).toMatchObject({ name: renamed.playing })
      expect(await textsOf(first, 'world')).toEqual(['Good night.'])
      const second = await comeBack(saved)
      expect(await roleOf(second)).toMatchObject({ name: renamed.saved })
      expect(await second.request(routes.chat.alliance.mine, {})).toMatchObject({ alliance: { tag } })
      expect(await textsOf(second, 'alliance')).toEqual(['Hold the gate!'])
      await killAll()
      await Promise.all([first.close(), second.close()])
    },
  )

  it.skipIf(lacking)(
    'restored in MySQL alone, with Redis emptied: all that was saved, and play goes on from there',
    { timeout: 60_000 },
    async () => {
      await restoreMysql(cluster.mysqlUrl, backup)
      await redisCli(servers.redis.url, 'flushdb')
      await inMysql(cluster.mysqlUrl, 'update chat_channels set reserved_seq = reserved_seq + 1000000')
      await startAll()

      const first = await comeBack(playing)
      // Its change was in the journal only.
      expect(await roleOf(first)).toMatchObject({ name: playing.name })
      expect(await textsOf(first, 'world')).toEqual([])
      const { seq } = await first.request(routes.chat.channel.send, {
        channel: 'world',
        text: 'Good morning.',
      })
      expect(seq).toBeGreaterThan(1_000_000)
      const second = await comeBack(saved)
      expect(await roleOf(second)).toMatchObject({ name: renamed.saved })
      expect(await second.request(routes.chat.alliance.mine, {})).toMatchObject({ alliance: { tag } })
      expect(await textsOf(second, 'alliance')).toEqual(['Hold the gate!'])

      // New changes are newer than anything that the stores have ever had, those of the lost time included.
      const anew = uniqueName('n').slice(-10)
      await first.request(routes.game.role.rename, { name: anew })
      await first.request(routes.gate.session.logout, {})
      await first.close()
      const again = await comeBack(playing)
      expect(await roleOf(again)).toMatchObject({ name: anew })
      await Promise.all([second.close(), again.close()])
    },
  )
})
