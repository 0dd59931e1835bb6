import { createLogger, createMetrics, systemClock } from '@hydra/runtime'
import { eventually, freePorts, startNatsCluster, type NatsCluster, type TestServer } from '@hydra/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Bus } from './bus.ts'
import { connectNatsBus } from './nats-bus.ts'

let cluster: NatsCluster
const opened: Bus[] = []

beforeEach(async () => {
  cluster = await startNatsCluster(2)
})
afterEach(async () => {
  for (const bus of opened.splice(0)) await bus.close()
  await cluster.close()
})

interface Client {
  readonly bus: Bus
  readonly lines: string[]
  expose(): Promise<string>
}

async function open(servers: readonly string[]): Promise<Client> {
  const metrics = createMetrics({ service: 'test' })
  const lines: string[] = []
  const bus = await connectNatsBus({
    servers,
    name: 'test',
    clock: systemClock,
    random: Math.random,
    log: createLogger({ level: 'info', write: (line) => lines.push(line) }),
    metrics,
    reconnectWaitMs: 20,
    lameDuckLeaveMs: 50,
  })
  opened.push(bus)
  return { bus, lines, expose: () => metrics.expose() }
}

/** The members, first the one that a client is to be connected to. */
function members(): readonly [TestServer, TestServer] {
  const [first, second] = cluster.members
  if (first === undefined || second === undefined) throw new Error('There are to be two members.')
  return [first, second]
}

/** Numbers that have come, in the order in which they came. */
async function numbersOf(bus: Bus, subject: string): Promise<number[]> {
  const numbers: number[] = []
  await bus.subscribe(subject, (payload) => void numbers.push(payload[0] ?? -1))
  return numbers
}

/** Publishes until one comes through: the members may not yet have told each other who listens. */
async function reaches(from: Bus, numbers: number[], subject: string): Promise<void> {
  await eventually(() => {
    from.publish(subject, Uint8Array.of(255))
    return numbers.includes(255)
  })
}

test('one server that is not there does not matter while another one is', async () => {
  const [first] = members()
  const [nobody = 0] = await freePorts(1)
  const { bus } = await open([`127.0.0.1:${nobody}`, first.url])
  await reaches(bus, await numbersOf(bus, 'alive'), 'alive')
})

test('goes on over another member, known by hearsay, when its own dies', async () => {
  const [first, second] = members()
  const mover = await open([first.url])
  const other = await open([second.url])
  const numbers = await numbersOf(mover.bus, 'to.mover')
  await reaches(other.bus, numbers, 'to.mover')
  await first.kill()
  await eventually(async () => /event="reconnect".*\} 1/.test(await mover.expose()))
  numbers.length = 0
  await reaches(other.bus, numbers, 'to.mover')
})

test('leaves a server that is about to stop while it still runs, and takes along what was published', async () => {
  const [first, second] = members()
  const mover = await open([first.url])
  const other = await open([second.url])
  const toMover = await numbersOf(mover.bus, 'to.mover')
  const toOther = await numbersOf(other.bus, 'to.other')
  await reaches(other.bus, toMover, 'to.mover')
  await reaches(mover.bus, toOther, 'to.other')
  toMover.length = 0
  toOther.length = 0

  const sent: number[] = []
  const left = new Promise<void>((resolve) => {
    mover.bus.onConnectedChange((connected) => {
      if (!connected) resolve()
    })
  })
  // SIGUSR2 puts nats-server into lame duck mode; it works on for 10 s.
  process.kill(first.pid ?? 0, 'SIGUSR2')
  await eventually(async () => {
    if (mover.bus.connected && sent.length < 250) {
      mover.bus.publish('to.other', Uint8Array.of(sent.length))
      sent.push(sent.length)
    }
    return /event="ldm".*\} 1/.test(await mover.expose())
  })
  await left
  await eventually(() => mover.bus.connected)
  expect(mover.lines.some((line) => line.includes('moving to another NATS server'))).toBe(true)
  await reaches(mover.bus, toOther, 'to.other')
  // The servers are two: what went through the first may arrive after what went through the second.
  await eventually(() => toOther.filter((number) => number !== 255).length >= sent.length)
  expect(toOther.filter((number) => number !== 255)).toEqual(sent)
  await reaches(other.bus, toMover, 'to.mover')
  // Told to end in peace it would wait out its 10 s.
  expect(first.pid).toBeDefined()
  await first.kill()
})
