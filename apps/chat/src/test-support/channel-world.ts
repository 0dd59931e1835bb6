import type { RoleSnapshot } from '@hydra/persistence'
import {
  routes,
  type ChatMessage,
  type InternalRoute,
  type RequestOf,
  type ResponseOf,
} from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import { ChatWorld } from './chat-world.ts'
import type { TestBackends } from './test-backends.ts'
import type { TestGate } from './test-gate.ts'

const { send, list } = routes.chat.channel

/** A chat server, a gate, and players on it, for suites of channels. */
export class ChannelWorld {
  readonly world: ChatWorld
  readonly gate: TestGate

  private constructor(world: ChatWorld, gate: TestGate) {
    this.world = world
    this.gate = gate
  }

  static async open(backends: TestBackends): Promise<ChannelWorld> {
    const world = new ChatWorld(backends)
    await world.startChat()
    return new ChannelWorld(world, (await world.startGate()).gate)
  }

  close(): Promise<void> {
    return this.world.close()
  }

  /** Stores the role `rid-<name>`, so that it exists without having entered. */
  store(name: string): Promise<void> {
    const [rid, uid] = [`rid-${name}`, `uid-${name}`]
    const role: RoleSnapshot = { rid, uid, name, level: 1, epoch: 0, version: 0, schema: 1, data: {} }
    return this.world.storage.roles.create(role, { maxPerAccount: 8 })
  }

  /** A session that has entered the role `rid-<name>`. */
  async player(name: string, epoch = 1, on = this.gate): Promise<RoleSession> {
    const session = on.open(`uid-${name}`, `rid-${name}`, epoch)
    await on.enter(session, name)
    return session
  }

  say(session: RoleSession, channel: string, text: string, on = this.gate) {
    return on.request(session, send, { channel, text })
  }

  /** What the list of a role's channels says of one. */
  async stateOf(session: RoleSession, channel: string) {
    const { channels } = await this.gate.request(session, list, {})
    return channels.find((each) => each.channel === channel)
  }

  /** A call as another service makes it. */
  call<R extends InternalRoute>(route: R, body: RequestOf<R>): Promise<ResponseOf<R>> {
    return this.gate.peer.call(route, body, { to: { type: 'chat' } })
  }
}

/** What was said. */
export const texts = (messages: readonly ChatMessage[]): string[] => messages.map(({ text }) => text)
