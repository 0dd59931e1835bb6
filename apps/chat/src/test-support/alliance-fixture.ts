import type { RoleSnapshot } from '@hydra/persistence'
import { pushes, routes, type RequestOf, type ResponseOf, type Route } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import { expect } from 'vitest'
import { ChatWorld } from './chat-world.ts'
import type { TestBackends } from './test-backends.ts'
import type { TestGate } from './test-gate.ts'
import { TestWallets } from './test-wallets.ts'

/** A session, and the gate that it is connected to. */
export interface Player {
  readonly session: RoleSession
  readonly gate: TestGate
}

/** A founding, as far as it differs from others. */
export type FoundingChange = Partial<RequestOf<typeof routes.chat.alliance.create>>

/** Two chat servers, two gates, and a game server with wallets. An alliance costs 100 and has room for 3, then 4. */
export class AllianceFixture {
  readonly world: ChatWorld
  servers: readonly string[] = []
  gates: readonly TestGate[] = []
  /** Of the game server that roles belong to. */
  wallets = new TestWallets()

  private constructor(backends: TestBackends) {
    this.world = new ChatWorld(backends)
  }

  static async open(open: () => Promise<TestBackends>): Promise<AllianceFixture> {
    const fixture = new AllianceFixture(await open())
    const { world } = fixture
    const sections = { alliance: { price: 100, capacities: [3, 4] } }
    fixture.servers = [(await world.startChat(sections)).id, (await world.startChat(sections)).id]
    fixture.gates = [(await world.startGate()).gate, (await world.startGate()).gate]
    fixture.wallets = (await fixture.startGame()).wallets
    return fixture
  }

  close = (): Promise<void> => this.world.close()

  /** One more game server; one with an owner says that all roles are there. */
  async startGame(owner?: string): Promise<{ readonly id: string; readonly wallets: TestWallets }> {
    const { peer, announce } = await this.world.openServer('game')
    const wallets = Object.assign(new TestWallets(), { owner })
    await peer.serve('game', wallets.handlers())
    await announce()
    return { id: peer.id, wallets }
  }

  /** A role with 150 gold that has entered, on one of the gates. */
  async player(name: string, on = 0, level = 1): Promise<Player> {
    const [rid, uid] = [`rid-${name}`, `uid-${name}`]
    const gate = this.gates[on]
    if (gate === undefined) throw new Error(`there is no gate ${on}`)
    const role: RoleSnapshot = { rid, uid, name, level, epoch: 0, version: 0, schema: 1, data: {} }
    await this.world.storage.roles.create(role, { maxPerAccount: 8 })
    const session = gate.open(uid, rid, 1)
    await gate.enter(session, name, level)
    this.wallets.gold.set(rid, 150)
    return { session, gate }
  }

  /** Founds an open alliance; answers its id. */
  async found(founder: Player, change: FoundingChange = {}): Promise<string> {
    const body = { name: 'Alphas', tag: 'AA', policy: 'open', ...change } as const
    return (await ask(founder, routes.chat.alliance.create, body)).alliance.allianceId
  }
}

/** A request of a player. @throws HydraError what it answers. */
export const ask = <R extends Route>(
  { session, gate }: Player,
  route: R,
  body: RequestOf<R>,
  server?: string,
): Promise<ResponseOf<R>> => gate.request(session, route, body, server)

/** A player says something in its alliance, or elsewhere. */
export const say = (from: Player, text: string, channel = 'alliance') =>
  ask(from, routes.chat.channel.send, { channel, text })

/** What a player has heard by now, of any channel. */
export const heard = ({ session, gate }: Player) =>
  gate.received.get(session.sessionId)?.map(({ text }) => text)

/** Kinds of what a player has been told of its alliance by now. */
export const eventsOf = ({ session, gate }: Player) =>
  gate.payloads(session, pushes.chat.alliance.changed).map(({ event }) => event.kind)

/** Topics of alliances that a player receives. */
export const allianceTopics = ({ session, gate }: Player) =>
  gate.topicsOf(session).filter((topic) => topic.startsWith('chat-alliance-'))

/** An error with a code. */
export const code = (expected: string): unknown => expect.objectContaining({ code: expected })
