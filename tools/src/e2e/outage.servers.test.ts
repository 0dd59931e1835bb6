import type { GameClient } from '@hydra/client'
import { HydraError, pushes, routes } from '@hydra/protocol'
import { eventually, startServers, type ServerSet } from '@hydra/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newPlayer } from './new-player.ts'
import { createRealCluster, realBackends, type RealCluster } from './real-cluster.ts'

const requestTimeoutMs = 1_500
const leaseTtlSeconds = 1
const tickMs = 20
/**
 * A player waits when so many of its requests are unanswered: a rename has two commits of the database, one after the other
 * for a role, and all that are open have to fit into the timeout on a machine whose disk is busy.
 */
const openMax = 10
/** What a busy machine may add to a deadline. */
const slackMs = 1_500

describe.each(realBackends())('backends that go away under load on $name', ({ backends }) => {
  let servers: ServerSet<'nats' | 'etcd'>
  let cluster: RealCluster
  let loads: Load[]

  beforeAll(async () => {
    servers = await startServers({ which: ['nats', 'etcd'] })
    const own = { ...backends, natsUrl: servers.nats.url, etcdUrl: servers.etcd.url }
    cluster = await createRealCluster(own, {
      HYDRA_GATE_GATE_REQUEST_TIMEOUT_MS: String(requestTimeoutMs),
      HYDRA_CLUSTER_LEASE_TTL_SECONDS: String(leaseTtlSeconds),
      // Two requests each tick and player are more than a person sends.
      HYDRA_LIMITS_RATE_PER_SECOND: '1000',
      HYDRA_LIMITS_RATE_BURST: '1000',
      HYDRA_LIMITS_ROUTE_RATES: 'chat.channel.send=1000/1000',
      HYDRA_CHAT_RATES_WORLD_BURST: '100000',
      HYDRA_CHAT_RATES_WORLD_PER_MINUTE: '1000000',
    })
    await Promise.all((['game', 'gate', 'chat', 'http'] as const).map((service) => cluster.start(service)))
    loads = await Promise.all([0, 1].map(() => Load.begin(cluster.httpUrl)))
  }, 60_000)
  afterAll(async () => {
    for (const load of loads) await load.end()
    await cluster.remove()
    await servers.close()
  }, 30_000)

  /** The ids of all servers that etcd itself knows. */
  async function registered(): Promise<string[]> {
    const range = { key: btoa('hydra'), range_end: btoa('hydrb'), keys_only: true }
    const response = await fetch(`${servers.etcd.url}/v3/kv/range`, {
      method: 'POST',
      body: JSON.stringify(range),
      signal: AbortSignal.timeout(1_000),
    })
    const { kvs = [] } = (await response.json()) as { kvs?: { key: string }[] }
    return kvs.map(({ key }) => atob(key)).sort()
  }

  const each = (run: (load: Load) => Promise<void>) => Promise.all(loads.map(run))

  it(
    'etcd, for longer than the leases: nobody notices, and everybody is registered again',
    { timeout: 60_000 },
    async () => {
      await each((load) => load.successes(20))
      const before = await registered()
      expect(before.length).toBeGreaterThanOrEqual(4)
      const failures = loads.map((load) => load.failures.length)
      await servers.etcd.kill()
      // A player sends two requests each tick: this takes three leases at least.
      await each((load) => load.successes((3 * leaseTtlSeconds * 1_000 * 2) / tickMs))
      await servers.etcd.restart()
      await eventually(async () => expect(await registered()).toEqual(before), { timeoutMs: 15_000 })
      await each((load) => load.successes(100))
      expect(loads.flatMap((load, index) => load.failures.slice(failures[index])).map(String)).toEqual([])
    },
  )

  it(
    'NATS, killed and frozen: requests fail in time and succeed again, over the same connections',
    { timeout: 60_000 },
    async () => {
      await servers.nats.kill()
      await each((load) => load.failuresMore(10))
      await servers.nats.restart()
      await each((load) => load.successes(100))

      await servers.nats.pause()
      await each((load) => load.failuresMore(10))
      servers.nats.resume()
      await each((load) => load.successes(100))
    },
  )

  it('both at once, and back in either order', { timeout: 60_000 }, async () => {
    for (const order of [
      ['nats', 'etcd'],
      ['etcd', 'nats'],
    ] as const) {
      await Promise.all([servers.nats.kill(), servers.etcd.kill()])
      await each((load) => load.failuresMore(10))
      for (const kind of order) await servers[kind].restart()
      await each((load) => load.successes(100))
    }
  })

  it(
    'all the time nothing came out of order and nothing waited past its deadline',
    { timeout: 30_000 },
    async () => {
      for (const load of loads) {
        await load.settled()
        expect(load.client.closed).toBeUndefined()
        expect(load.longestMs).toBeLessThan(requestTimeoutMs + slackMs)
        for (const { retryable, code } of load.failures) expect([code, retryable]).toEqual([code, true])
        // The role's mailbox took the renames in the order sent, and the answers came in that order.
        expect(load.versions).toSatisfy(increasing)
        // What the world heard of this player, and the answers that it got, each once and in order.
        expect(load.heard).toSatisfy(increasing)
        expect(load.seqs).toSatisfy(increasing)
      }
    },
  )
})

const increasing = (numbers: readonly number[]) =>
  numbers.length > 50 && numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0))

/** A player that sends a rename to its role and a message to the world each tick, whatever becomes of them. */
class Load {
  readonly client: GameClient
  /** Of the role, as the answers brought them. */
  readonly versions: number[] = []
  /** Of the own messages, as the answers brought them. */
  readonly seqs: number[] = []
  /** Numbers of the own messages, as the channel brought them. */
  readonly heard: number[] = []
  readonly failures: HydraError[] = []
  longestMs = 0
  #succeeded = 0
  #sent = 0
  #open = 0
  readonly #timer: NodeJS.Timeout

  private constructor(client: GameClient, rid: string, name: string) {
    this.client = client
    client.on(pushes.chat.channel.message, ({ from, text }) => {
      if (from.rid === rid) this.heard.push(Number(text))
    })
    this.#timer = setInterval(() => {
      if (this.#open >= openMax) return
      const number = this.#sent++
      const { game, chat } = routes
      const renamed = client.request(game.role.rename, { name: `${name}${number.toString(36)}` })
      void this.#note(renamed, ({ role }) => void this.versions.push(role.version))
      const said = client.request(chat.channel.send, { channel: 'world', text: String(number) })
      void this.#note(said, ({ seq }) => void this.seqs.push(seq))
    }, tickMs)
  }

  static async begin(httpUrl: string): Promise<Load> {
    const { client, rid, name } = await newPlayer(httpUrl)
    return new Load(client, rid, name)
  }

  /** So many more requests have succeeded. */
  async successes(count: number): Promise<void> {
    const goal = this.#succeeded + count
    await eventually(() => this.#succeeded >= goal, { timeoutMs: 20_000 })
  }

  /** So many more requests have failed. */
  async failuresMore(count: number): Promise<void> {
    const goal = this.failures.length + count
    await eventually(() => this.failures.length >= goal, { timeoutMs: 20_000 })
  }

  /** Sends nothing more; resolves when everything sent has its answer. */
  async settled(): Promise<void> {
    clearInterval(this.#timer)
    await eventually(() => this.#open === 0, { timeoutMs: 10_000 })
  }

  async end(): Promise<void> {
    clearInterval(this.#timer)
    await this.client.close()
  }

  async #note<T>(answer: Promise<T>, onSuccess: (value: T) => void): Promise<void> {
    const sentAtMs = performance.now()
    this.#open++
    try {
      onSuccess(await answer)
      this.#succeeded++
    } catch (error) {
      this.failures.push(HydraError.from(error))
    } finally {
      this.#open--
      this.longestMs = Math.max(this.longestMs, performance.now() - sentAtMs)
    }
  }
}
