import { routes } from '@hydra/protocol'
import { afterEach, beforeEach } from 'vitest'
import { GameWorld, until, type GameWorldOptions, type TestGame } from './game-world.ts'
import type { TestBackends } from './test-backends.ts'
import type { TestGate, TestSession } from './test-gate.ts'

const { create, enter } = routes.game.role

/** For each test a world of its own: a chat server, a game server and a gate that sees both. */
export class GameFixture {
  #world: GameWorld | undefined
  #game: TestGame | undefined
  #gate: TestGate | undefined

  constructor(open: () => Promise<TestBackends>, options: GameWorldOptions = {}) {
    beforeEach(async () => {
      this.#world = new GameWorld(await open(), options)
      await this.#world.startChat()
      this.#game = await this.#world.startGame()
      this.#gate = await this.#world.startGate()
      await this.gateSees(this.#game)
    })
    afterEach(() => this.#world?.close())
  }

  get world(): GameWorld {
    return started(this.#world)
  }

  get game(): TestGame {
    return started(this.#game)
  }

  get gate(): TestGate {
    return started(this.#gate)
  }

  gateSees({ id }: { readonly id: string }): Promise<void> {
    const { registry } = this.gate.cluster
    return until(registry, () => registry.get(id) !== undefined && registry.list('chat').length > 0)
  }

  /** A new account that has entered a new role. */
  async player(name: string, on = this.game): Promise<TestSession & { rid: string }> {
    const session = await this.gate.login(`uid-${name}`)
    const { role } = await this.gate.request(session, create, { name }, on.id)
    await this.gate.request(session, enter, { rid: role.rid }, on.id)
    return { ...session, rid: role.rid }
  }

  /** Does something while the time goes on. */
  async whileTimePasses<T>(work: () => Promise<T>, stepMs = 100): Promise<T> {
    const running = setInterval(() => this.world.clock.advance(stepMs), 1)
    try {
      return await work()
    } finally {
      clearInterval(running)
    }
  }

  rowOf(rid: string) {
    return this.world.storage.roles.find(rid)
  }

  recordOf(uid: string) {
    return this.world.storage.stores.sessions.get(uid)
  }

  /** Whether the journal holds nothing unsaved and nobody owns the role. */
  async isFree(rid: string): Promise<boolean> {
    const { roleJournal } = this.world.storage.stores
    if ((await roleJournal.unsaved(1_000)).length > 0) return false
    const acquired = await roleJournal.acquire(rid, 'somebody')
    return acquired.owned && (await roleJournal.release(rid, acquired.epoch))
  }
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('This exists during a test only.')
  return part
}
