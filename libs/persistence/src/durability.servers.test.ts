import { createMetrics, silentLogger, systemClock } from '@hydra/runtime'
import { eventually, startServers, type AppendFsync, type ServerSet } from '@hydra/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { createMysqlDatabase } from './database/mysql-database.ts'
import { openDatabase } from './database/open-database.ts'
import { migrate } from './migrations/migrate.ts'
import { createRoles } from './repositories/sql-roles.ts'
import { createRoleOwnership } from './role-ownership/create-role-ownership.ts'
import { createRoleQueue } from './role-queue/create-role-queue.ts'
import { recoverRoles } from './role-queue/recover-roles.ts'
import { roleQueueConfigSchema } from './role-queue/role-queue-config.ts'
import type { RoleSnapshot } from './role-snapshot.ts'
import { createRedisStores } from './stores/create-redis-stores.ts'
import { testRedisLink } from './test-support/test-stores.ts'

// The table of docs/operations.md, as far as the death of a process can show it.

const rolesCount = 500
let close: () => Promise<void> = () => Promise.resolve()
afterEach(() => close())

/** Roles on servers of their own, all taken by one game server, none of them saved before it is asked to. */
async function openWorld(settings: { readonly durable: boolean; readonly appendFsync?: AppendFsync }) {
  const servers: ServerSet<'redis' | 'mysql'> = await startServers({ which: ['redis', 'mysql'], ...settings })
  const url = new URL(servers.mysql.url)
  url.pathname = '/durability'
  await createMysqlDatabase(url.href)
  const database = openDatabase({ kind: 'mysql', url: url.href }, { clock: systemClock })
  await migrate(database)
  const roles = createRoles(database, { clock: systemClock })
  const link = testRedisLink(servers.redis.url, { commandTimeoutMs: 1_000 })
  await link.ping()
  const journal = createRedisStores(link, 'durability:', { clock: systemClock }).roleJournal
  const deps = { journal, roles, clock: systemClock, log: silentLogger }
  const queue = createRoleQueue({
    ...deps,
    metrics: createMetrics({ service: 'test' }),
    random: Math.random,
    config: roleQueueConfigSchema.parse({ flushIntervalMs: 60_000 }),
  })
  const ownership = createRoleOwnership({ ...deps, owner: 'game-1', isGone: () => false })
  close = async () => {
    await queue.close()
    await Promise.all([database.close(), link.close()])
    await servers.close()
  }

  const created = Array.from({ length: rolesCount }, (_, index): RoleSnapshot => {
    const rid = `r-${String(index).padStart(4, '0')}`
    return { rid, uid: 'u', name: rid, level: 1, epoch: 0, version: 0, schema: 1, data: { n: 0 } }
  })
  await roles.saveAll(created)
  const owned = await Promise.all(created.map((role) => ownership.take(role)))
  const snapshots = owned.flatMap((role) => role?.snapshot ?? [])
  return {
    servers,
    journal,
    roles,
    queue,
    created,
    /** Changes all roles; resolves when all changes are acknowledged. */
    change: (version: number) =>
      Promise.all(snapshots.map((role) => queue.push({ ...role, version, data: { n: version } }))),
    /** Another server finds what the one that owned the roles has left. */
    recover: () => recoverRoles({ ...deps, owner: 'game-2', isGone: (id) => id === 'game-1' }),
    back: () =>
      eventually(() =>
        Promise.all([link.ping(), database.ping()]).then(
          () => true,
          () => undefined,
        ),
      ),
    versions: async () => {
      const found = await Promise.all(created.map(({ rid }) => roles.find(rid)))
      return new Set(found.map((role) => role?.version))
    },
  }
}

describe.each(['always', 'everysec', 'no'] as const)('Redis with appendfsync %s, killed', (appendFsync) => {
  test('has everything that was acknowledged', async () => {
    const world = await openWorld({ durable: true, appendFsync })
    await world.change(1)
    await world.servers.redis.kill()
    await world.servers.redis.restart()
    await world.back()
    const found = await Promise.all(world.created.map(({ rid }) => world.journal.read(rid)))
    expect(new Set(found.map((role) => role?.version))).toEqual(new Set([1]))
  })
})

test('Redis without a file, killed: what was acknowledged is lost with its game server only', async () => {
  const world = await openWorld({ durable: false })
  await world.change(1)
  await world.servers.redis.kill()
  await world.servers.redis.restart()
  await world.back()
  expect(await world.journal.unsaved(9)).toEqual([])
  await world.change(2)
  expect(await world.queue.drain(20_000)).toMatchObject({ left: 0 })
  expect(await world.versions()).toEqual(new Set([2]))
})

test('MariaDB with innodb_flush_log_at_trx_commit 1, killed, has everything that left the journal', async () => {
  const world = await openWorld({ durable: true })
  await world.change(1)
  await world.queue.drain(20_000)
  await world.servers.mysql.kill()
  await world.servers.mysql.restart()
  await world.back()
  expect(await world.versions()).toEqual(new Set([1]))
  expect(await world.journal.unsaved(9)).toEqual([])
})

test('everything killed at once, the game server too: another one saves what the journal has', async () => {
  const world = await openWorld({ durable: true, appendFsync: 'everysec' })
  await world.change(1)
  const { redis, mysql } = world.servers
  await Promise.all([redis.kill(), mysql.kill()])
  await Promise.all([redis.restart(), mysql.restart()])
  await world.back()
  expect(await world.recover()).toMatchObject({ orphaned: rolesCount, saved: rolesCount, freed: rolesCount })
  expect(await world.versions()).toEqual(new Set([1]))
  expect(await world.journal.owners()).toEqual([])
})
