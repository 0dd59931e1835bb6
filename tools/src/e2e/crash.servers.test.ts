import type { GameClient } from '@hydra/client'
import { HydraError, pushes, routes, type ChatMessage } from '@hydra/protocol'
import { eventually, uniqueName } from '@hydra/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newPlayer } from './new-player.ts'
import { createRealCluster, realBackends, watchCluster, type RealCluster } from './real-cluster.ts'
import type { ServiceProcess } from './service-process.ts'

/** A dead process stays in the registry for its lease; players must go on soon after. */
const recoveryTimeoutMs = 15_000

describe.each(realBackends())('a service killed with SIGKILL on $name', ({ backends }) => {
  let cluster: RealCluster
  let game: ServiceProcess
  let gate: ServiceProcess
  let chat: ServiceProcess

  beforeAll(async () => {
    cluster = await createRealCluster(backends, {
      HYDRA_GAME_ROLE_GRACE_MS: '300',
      HYDRA_CLUSTER_LEASE_TTL_SECONDS: '1',
    })
    ;[game, gate, chat] = await Promise.all([
      cluster.start('game'),
      cluster.start('gate'),
      cluster.start('chat'),
      cluster.start('http'),
    ])
  }, 60_000)
  afterAll(() => cluster.remove(), 30_000)

  /** A player in the world, and everything that it heard there. */
  async function arrive(): Promise<{ client: GameClient; rid: string; heard: ChatMessage[] }> {
    const { client, rid } = await newPlayer(cluster.httpUrl)
    const heard: ChatMessage[] = []
    client.on(pushes.chat.channel.message, (message) => heard.push(message))
    return { client, rid, heard }
  }

  /** Repeats what may be sent again, as a client would, until it succeeds. */
  const retried = <T>(send: () => Promise<T>): Promise<unknown> =>
    eventually(
      async () => {
        try {
          return { value: await send() }
        } catch (error) {
          if (error instanceof HydraError && error.retryable) return undefined
          throw error
        }
      },
      { timeoutMs: recoveryTimeoutMs, intervalMs: 100 },
    ).then(({ value }) => value)

  it(
    'game: an acknowledged change is there on the next game server, over the same connection',
    { timeout: 40_000 },
    async () => {
      const { client, rid } = await arrive()
      const name = uniqueName('n').slice(-10)
      const renamed = await client.request(routes.game.role.rename, { name })
      await game.end('SIGKILL')
      game = await cluster.start('game')
      expect(await retried(() => client.request(routes.game.role.get, {}))).toMatchObject({
        role: { rid, name, version: renamed.role.version },
      })
      await client.request(routes.gate.session.logout, {})
      await client.close()
    },
  )

  it('chat: the world channel goes on with the next number', { timeout: 40_000 }, async () => {
    const { client, heard } = await arrive()
    const first = await client.request(routes.chat.channel.send, { channel: 'world', text: 'before' })
    await chat.end('SIGKILL')
    chat = await cluster.start('chat')
    await retried(() => client.request(routes.chat.channel.send, { channel: 'world', text: 'after' }))
    const { messages } = await client.request(routes.chat.channel.history, { channel: 'world' })
    const mine = messages.filter(({ seq }) => seq >= first.seq)
    expect(mine.map(({ seq }) => seq)).toEqual(mine.map((_, index) => first.seq + index))
    expect(mine.at(-1)?.text).toBe('after')
    expect(heard).toEqual(mine)
    await client.close()
  })

  it('gate: its roles are saved and released after the grace', { timeout: 40_000 }, async () => {
    const watch = await watchCluster(cluster, backends)
    const { client, rid } = await arrive()
    const name = uniqueName('n').slice(-10)
    await client.request(routes.game.role.rename, { name })
    await gate.end('SIGKILL')
    expect(await watch.roleSaved(rid, name)).toContain(name)
    await watch.stop()
    gate = await cluster.start('gate')
    const again = await retried(() => arrive())
    expect(again).toBeDefined()
  })
})
