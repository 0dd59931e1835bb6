import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { dirVariable, serverKinds, type ServerKind } from '../test-env.ts'
import { ask } from './ask.ts'
import { isPortFree } from './free-ports.ts'
import { startKeptServer } from './start-kept-server.ts'
import type { ServerExit, TestServer } from './test-server.ts'

let dir = ''
let running: TestServer[] = []
let exits: ServerExit[] = []
let notes: string[] = []
beforeEach(() => {
  dir = mkdtempSync(join(process.env[dirVariable] ?? tmpdir(), 'kept-'))
  running = []
  exits = []
  notes = []
})
afterEach(async () => {
  await Promise.all(running.map((server) => server.kill()))
  rmSync(dir, { recursive: true, force: true })
})

const start = async (kind: ServerKind): Promise<TestServer> => {
  const logFile = join(dir, 'logs', `${kind}.log`)
  const onExit = (exit: ServerExit): void => void exits.push(exit)
  const server = await startKeptServer({
    kind,
    dir: join(dir, 'data'),
    logFile,
    onExit,
    onNote: (text) => void notes.push(text),
  })
  running.push(server)
  return server
}

const redis = ({ host, port }: TestServer, command: string): Promise<string> =>
  ask(
    { host, port },
    `${command}\r\n`,
    (answer) => (answer.toString().endsWith('\r\n') ? answer.toString() : undefined),
    10_000,
  )

describe('a kept server', () => {
  test.each(serverKinds)('%s starts again on its data and ports', async (kind) => {
    const first = await start(kind)
    const { pid } = first
    await first.stop()
    expect(exits).toEqual([expect.objectContaining({ pid })])
    for (const port of first.ports) expect(await isPortFree(port)).toBe(true)
    const second = await start(kind)
    expect(second.ports).toEqual(first.ports)
    expect(second.url).toBe(first.url)
    expect(second.pid).not.toBe(pid)
  })

  test('has what was written after it was killed', async () => {
    const first = await start('redis')
    await redis(first, 'SET key kept')
    await first.kill()
    expect(exits).toEqual([{ pid: expect.any(Number), code: null, signal: 'SIGKILL' }])
    const second = await start('redis')
    expect(await redis(second, 'GET key')).toContain('kept')
  })

  test('takes other ports when somebody has its own', async () => {
    const first = await start('redis')
    await redis(first, 'SET key kept')
    await first.stop()
    const other = createServer().listen({ host: '127.0.0.1', port: first.port, exclusive: true })
    await once(other, 'listening')
    const second = await start('redis')
    expect(second.port).not.toBe(first.port)
    expect(await redis(second, 'GET key')).toContain('kept')
    other.close()
  })

  test('begins anew where a first start was cut short', async () => {
    mkdirSync(join(dir, 'data', 'mysql.new', 'data'), { recursive: true })
    writeFileSync(join(dir, 'data', 'mysql.new', 'data', 'half'), 'made')
    mkdirSync(join(dir, 'data', 'mysql'))
    const { pid } = await start('mysql')
    expect(pid).toBeGreaterThan(0)
    expect(readdirSync(join(dir, 'data'))).toEqual(['mysql'])
    expect(notes).toEqual([])
  })

  test.each([
    ['empty', (file: string) => writeFileSync(file, '')],
    ['of another form', (file: string) => writeFileSync(file, '{"ports":["6379"]}')],
    ['missing', (file: string) => rmSync(file)],
  ])('goes on with its data where the note of its ports is %s, and says so', async (_, damage) => {
    const first = await start('redis')
    await redis(first, 'SET key kept')
    await first.stop()
    const marker = join(dir, 'data', 'redis', 'server.json')
    damage(marker)
    const second = await start('redis')
    expect(await redis(second, 'GET key')).toContain('kept')
    expect(notes).toEqual([expect.stringContaining(`${marker} cannot be read`)])
    expect(JSON.parse(readFileSync(marker, 'utf8'))).toEqual({ ports: second.ports })
  })

  test('may be in a folder whose path is too long for a socket', async () => {
    dir = join(dir, 'a-folder-with-a-name-that-is-long-'.repeat(4))
    const server = await start('mysql')
    await server.stop()
    expect(await isPortFree(server.port)).toBe(true)
    dir = join(dir, '..')
  })
})
