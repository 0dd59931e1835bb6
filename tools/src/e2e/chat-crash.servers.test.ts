import { createChannelFeed, type ChannelFeed } from '@hydra/client'
import { HydraError, pushes, routes, type ChatMessage } from '@hydra/protocol'
import { eventually } from '@hydra/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newPlayer, type NewPlayer } from './new-player.ts'
import { createRealCluster, realBackends, type RealCluster } from './real-cluster.ts'
import type { ServiceProcess } from './service-process.ts'

const clients = 100
const speakers = 20
const messagesEach = 30

/** One of the clients, with what it was shown of the world. */
interface Listener {
  readonly player: NewPlayer
  readonly feed: ChannelFeed
  readonly shown: ChatMessage[]
  /** Numbers of the messages as they came over the connection, before anything put them in order. */
  readonly heard: number[]
}

describe.each(realBackends())('a chat server killed under load on $name', ({ backends }) => {
  let cluster: RealCluster
  let chats: ServiceProcess[]
  const listeners: Listener[] = []

  beforeAll(async () => {
    cluster = await createRealCluster(backends, {
      HYDRA_CLUSTER_LEASE_TTL_SECONDS: '1',
      HYDRA_CHAT_RATES_WORLD_BURST: '100000',
      HYDRA_CHAT_RATES_WORLD_PER_MINUTE: '1000000',
      HYDRA_GATE_LIMITS_MAX_CONNECTIONS_PER_IP: '1000',
      HYDRA_GATE_LIMITS_RATE_PER_SECOND: '100000',
      HYDRA_GATE_LIMITS_RATE_BURST: '100000',
      HYDRA_GATE_LIMITS_ROUTE_RATES: 'chat.channel.send=100000/100000',
      HYDRA_HTTP_ATTEMPTS_ENABLED: 'false',
      HYDRA_HTTP_PASSWORD_COST_LOG2: '10',
    })
    const [gate, otherGate, ...others] = await Promise.all([
      cluster.start('gate'),
      cluster.start('gate', { HYDRA_GATE_GATE_PORT: '0' }),
      cluster.start('chat'),
      cluster.start('chat'),
      cluster.start('chat'),
      cluster.start('game'),
      cluster.start('http'),
    ])
    chats = others.filter(({ service }) => service === 'chat')
    const gates = await Promise.all([gate, otherGate].map(async ({ ready }) => urlOf(await ready)))
    // Registering costs a password hash each: not all at once.
    for (let index = 0; index < clients; index += 10) {
      await Promise.all(
        Array.from({ length: 10 }, async (_, at) => {
          listeners.push(await arrive(gates[(index + at) % gates.length] ?? ''))
        }),
      )
    }
  }, 120_000)
  afterAll(async () => {
    for (const { feed } of listeners) feed.close()
    await Promise.all(listeners.map(({ player }) => player.client.close()))
    await cluster.remove()
  }, 30_000)

  async function arrive(gateUrl: string): Promise<Listener> {
    const player = await newPlayer(cluster.httpUrl, { gateUrl })
    const [shown, heard]: [ChatMessage[], number[]] = [[], []]
    player.client.on(pushes.chat.channel.message, ({ seq }) => heard.push(seq))
    const feed = createChannelFeed({
      client: player.client,
      channel: 'world',
      onMessages: (messages) => shown.push(...messages),
    })
    return { player, feed, shown, heard }
  }

  /** Says something until it is acknowledged; the messageId makes that one message. Answers its number. */
  async function say({ client }: NewPlayer, text: string, messageId: string): Promise<number> {
    return eventually(
      async () => {
        try {
          const body = { channel: 'world', text, messageId }
          return (await client.request(routes.chat.channel.send, body, { timeoutMs: 3_000 })).seq
        } catch (error) {
          if (error instanceof HydraError && error.retryable) return undefined
          throw error
        }
      },
      { timeoutMs: 30_000, intervalMs: 50 },
    )
  }

  it(
    'loses, repeats and reorders nothing: all clients have been shown the history',
    { timeout: 120_000 },
    async () => {
      const acknowledged = new Map<string, number>()
      let said = 0
      let killed: Promise<unknown> = Promise.resolve()
      /** All of the first three, one after the other: so the one that has the channel is among them. */
      const replaceNextChat = async () => {
        await chats.shift()?.end('SIGKILL')
        await cluster.start('chat')
      }
      const speak = async ({ player }: Listener, speaker: number) => {
        for (let index = 0; index < messagesEach; index++) {
          const text = `${speaker}/${index}`
          acknowledged.set(text, await say(player, text, `m${index}`))
          if (++said % 150 === 0) killed = Promise.all([killed, replaceNextChat()])
        }
      }
      await Promise.all(listeners.slice(0, speakers).map(speak))
      await killed
      expect(acknowledged.size).toBe(speakers * messagesEach)

      const reader = listeners.at(-1)?.player.client
      if (reader === undefined) throw new Error('there are listeners')
      const history: ChatMessage[] = []
      for (let more = true; more;) {
        const afterSeq = history.at(-1)?.seq ?? 0
        const page = await reader.request(routes.chat.channel.history, {
          channel: 'world',
          afterSeq,
          limit: 100,
        })
        history.push(...page.messages)
        more = page.hasMore
      }
      // Each acknowledged message is there once, under the number that was acknowledged; of one speaker in its order.
      const bySeq = new Map(history.map((message) => [message.seq, message]))
      for (const [text, seq] of acknowledged) expect(bySeq.get(seq)?.text).toBe(text)
      expect(history.map(({ seq }) => seq)).toEqual(history.map((_, index) => index + 1))
      expect(new Set(history.map(({ text }) => text)).size).toBe(history.length)
      for (let speaker = 0; speaker < speakers; speaker++) {
        const own = history.filter(({ text }) => text.startsWith(`${speaker}/`)).map(({ text }) => text)
        expect(own).toEqual(own.map((_, index) => `${speaker}/${index}`))
      }

      // What the last push has not told, for example of a message whose server died before it, a look at the end tells.
      for (const { feed } of listeners) feed.resync()
      for (const { shown, heard } of listeners) {
        // A feed that had asked a killed server waits for that request to time out first.
        await eventually(() => shown.length >= history.length, { timeoutMs: 30_000 })
        expect(shown).toEqual(history)
        // Gates send no number twice, and none after a larger one.
        expect(heard).toEqual([...new Set(heard)].toSorted((a, b) => a - b))
      }
    },
  )
})

function urlOf({ gate }: Readonly<Record<string, unknown>>): string {
  if (typeof gate === 'object' && gate !== null && 'port' in gate)
    return `ws://127.0.0.1:${Number(gate.port)}`
  throw new Error('The gate did not say where it listens.')
}
