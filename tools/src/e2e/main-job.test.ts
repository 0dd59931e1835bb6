import { services } from '@hydra/protocol'
import { systemClock } from '@hydra/runtime'
import { uniqueName } from '@hydra/testing'
import { Etcd3 } from 'etcd3'
import { Redis } from 'ioredis'
import mysql from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { playMainJob } from '../demo/story.ts'
import { watchRoles } from '../demo/watch-roles.ts'
import { useEmbeddedHydra } from './embedded.fixture.ts'
import { createRealCluster, realBackends, watchCluster, type RealCluster } from './real-cluster.ts'

const suffix = () => uniqueName('x').slice(-6)

describe('the main job in one process on embedded drivers', () => {
  const embedded = useEmbeddedHydra({ HYDRA_GAME_ROLE_GRACE_MS: '200' })

  it('plays, saves and finds everything again', async () => {
    const watch = await watchRoles(embedded.hydra, systemClock, embedded.hydra.env)
    const steps: string[] = []
    const outcome = await playMainJob({
      httpUrl: embedded.hydra.httpUrl,
      suffix: suffix(),
      say: (step) => steps.push(step),
      roleSaved: watch.roleSaved,
    })
    await watch.stop()
    expect(steps).toContain('come back')
    expect((await embedded.hydra.storage.roles.find(outcome.rid))?.name).toBe(outcome.roleName)
    expect(await embedded.hydra.storage.stores.sessions.get(outcome.uid)).toBeUndefined()
    expect(await embedded.hydra.storage.stores.presence.get(outcome.rid)).toBeUndefined()
    expect(await embedded.hydra.storage.stores.roleJournal.unsaved(10)).toEqual([])
  })
})

describe.each(realBackends())('the main job as four processes on $name', ({ backends }) => {
  let cluster: RealCluster

  beforeAll(async () => {
    cluster = await createRealCluster(backends, { HYDRA_ROLE_GRACE_MS: '300' })
  }, 60_000)
  afterAll(() => cluster.remove(), 30_000)

  it('plays, saves, cleans up, and every process stops in time', { timeout: 60_000 }, async () => {
    const processes = await Promise.all(services.map((service) => cluster.start(service)))

    const watch = await watchCluster(cluster, backends)
    const outcome = await playMainJob({
      httpUrl: cluster.httpUrl,
      suffix: suffix(),
      say: () => {},
      roleSaved: watch.roleSaved,
    })
    await watch.stop()

    expect(await roleRow(cluster.mysqlUrl, outcome.rid)).toMatchObject({
      uid: outcome.uid,
      name: outcome.roleName,
    })
    expect(await keysOfPlayers(backends.redisUrl, cluster.keyPrefix)).toEqual([])
    expect(await registered(backends.etcdUrl, cluster.env)).toHaveLength(services.length)

    const ends = await Promise.all(processes.map((each) => each.end('SIGTERM')))
    for (const { code, tookMs } of ends) {
      expect(code).toBe(0)
      expect(tookMs).toBeLessThan(5_000)
    }
    expect(await registered(backends.etcdUrl, cluster.env)).toEqual([])
  })
})

// Checked with plain clients of the backends, not with the code that is under test.

async function roleRow(mysqlUrl: string, rid: string): Promise<unknown> {
  const connection = await mysql.createConnection(mysqlUrl)
  try {
    const [rows] = await connection.query(
      'select rid, uid, name, level, epoch, version from roles where rid = ?',
      [rid],
    )
    return Array.isArray(rows) ? rows[0] : undefined
  } finally {
    await connection.end()
  }
}

async function keysOfPlayers(redisUrl: string, prefix: string): Promise<string[]> {
  const redis = new Redis(redisUrl)
  try {
    const keys = await redis.keys(`${prefix}*`)
    return keys.filter((key) => /:(?:session|role|presence):|roles-unsaved$/.test(key))
  } finally {
    redis.disconnect()
  }
}

async function registered(etcdUrl: string, env: string): Promise<string[]> {
  const etcd = new Etcd3({ hosts: etcdUrl })
  try {
    return await etcd.getAll().prefix(`hydra/${env}/servers/`).keys()
  } finally {
    etcd.close()
  }
}
