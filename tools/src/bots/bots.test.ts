import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually, uniqueName } from '@hydra/testing'
import { describe, expect, it } from 'vitest'
import { useEmbeddedHydra } from '../e2e/embedded.fixture.ts'
import { runHydra, startHydra } from './run-hydra.fixture.ts'

const embedded = useEmbeddedHydra({
  HYDRA_HTTP_PASSWORD_COST_LOG2: '10',
  HYDRA_HTTP_ATTEMPTS_ADDRESS_BURST: '6',
  HYDRA_HTTP_ATTEMPTS_ADDRESS_PER_MINUTE: '300',
})
const newName = () => `b${uniqueName('x').slice(-7)}n`
const bots = (...args: readonly string[]) => runHydra(['bots', '--http', embedded.hydra.httpUrl, ...args])

interface JsonReport {
  readonly arrived: number
  readonly missing: readonly string[]
  readonly requests: number
  readonly routes: Readonly<Record<string, { readonly count: number; readonly p90Ms: number }>>
  readonly histogram: readonly { readonly count: number }[]
  readonly accounts: {
    readonly routes: Readonly<Record<string, { readonly count: number }>>
    readonly refusals: Readonly<Record<string, number>>
  }
  readonly ok: boolean
  readonly complaints: readonly string[]
}

describe('hydra bots', () => {
  it('plays, shows how it goes, and reports latencies, events and a histogram', async () => {
    const { code, stdout, stderr } = await bots('3', '--seconds', '2', '--script', 'walk', '--seed', '7')
    expect(stderr).toMatch(/playing, 00:02 left \| 3\/3 arrived, 3 in the game/)
    expect(stdout).toMatch(/^3 bots, script walk/m)
    expect(stdout).toContain('again with --seed 7 --name b7n')
    expect(stdout).toMatch(/^game\.scene\.move +\d+/m)
    expect(stdout).toMatch(/^up to +[\d.]+ ms {2}#+/m)
    expect(stdout).toMatch(/^defects {3}0$/m)
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^All 3 bots arrived/)
    expect(code).toBe(0)
  })

  it('finds the accounts of a run again by its name, waits where http limits it, and reports as JSON', async () => {
    const name = newName()
    const args = ['8', '--seconds', '1', '--script', 'idle', '--name', name, '--json'] as const
    const first = JSON.parse((await bots(...args)).stdout) as JsonReport
    expect(first).toMatchObject({ arrived: 8, missing: [], ok: true, complaints: [] })
    expect(first.accounts.routes['http: register']?.count).toBe(8)
    const { code, stdout, stderr } = await bots(...args)
    const again = JSON.parse(stdout) as JsonReport
    expect(again).toMatchObject({ arrived: 8, ok: true })
    // Few guess wrong: once one account was there, the others are tried to be logged in first.
    expect(again.accounts.routes['http: login']?.count).toBe(8)
    expect(again.accounts.refusals['USERNAME_TAKEN']).toBeLessThanOrEqual(4)
    expect(again.accounts.refusals['RATE_LIMITED']).toBeGreaterThan(0)
    expect(stderr).toContain('http limits how often')
    const sum = again.histogram.reduce((total, { count }) => total + count, 0)
    expect([sum, again.routes['game.role.ping']?.count]).toEqual([again.requests, again.requests])
    expect(code).toBe(0)
  })

  it('logs its bots out after a Ctrl-C and reports', async () => {
    const name = newName()
    const command = startHydra([
      'bots',
      '2',
      '--http',
      embedded.hydra.httpUrl,
      '--name',
      name,
      '--script',
      'wander',
    ])
    await eventually(() => command.stderr().includes('2/2 arrived'), { timeoutMs: 20_000 })
    command.process.kill('SIGINT')
    expect(await command.ended).toBe(0)
    expect(command.stdout()).toContain('All 2 bots arrived')
    // Answered logouts mean saved roles.
    const account = await embedded.hydra.storage.accounts.findByUsername(`${name}0`)
    const [role] = await embedded.hydra.storage.roles.listByUid(account?.uid ?? '')
    expect(role?.name).toBe(`${name}0`)
  })

  it('says who did not arrive, and ends with 1, where accounts have another password', async () => {
    const name = newName()
    await bots('1', '--seconds', '1', '--name', name, '--script', 'idle')
    const { code, stdout } = await runHydra(
      [
        'bots',
        '2',
        '--http',
        embedded.hydra.httpUrl,
        '--seconds',
        '1',
        '--name',
        name,
        '--arrive-within',
        '2',
      ],
      { env: { HYDRA_BOTS_PASSWORD: 'quite another one' } },
    )
    expect(stdout).toContain(`1 of 2 bots did not arrive: ${name}0.`)
    expect(stdout).toContain('HYDRA_BOTS_PASSWORD')
    expect(code).toBe(1)
  })
})

describe('hydra bots does not begin', () => {
  it('when it is asked for help', async () => {
    const { code, stdout } = await runHydra(['bots', '--help'])
    expect(stdout).toContain('usage: npx hydra bots <N>')
    expect(stdout).toContain('Exit codes:')
    expect(code).toBe(0)
  })

  it('called in a wrong way', async () => {
    const [unknown, wrong] = await Promise.all([
      runHydra(['bots', '2', '--nothing']),
      runHydra(['bots', '2', '--script', 'fly']),
    ])
    expect(unknown.stderr).toContain('--nothing')
    expect(wrong.stderr).toContain('--script takes one of villager')
    expect([unknown.code, wrong.code]).toEqual([2, 2])
  })

  it('where nothing answers', async () => {
    const { code, stderr } = await runHydra(['bots', '2', '--http', 'http://127.0.0.1:1'])
    expect(stderr).toContain('Nothing answers at http://127.0.0.1:1')
    expect(code).toBe(69)
  })

  it('where http lists no gate', async () => {
    const server = createServer((request, response) => {
      response.end(request.url === '/healthz' ? 'ok' : JSON.stringify({ servers: [] }))
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const { code, stderr } = await runHydra(['bots', '2', '--http', `http://127.0.0.1:${port}`])
    server.close()
    expect(stderr).toContain('lists no gate')
    expect(code).toBe(69)
  })
})
