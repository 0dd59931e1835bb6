import { bodyCodec, encodeMessage, encodePacket, packetType, pushes, routes } from '@hydra/protocol'
import { createRealCluster, type Backends } from '@hydra/tools'
import type { Duration } from '../load/measure-load.ts'
import { requestFrame } from '../load/player.ts'
import { openPlayers, portOf, unlimited } from '../load/players.ts'
import { frame } from '../load/web-socket.ts'
import { cpuMicros } from '../measure/cpu-time.ts'
import type { Report, Row } from '../measure/report.ts'
import { withServer } from '../measure/with-server.ts'
import { Audience } from './audience.ts'

/** What to run it on. */
export interface BroadcastOptions {
  readonly backends: Backends
  /** Of the nats-server behind `backends`. */
  readonly natsPid: number
  readonly connections: number
  readonly gates: number
  readonly duration: Duration
}

interface Figures {
  /** CPU microseconds for each message delivered to one connection, by name of the process. */
  readonly cpu: Readonly<Record<string, number>>
  readonly messages: number
  readonly deliveries: number
  readonly seconds: number
  readonly bytes: number
}

const publishServer = new URL('publish-server.ts', import.meta.url)
const text = 'The gates of the northern fortress have fallen.'

/** What the world hears, as a gate writes it: the yardstick sends the same. */
const heard = encodePacket(
  packetType.data,
  encodeMessage({
    kind: 'push',
    route: pushes.chat.channel.message.code,
    body: bodyCodec('msgpack').encode({
      channel: 'world-local-1',
      seq: 1_000,
      from: { rid: '01a20d97-6dfd-7776-843d-507360a6bbba', name: 'player1000' },
      text,
      sentAtMs: 1_795_524_357_685,
    }),
  }),
)

/**
 * What it costs to deliver one message of the world to each connection: all gates, nats-server and chat together,
 * against a bare publish of uWebSockets.js to as many connections. One message after the other, each from a player's
 * request to the last delivery.
 */
export async function broadcast(options: BroadcastOptions): Promise<Report> {
  const { connections, duration } = options
  const bare = () =>
    withServer(publishServer, async ({ port, pid }) => {
      const audience = await Audience.open({ ports: [port] }, connections)
      return measure(audience, frame(heard), { bare: pid }, duration)
    })
  const before = await bare()
  const ours = await throughGates(options)
  const after = await bare()
  const yardstick = (total(before) + total(after)) / 2
  return {
    benchmark: 'broadcast',
    rows: [
      row('bare publish, before', before, yardstick),
      row('bare publish, after', after, yardstick),
      row(`${options.gates} gates + nats + chat`, ours, yardstick),
    ],
  }
}

async function throughGates({
  backends,
  natsPid,
  connections,
  gates,
  duration,
}: BroadcastOptions): Promise<Figures> {
  const cluster = await createRealCluster(backends, {
    ...unlimited,
    // The listeners only listen.
    HYDRA_GATE_GATE_HEARTBEAT_SECONDS: '3600',
  })
  try {
    const chat = await cluster.start('chat')
    await cluster.start('game')
    const pids: Record<string, number> = { nats: natsPid, chat: chat.pid }
    const ports: number[] = []
    for (let index = 1; index <= gates; index++) {
      const gate = await cluster.start('gate', { HYDRA_GATE_GATE_PORT: '0' })
      pids[`gate ${index}`] = gate.pid
      ports.push(portOf(await gate.ready))
    }
    const players = await openPlayers(cluster.mysqlUrl)
    try {
      const audience = await Audience.open({ ports, prepare: players.enter }, connections)
      const say = requestFrame(routes.chat.channel.send, { channel: 'world', text }, 1)
      return await measure(audience, say, pids, duration)
    } finally {
      await players.close()
    }
  } finally {
    await cluster.remove()
  }
}

/** Closes the audience at the end. */
async function measure(
  audience: Audience,
  say: Uint8Array,
  pids: Readonly<Record<string, number>>,
  { warmUpMs, measureMs }: Duration,
): Promise<Figures> {
  const sayFor = async (durationMs: number): Promise<{ messages: number; seconds: number }> => {
    const startMs = performance.now()
    let messages = 0
    while (messages === 0 || performance.now() - startMs < durationMs) {
      await audience.say(say)
      messages++
    }
    return { messages, seconds: (performance.now() - startMs) / 1_000 }
  }
  try {
    await sayFor(warmUpMs)
    const before = Object.entries(pids).map(([name, pid]) => ({ name, pid, micros: cpuMicros(pid) }))
    const { messages, seconds } = await sayFor(measureMs)
    const deliveries = messages * audience.size
    const cpu = before.map(({ name, pid, micros }) => [name, (cpuMicros(pid) - micros) / deliveries])
    return { cpu: Object.fromEntries(cpu), messages, deliveries, seconds, bytes: audience.messageBytes }
  } finally {
    audience.close()
  }
}

const total = ({ cpu }: Figures): number => Object.values(cpu).reduce((sum, micros) => sum + micros, 0)

function row(name: string, figures: Figures, yardstick: number): Row {
  const { cpu, messages, deliveries, seconds, bytes } = figures
  const each = Object.fromEntries(Object.entries(cpu).map(([process, micros]) => [`${process} µs`, micros]))
  return {
    name,
    figures: {
      'µs/delivery': total(figures),
      ratio: total(figures) / yardstick,
      'deliveries/s': deliveries / seconds,
      'ms/message': (seconds * 1_000) / messages,
      ...(Object.keys(each).length > 1 ? each : {}),
      bytes,
      messages,
    },
  }
}
