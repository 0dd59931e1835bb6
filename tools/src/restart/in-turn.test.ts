import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { inTurn, type Place } from './in-turn.ts'

let servers: Server[] = []
afterEach(() => {
  for (const server of servers) server.close()
  servers = []
})

/** A place whose `/metrics` tells of so many roles. */
async function place(name: string, service: Place['service'], roles: number): Promise<Place> {
  const server = createServer((_, response) => response.end(`hydra_game_actors{stage="active"} ${roles}\n`))
  servers.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { name, service, stage: 'ready', opsUrl: `http://127.0.0.1:${port}` }
}

/** A registry in which each restart shows, unless it is one of `unlisted`. */
function world(unlisted: readonly string[] = []) {
  const records: { id: string; state: 'ready' | 'draining'; service: string }[] = []
  const restarted: string[] = []
  const said: string[] = []
  return {
    restarted,
    said,
    registry: { list: (service: string) => records.filter((each) => each.service === service) },
    print: (text: string) => void said.push(text),
    restart: async ({ name, service }: Place) => {
      restarted.push(name)
      if (unlisted.includes(name)) return
      records.push({ id: `${name}/${restarted.length}`, state: 'ready', service })
    },
  }
}

describe('a restart of processes in turn', () => {
  test('pauses after a game server on which somebody plays, unless it is the last', async () => {
    const { restarted, said, ...rest } = world()
    const places = [
      await place('game-1', 'game', 3),
      await place('game-2', 'game', 0),
      await place('http-1', 'http', 0),
      await place('game-3', 'game', 3),
    ]
    await inTurn({ ...rest, places, settleMs: 20 })
    expect(restarted).toEqual(['game-1', 'game-2', 'http-1', 'game-3'])
    expect(said).toEqual(['  0.02 s for the roles of game-1 to find a home'])
  })

  test('goes on only when the registry lists the successor', async () => {
    const { restarted, ...rest } = world(['chat-2'])
    const places = [
      await place('chat-1', 'chat', 0),
      await place('chat-2', 'chat', 0),
      await place('chat-3', 'chat', 0),
    ]
    const turning = inTurn({ ...rest, places, settleMs: 0, listedTimeoutMs: 100 })
    await expect(turning).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/^chat-2 is ready, but the registry does not list it/),
    })
    expect(restarted).toEqual(['chat-1', 'chat-2'])
  })
})
