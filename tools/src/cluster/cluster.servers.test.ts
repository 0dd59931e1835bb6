import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dropMysqlDatabase } from '@hydra/persistence'
import { routes } from '@hydra/protocol'
import { dirVariable, eventually, isPortFree, isProcessAlive, testBackends } from '@hydra/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { lowerCluster } from '../down/lower-cluster.ts'
import { newPlayer } from '../e2e/new-player.ts'
import { restartCluster } from '../restart/restart-cluster.ts'
import { complaintsOf } from '../status/judge.ts'
import { lookAtCluster } from '../status/look.ts'
import { runProcess, type ProcessResult } from '../test/run-process.ts'
import { raiseCluster } from '../up/raise-cluster.ts'
import { clusterFolder } from './cluster-folder.ts'
import { readClusterState, type ClusterState } from './cluster-state.ts'
import { readServiceSettings } from './service-settings.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const launcher = join(root, 'tools', 'bin', 'hydra.mjs')
const newFolder = (): string => mkdtempSync(join(process.env[dirVariable] ?? tmpdir(), 'cluster-'))
const ignore = (): void => undefined

/** Runs the command as a person does. */
const hydra = (...args: readonly string[]): Promise<ProcessResult> =>
  runProcess({
    command: process.execPath,
    args: [launcher, ...args],
    env: process.env,
    output: 'capture',
    signal: new AbortController().signal,
  })
const up = (dir: string, options: Readonly<Record<string, string>>, env = process.env): Promise<number> =>
  raiseCluster({ options: { dir, ...options }, env, root, print: ignore })
const stateOf = async (dir: string): Promise<ClusterState> => {
  const state = await readClusterState(dir)
  if (state === undefined) throw new Error('There is no state.')
  return state
}
const complaints = async (dir: string): Promise<readonly string[]> => {
  const seen = await lookAtCluster(dir, root, process.env)
  if (seen === undefined) throw new Error('There is no cluster.')
  return complaintsOf(seen, Date.now())
}
const find = ({ services }: ClusterState, name: string) => {
  const service = services.find((each) => each.name === name && each.stage !== 'exited')
  if (service === undefined) throw new Error(`There is no ${name}.`)
  return service
}
const isRunningHttp = ({ service, stage }: ClusterState['services'][number]): boolean =>
  service === 'http' && stage !== 'exited'
const pidsOf = ({ supervisor, guard, services, backends }: ClusterState): readonly number[] =>
  [supervisor, ...(guard === undefined ? [] : [guard]), ...services, ...backends].map(({ pid }) => pid)
const portsOf = ({ services, backends }: ClusterState): readonly number[] =>
  [...services, ...backends].flatMap(({ ports }) => ports)
const expectNothingLeft = async (state: ClusterState): Promise<void> => {
  expect(pidsOf(state).filter(isProcessAlive)).toEqual([])
  for (const port of portsOf(state)) expect([port, await isPortFree(port)]).toEqual([port, true])
}

describe('a local cluster', { timeout: 120_000 }, () => {
  const dir = newFolder()
  let player: Awaited<ReturnType<typeof newPlayer>>
  afterAll(async () => {
    await lowerCluster({ dir, removeData: true, print: ignore })
    rmSync(dir, { recursive: true, force: true })
  })

  test('comes up with as many as were asked for, and says so', async () => {
    const { exitCode, output } = await hydra('up', '--dir', dir, '--gate', '2', '--game', '2', '--chat', '2')
    expect(output).toContain('Hydra: 2 gates, 1 http, 2 games, 2 chats, on MariaDB, Redis, NATS, etcd')
    expect(exitCode).toBe(0)
    const state = await stateOf(dir)
    expect(output).toContain(state.httpUrl)
    expect(state.gateUrls).toHaveLength(2)
    expect(state.services.map(({ name }) => name).toSorted()).toEqual([
      'chat-1',
      'chat-2',
      'game-1',
      'game-2',
      'gate-1',
      'gate-2',
      'http-1',
    ])
    await eventually(async () => (await complaints(dir)).length === 0)
  })

  test('has an operations port for each, those of the configuration for nobody else', async () => {
    const { services } = await stateOf(dir)
    const { ports } = readServiceSettings(root, process.env)
    const configured = new Map(Object.entries(ports.ops).map(([service, port]) => [port, `${service}-1`]))
    const opsPorts = services.map(({ name, opsUrl }) => ({ name, port: Number(new URL(opsUrl).port) }))
    expect(new Set(opsPorts.map(({ port }) => port)).size).toBe(services.length)
    const misplaced = opsPorts.filter(({ name, port }) => (configured.get(port) ?? name) !== name)
    expect(misplaced).toEqual([])
  })

  test('is played on', async () => {
    const { httpUrl = '' } = await stateOf(dir)
    player = await newPlayer(httpUrl)
    const { role } = await player.client.request(routes.game.role.get, {})
    expect(role.rid).toBe(player.rid)
  })

  test('tells of a process that was killed, at once', async () => {
    const { pid } = find(await stateOf(dir), 'chat-2')
    process.kill(pid, 'SIGKILL')
    const { exitCode, output } = await hydra('status', '--dir', dir)
    expect(output).toMatch(/chat-2 +\d+ +exited/)
    expect(output).toMatch(/^! chat-2 was ended by SIGKILL/m)
    expect(exitCode).toBe(1)
  })

  test('tells of a server that was killed', async () => {
    const { backends } = await stateOf(dir)
    const redis = backends.find(({ name }) => name === 'redis')
    process.kill(redis?.pid ?? 0, 'SIGKILL')
    expect(await complaints(dir)).toContainEqual(expect.stringMatching(/^Redis /))
  })

  test('is mended by the same command, which leaves alone what runs', async () => {
    const before = await stateOf(dir)
    process.kill(find(before, 'http-1').pid, 'SIGKILL')
    await eventually(async () => !(await stateOf(dir)).services.some(isRunningHttp))
    expect(await up(dir, {})).toBe(0)
    const after = await stateOf(dir)
    expect(after.redisUrl).toBe(before.redisUrl)
    // Where clients know it.
    expect(after.httpUrl).toBe(before.httpUrl)
    expect(find(after, 'chat-2').pid).not.toBe(before.services.find(({ name }) => name === 'chat-2')?.pid)
    expect(find(after, 'game-1').pid).toBe(find(before, 'game-1').pid)
    // The record of the killed one stays until its lease has ended.
    await eventually(async () => (await complaints(dir)).length === 0, { timeoutMs: 20_000 })
  })

  test('restarts with what was built, the new one before the old one is gone', async () => {
    const before = await stateOf(dir)
    const said: string[] = []
    const print = (text: string): void => void said.push(text)
    const options = {
      dir,
      words: ['http', 'game-1'],
      build: false,
      env: process.env,
      root,
      settleMs: 1,
      print,
    }
    expect(await restartCluster(options)).toBe(0)
    expect(said.map((text) => text.trim().split(/ +/).slice(0, 2).join(' '))).toEqual([
      'game-1 restarted',
      ...(said.length === 4 ? ['0.001 s'] : []),
      'http-1 restarted',
      'game-1, http-1:',
    ])
    const after = await stateOf(dir)
    expect(find(after, 'game-1').pid).not.toBe(find(before, 'game-1').pid)
    expect(find(after, 'game-2').pid).toBe(find(before, 'game-2').pid)
    expect(after.httpUrl).toBe(before.httpUrl)
    expect((await fetch(`${after.httpUrl}/readyz`)).status).toBe(200)
    // Whichever server had the role: it is played on.
    const { role } = await eventually(() => player.client.request(routes.game.role.get, {}))
    expect(role.rid).toBe(player.rid)
  })

  test('drains what is surplus, and forgets what has ended of it', async () => {
    process.kill(find(await stateOf(dir), 'gate-2').pid, 'SIGKILL')
    expect(await up(dir, { game: '1', gate: '1' })).toBe(0)
    const { services, wanted } = await stateOf(dir)
    expect(services.map(({ name }) => name).toSorted()).toEqual([
      'chat-1',
      'chat-2',
      'game-1',
      'gate-1',
      'http-1',
    ])
    expect(wanted).toEqual({ gate: 1, http: 1, game: 1, chat: 2 })
    await eventually(async () => (await complaints(dir)).length === 0, { timeoutMs: 20_000 })
  })

  test('has logs for people', async () => {
    const { exitCode, output } = await hydra('logs', 'game', '--dir', dir, '--lines', '500')
    expect(output).toMatch(/^game-1 \[.*\] INFO: ready/m)
    expect(output).toMatch(/^game-2 \[.*\] INFO: stopped/m)
    expect(exitCode).toBe(0)
  })

  test('goes down in good order and leaves no process and no port, but its data', async () => {
    await player.client.close()
    const state = await stateOf(dir)
    const { exitCode, output } = await hydra('down', '--dir', dir)
    expect(output).toMatch(/game-1 +drained and stopped[^]*chat-1 +drained and stopped[^]*none is left/)
    expect(exitCode).toBe(0)
    await expectNothingLeft(state)
    expect(await readClusterState(dir)).toBeUndefined()
    expect(readFileSync(join(clusterFolder(dir).dataDir, 'mysql', 'server.json'), 'utf8')).toContain('ports')
    expect((await hydra('status', '--dir', dir)).exitCode).toBe(69)
    expect(await lowerCluster({ dir, removeData: false, print: ignore })).toBe(0)
  })
})

describe('a cluster on servers that run elsewhere', { timeout: 120_000 }, () => {
  const backends = testBackends()
  const given = {
    'mysql-url': backends.mysqlUrl ?? '',
    'redis-url': backends.redisUrl ?? '',
    'nats-url': backends.natsUrl ?? '',
    'etcd-url': backends.etcdUrl ?? '',
  }
  let dir = ''
  beforeAll(() => expect(Object.values(given)).not.toContain(''))
  beforeEach(() => {
    dir = newFolder()
  })
  afterEach(async () => {
    await lowerCluster({ dir, removeData: true, print: ignore })
    const url = new URL(given['mysql-url'])
    url.pathname = `/hydra_${clusterFolder(dir).mark}`
    await dropMysqlDatabase(url.href)
    rmSync(dir, { recursive: true, force: true })
  })

  test('leaves nothing when its supervisor is killed', async () => {
    await up(dir, { ...given, chat: '0' })
    const state = await stateOf(dir)
    expect(state.backends).toEqual([])
    process.kill(state.supervisor.pid, 'SIGKILL')
    expect(await complaints(dir)).toContainEqual(expect.stringContaining('was killed'))
    await eventually(() => pidsOf(state).every((pid) => !isProcessAlive(pid)), { timeoutMs: 20_000 })
    await expectNothingLeft(state)
    expect(await readClusterState(dir)).toBeUndefined()
    const log = readFileSync(clusterFolder(dir).logFile('game-1'), 'utf8')
    expect(log).toMatch(/the parent process is gone[^]*"code":0,"msg":"stopped"/)
  })

  test('that does not come up names the service, and nothing stays', async () => {
    const said: string[] = []
    const options = { dir, ...given, chat: '0', http: '0' }
    const env = { ...process.env, HYDRA_GAME_TABLES_DIRECTORY: '/nowhere' }
    const print = (text: string): void => void said.push(text)
    await expect(raiseCluster({ options, env, root, print })).rejects.toMatchObject({
      message: 'game-1 ended with exit code 78 before it was ready: its configuration is wrong.',
      exitCode: 1,
    })
    expect(said.join('\n')).toMatch(/The end of .*game-1\.log:\n[^]*nowhere/)
    await eventually(async () => (await readClusterState(dir)) === undefined)
  })
})
