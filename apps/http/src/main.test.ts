import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { freePorts } from '@hydra/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hydra-http-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Line = Readonly<Record<string, unknown>>
const running: { kill(signal: 'SIGKILL'): unknown }[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

/** The program as its own process, on embedded backends unless told otherwise. */
function run(env: Readonly<Record<string, string>> = {}, args: readonly string[] = []) {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=source', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HYDRA_CLUSTER_DRIVER: 'memory',
      HYDRA_STORAGE_DATABASE: 'sqlite',
      HYDRA_STORAGE_SQLITE_FILE: join(folder, 'hydra.db'),
      HYDRA_HTTP_HTTP_HOST: '127.0.0.1',
      HYDRA_HTTP_HTTP_PORT: '0',
      HYDRA_OPS_PORT: '0',
      ...env,
    },
  })
  running.push(child)
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const lines: Line[] = []
  const waiting = new Set<(line: Line) => void>()
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Line
    lines.push(line)
    for (const look of waiting) look(line)
  })
  /** The first log line with this message, from the past or the future. */
  const logged = (msg: string): Promise<Line> =>
    new Promise((resolve, reject) => {
      const look = (line: Line) => {
        if (line['msg'] === msg) resolve(line)
      }
      waiting.add(look)
      for (const line of lines) look(line)
      void exited.then((code) => reject(new Error(`ended with ${code} before "${msg}": ${errors}`)))
    })
  const urlOf = async (msg: string): Promise<string> =>
    `http://127.0.0.1:${String((await logged(msg))['port'])}`
  const base = () => urlOf('listening')
  const ops = () => urlOf('operations endpoint is up')
  return { child, exited, logged, base, ops, lines, errors: () => errors }
}

// Each test starts processes that compile themselves, on a machine that may be busy.
describe('the http program', { timeout: 60_000 }, () => {
  test('starts, keeps accounts over a restart, and exits 0 on SIGTERM', async () => {
    for (const path of ['/account/register', '/account/login']) {
      const { child, exited, logged, base } = run({ HYDRA_PASSWORD_COST_LOG2: '10' })
      await logged('a secret has its public development value; production mode refuses it')
      expect(await logged('ready')).toMatchObject({
        level: 'info',
        service: 'http',
        addresses: { port: expect.any(Number) },
      })
      const response = await fetch((await base()) + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'ann', password: 'correct horse' }),
      })
      expect([path, response.status]).toEqual([path, 200])
      child.kill('SIGTERM')
      expect(await exited).toBe(0)
    }
  })

  test('exits 78 with one line that names file, key and variable, here for a secret in production', async () => {
    const { exited, errors, lines } = run({ HYDRA_MODE: 'production' })
    expect(await exited).toBe(78)
    expect(errors()).toMatch(
      /^hydra http: .*httpserver\.toml: "token\.secrets" is wrong: .*HYDRA_HTTP_TOKEN_SECRETS or HYDRA_TOKEN_SECRETS\n$/,
    )
    expect(lines).toEqual([])
  })

  test('names backends that are down, waits for them, and still stops at once', async () => {
    const [mysqlPort, natsPort, etcdPort] = await freePorts(3)
    const { child, exited, logged, base, ops } = run({
      HYDRA_STORAGE_DATABASE: 'mysql',
      HYDRA_STORAGE_MYSQL_URL: `mysql://hydra:hydra@127.0.0.1:${mysqlPort}/hydra`,
      HYDRA_CLUSTER_DRIVER: 'nats-etcd',
      HYDRA_CLUSTER_NATS_SERVERS: `127.0.0.1:${natsPort}`,
      HYDRA_CLUSTER_ETCD_HOSTS: `http://127.0.0.1:${etcdPort}`,
    })
    await logged('backend is not available; trying again')
    await logged('a backend cannot be reached, trying again')
    const ready = await fetch(`${await ops()}/readyz`)
    expect([ready.status, await ready.json()]).toMatchObject([
      503,
      {
        status: 'starting',
        checks: {
          mysql: expect.stringContaining(String(mysqlPort)),
          nats: expect.stringContaining(String(natsPort)),
          etcd: expect.stringContaining(String(etcdPort)),
        },
      },
    ])
    const url = await base()
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    const publicly = await fetch(`${url}/readyz`)
    expect([publicly.status, await publicly.json()]).toEqual([503, { status: 'starting' }])
    child.kill('SIGTERM')
    expect(await exited).toBe(0)
  })
})
