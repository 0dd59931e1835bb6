import { routes } from '@hydra/protocol'
import { isEmbedded, startServers, testBackends, type ServerSet } from '@hydra/testing'
import { realBackends } from '@hydra/tools'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { broadcast } from './broadcast/broadcast.ts'
import { chat } from './chat/chat.ts'
import { echoServer, gateForward } from './gate-forward/gate-forward.ts'
import { idle } from './idle/idle.ts'
import { requestFrame } from './load/player.ts'
import { measureLoad } from './load/measure-load.ts'
import { asTable, type Report } from './measure/report.ts'
import { withServer } from './measure/with-server.ts'
import { roleQueue } from './role-queue/role-queue.ts'
import { rpc } from './rpc/rpc.ts'
import { scene } from './scene/scene.ts'
import { siege } from './siege/siege.ts'
import { sizing } from './sizing/sizing.ts'
import { tracing } from './tracing/tracing.ts'

const duration = { warmUpMs: 50, measureMs: 300 }
const shape = { connections: 4, inFlight: 2 }

/** Says nothing of speed: only that everything that is to be measured takes place. */
function expectComplete(report: Report, counted: string, rows: number): void {
  expect(report.rows).toHaveLength(rows)
  for (const { name, figures } of report.rows)
    expect([name, (figures[counted] ?? 0) > 0]).toEqual([name, true])
  for (const { name } of report.rows) expect(asTable(report)).toContain(name)
}

test('the bare echo answers the load', async () => {
  const request = (id: number) => requestFrame(routes.game.role.ping, {}, id)
  const figures = await withServer(echoServer, ({ port, pid }) =>
    measureLoad({ port, request }, shape, { echo: pid }, duration),
  )
  expect(figures.requests).toBeGreaterThan(0)
})

test('rpc makes its calls', async () => {
  const { natsUrl } = testBackends()
  const report = await rpc({ natsUrl, inFlight: 4, measureMs: 50 })
  expectComplete(report, 'calls', natsUrl === undefined ? 2 : 4)
})

describe.skipIf(isEmbedded(process.env))('role-queue', () => {
  test('saves what it acknowledges; both yardsticks write their rows', async () => {
    const report = await roleQueue({
      roles: 300,
      fewInFlight: 20,
      changesPerRole: 4,
      measureMs: 600,
      rounds: 1,
    })
    expect(report.rows).toHaveLength(9)
    for (const { name, figures } of report.rows) {
      const done = [figures['acknowledged/s'], figures['rows flushed/s'], figures['p50 ms']].filter(
        (one) => one !== undefined,
      )
      expect([name, done.length > 0 && done.every((one) => one > 0)]).toEqual([name, true])
    }
  })
})

describe.skipIf(isEmbedded(process.env)).each(['resting', 'villagers'] as const)('sizing', (crowd) => {
  test(`weighs what ${crowd} cost each process`, { timeout: 60_000 }, async () => {
    const report = await sizing({ crowd, players: 10, settleMs: 10, measureMs: 300 })
    expectComplete(report, 'MiB', 9)
  })
})

describe.each(isEmbedded(process.env) ? [] : realBackends())('on $name', ({ backends }) => {
  let nats: ServerSet<'nats'>
  beforeAll(async () => {
    nats = await startServers({ which: ['nats'] })
  })
  afterAll(() => nats.close())

  test('broadcast reaches everybody', async () => {
    const report = await broadcast({
      backends: { ...backends, natsUrl: nats.nats.url },
      natsPid: nats.nats.pid ?? 0,
      connections: 6,
      gates: 2,
      duration,
    })
    expectComplete(report, 'messages', 3)
    // The yardstick sends what a gate sends.
    const bytes = report.rows.map(({ figures }) => figures['bytes'] ?? 0)
    expect(Math.abs((bytes[0] ?? 0) - (bytes[2] ?? 0))).toBeLessThan(16)
  })

  test('chat takes, delivers, and is read', async () => {
    const report = await chat({
      backends: { ...backends, natsUrl: nats.nats.url },
      natsPid: nats.nats.pid ?? 0,
      listeners: 6,
      gates: 2,
      chats: 2,
      speakers: [1, 3],
      shape,
      members: 4,
      duration,
    })
    expect(report.rows.map(({ figures }) => Object.values(figures).every((one) => one > 0))).toEqual([
      true,
      true,
      true,
      true,
    ])
  })

  test('players walk in a scene, and views show them where they are', async () => {
    const report = await scene({
      backends: { ...backends, natsUrl: nats.nats.url },
      natsPid: nats.nats.pid ?? 0,
      gates: 2,
      players: [6, 10],
      views: 3,
      plain: { side: 4_000, cellSize: 1_000, playersMax: 50 },
      duration,
      rounds: 1,
    })
    expectComplete(report, 'pushes/client/s', 2)
    for (const { figures } of report.rows) expect(figures).toMatchObject({ wrong: 0, refused: 0 })
  })

  test('idle connections stay and are weighed', async () => {
    const report = await idle({ backends, connections: 20, settleMs: 10 })
    expectComplete(report, 'connections', 2)
  })

  test('a siege is held, the player beside it is served', async () => {
    const names = ['connect flood', 'login storm', 'zip bomb', 'request flood'] as const
    const report = await siege({ backends, names, measureMs: 1_000 })
    expectComplete(report, 'requests', 5)
    expect(report.rows.map(({ figures }) => figures['unanswered'])).toEqual([0, 0, 0, 0, 0])
    for (const { figures } of report.rows.slice(1)) expect(figures['ended']).toBeGreaterThan(0)
  })

  test('requests are answered without tracing and with it', async () => {
    const report = await tracing({
      backends: { ...backends, natsUrl: nats.nats.url },
      natsPid: nats.nats.pid ?? 0,
      shape,
      ratios: { 'all sampled': 1 },
      batchDelayMs: 50,
      duration,
      rounds: 1,
    })
    expectComplete(report, 'requests', 4)
    const sent = report.rows.map(({ figures }) => figures['sent bytes/request'] ?? 0)
    expect([sent[0], sent[2]]).toEqual([0, 0])
    expect(sent[3]).toBeGreaterThan(0)
  })

  test('gate-forward forwards', async () => {
    const report = await gateForward({
      backends: { ...backends, natsUrl: nats.nats.url },
      natsPid: nats.nats.pid ?? 0,
      shapes: [shape],
      duration,
      rounds: 1,
    })
    expectComplete(report, 'requests', 3)
  })
})
