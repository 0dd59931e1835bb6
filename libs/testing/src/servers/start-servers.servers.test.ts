import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serverKinds, type ServerKind } from '../test-env.ts'
import { ask } from './ask.ts'
import { requireBinary } from './find-binary.ts'
import { isPortFree } from './free-ports.ts'
import { startServers, type ServerSet } from './start-servers.ts'
import type { TestServer } from './test-server.ts'

/** What the tests need of each server, in its own protocol and without a client library. */
interface Probe {
  alive(server: TestServer, timeoutMs?: number): Promise<unknown>
  /** Whether the server has data at all. */
  readonly keeps: boolean
  write(server: TestServer, value: string): Promise<unknown>
  read(server: TestServer): Promise<string>
}

// Ample, because the machine may be busy; the tests that expect silence give less.
const patienceMs = 10_000
const silenceMs = 500

const redisCommand = (server: TestServer, command: string, timeoutMs = patienceMs): Promise<string> =>
  ask(
    { host: server.host, port: server.port },
    `${command}\r\n`,
    (answer) => {
      const text = answer.toString()
      return text.endsWith('\r\n') ? text : undefined
    },
    timeoutMs,
  )
const natsPing = (server: TestServer, timeoutMs = patienceMs): Promise<string> =>
  ask(
    { host: server.host, port: server.port },
    'CONNECT {}\r\nPING\r\n',
    (answer) => (answer.includes('PONG\r\n') ? answer.toString() : undefined),
    timeoutMs,
  )
const sql = async (server: TestServer, statement: string, timeoutMs = patienceMs): Promise<string> => {
  const { username, password } = new URL(server.url)
  const login = ['-h', server.host, '-P', String(server.port), '-u', username, `-p${password}`]
  const args = ['--no-defaults', ...login, '-N', '-e', statement]
  const { stdout } = await promisify(execFile)(requireBinary('mariadb'), args, { timeout: timeoutMs })
  return stdout
}
const etcdCall = async (
  server: TestServer,
  path: string,
  body: object,
  timeoutMs = patienceMs,
): Promise<string> => {
  const options = { method: 'POST', body: JSON.stringify(body), signal: AbortSignal.timeout(timeoutMs) }
  return (await fetch(`${server.url}/v3/${path}`, options)).text()
}
const base64 = (text: string): string => Buffer.from(text).toString('base64')

const probes: Record<ServerKind, Probe> = {
  redis: {
    keeps: true,
    alive: (server, timeoutMs) => redisCommand(server, 'PING', timeoutMs),
    write: (server, value) => redisCommand(server, `SET key ${value}`),
    read: (server) => redisCommand(server, 'GET key'),
  },
  nats: {
    keeps: false,
    alive: natsPing,
    write: (server) => natsPing(server),
    read: (server) => natsPing(server),
  },
  etcd: {
    keeps: true,
    alive: (server, timeoutMs) => etcdCall(server, 'kv/range', { key: base64('key') }, timeoutMs),
    write: (server, value) => etcdCall(server, 'kv/put', { key: base64('key'), value: base64(value) }),
    read: async (server) => {
      const answer = await etcdCall(server, 'kv/range', { key: base64('key') })
      return Buffer.from(/"value":"([^"]*)"/.exec(answer)?.[1] ?? '', 'base64').toString()
    },
  },
  mysql: {
    keeps: true,
    alive: (server, timeoutMs) => sql(server, 'SELECT 1', timeoutMs),
    write: (server, value) =>
      sql(
        server,
        `CREATE DATABASE db; CREATE TABLE db.t (v TEXT) ENGINE=InnoDB; INSERT INTO db.t VALUES ('${value}')`,
      ),
    read: (server) => sql(server, 'SELECT v FROM db.t'),
  },
}

describe.each(serverKinds)('%s', (kind) => {
  const probe = probes[kind]
  let servers: ServerSet<ServerKind>
  let server: TestServer

  beforeAll(async () => {
    servers = await startServers({ which: [kind], durable: true })
    server = servers[kind]
  })
  afterAll(() => servers.close())

  test('answers when it is said to have started', async () => {
    await probe.alive(server)
    expect(server.pid).toBeGreaterThan(0)
  })

  test('stops, leaves its port, and starts again on it', async () => {
    await server.stop()
    expect(server.pid).toBeUndefined()
    expect(await isPortFree(server.port)).toBe(true)
    await server.restart()
    await probe.alive(server)
  })

  test('does not answer while paused, keeps its connections, and answers after', async () => {
    const socket = connect(server.port, server.host)
    const ended = new Promise((resolve) => socket.once('close', () => resolve('ended')))
    await server.pause()
    await expect(probe.alive(server, silenceMs)).rejects.toThrow(/no answer|aborted|Command failed/)
    server.resume()
    await probe.alive(server)
    expect(await Promise.race([ended, Promise.resolve('open')])).toBe('open')
    socket.destroy()
  })

  test('stops even while paused', async () => {
    await server.pause()
    await server.stop()
    expect(server.pid).toBeUndefined()
    await expect(server.pause()).rejects.toMatchObject({ code: 'STATE_WRONG' })
    await server.restart()
  })

  test('has what was acknowledged after SIGKILL and restart', async () => {
    await probe.write(server, 'kept')
    const before = server.pid
    await server.kill()
    expect(await isPortFree(server.port)).toBe(true)
    await server.restart()
    expect(server.pid).not.toBe(before)
    expect(await probe.read(server)).toContain(probe.keeps ? 'kept' : '')
  })
})

describe('a set', () => {
  test('starts all kinds at once, fast settings, and leaves nothing', async () => {
    const servers = await startServers({ which: serverKinds })
    await Promise.all(serverKinds.map((kind) => probes[kind].alive(servers[kind])))
    expect(servers.redis.log()).toContain('Ready to accept connections')
    await Promise.all([servers.close(), servers.close()])
    for (const kind of serverKinds) expect(await isPortFree(servers[kind].port)).toBe(true)
    expect(() => servers.redis.log()).toThrow('ENOENT')
  })

  test('servers run with the durability and sizes that were asked for', async () => {
    const servers = await startServers({
      which: ['redis', 'mysql'],
      durable: true,
      appendFsync: 'everysec',
      productionSizes: true,
    })
    expect(await redisCommand(servers.redis, 'CONFIG GET append*')).toMatch(
      /appendfsync\r\n\$\d+\r\neverysec\r\n/,
    )
    const variables =
      'SELECT @@innodb_flush_log_at_trx_commit, @@innodb_log_file_size, @@innodb_buffer_pool_size'
    expect(await sql(servers.mysql, variables)).toBe(`1\t${96 * 2 ** 20}\t${128 * 2 ** 20}\n`)
    await servers.mysql.kill()
    await servers.mysql.restart()
    await probes.mysql.alive(servers.mysql)
    await servers.close()
  })

  test('two sets of one process do not meet', async () => {
    const sets = await Promise.all([startServers({ which: ['redis'] }), startServers({ which: ['redis'] })])
    const [first, second] = sets.map(({ redis }) => redis)
    if (first === undefined || second === undefined) throw new Error('two sets were started')
    await redisCommand(first, 'SET key first')
    expect(await redisCommand(second, 'GET key')).toBe('$-1\r\n')
    await Promise.all(sets.map((set) => set.close()))
  })

  test('one that cannot start takes the others down and shows its log', async () => {
    const env = { ...process.env, HYDRA_TEST_MYSQL_TEMPLATE: import.meta.dirname }
    await expect(startServers({ which: ['redis', 'mysql'] }, env)).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringMatching(/^mysql ended while starting\. Its log:\n[^]*ERROR/),
    })
    expect(existsSync(import.meta.dirname)).toBe(true)
  })
})
