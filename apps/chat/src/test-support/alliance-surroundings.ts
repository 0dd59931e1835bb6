import { HydraError, routes, type AnyRoute } from '@hydra/protocol'
import type { Chat } from '../chat.ts'
import { goldAtFirst } from './alliance-action.ts'

/** A payment as game has it. */
interface Hold {
  readonly rid: string
  readonly amount: number
  state: 'held' | 'settled' | 'released'
}

/** One gate and one game server as far as alliances need them: topics of sessions, and wallets. */
export class StoryPeer {
  /** Topics that each session receives. */
  readonly topics = new Map<string, Set<string>>()
  readonly gold = new Map<string, number>()
  readonly holds = new Map<string, Hold>()

  readonly peer = {
    id: 'chat',
    pick: () => 'chat',
    call: (route: AnyRoute, body: unknown) => this.#answer(route, body),
    publish: () => {},
    // A call answers by the name of its route, which no type of a generic function can follow.
  } as unknown as Chat['peer']

  async #answer(route: AnyRoute, body: unknown): Promise<unknown> {
    await new Promise((resolve) => setImmediate(resolve))
    switch (route.name) {
      case routes.gate.topic.join.name:
      case routes.gate.topic.leave.name: {
        const { sessionId, topics } = body as { readonly sessionId: string; readonly topics: string[] }
        const joined = this.topics.get(sessionId)
        for (const topic of topics) {
          if (route.name === routes.gate.topic.join.name) joined?.add(topic)
          else joined?.delete(topic)
        }
        return { found: joined !== undefined }
      }
      case routes.game.wallet.hold.name:
        return this.#hold(body as { readonly rid: string; readonly holdId: string; readonly amount: number })
      case routes.game.wallet.settle.name:
      case routes.game.wallet.release.name: {
        const { holdId } = body as { readonly holdId: string }
        this.end(holdId, route.name === routes.game.wallet.settle.name)
        return {}
      }
      default:
        throw new HydraError('ROUTE_UNKNOWN', `Nobody answers ${route.name} here.`)
    }
  }

  /** A payment comes to its end, once. */
  end(holdId: string, paid: boolean): void {
    const hold = this.holds.get(holdId)
    if (hold?.state !== 'held') return
    hold.state = paid ? 'settled' : 'released'
    if (!paid) this.gold.set(hold.rid, (this.gold.get(hold.rid) ?? 0) + hold.amount)
  }

  #hold({ rid, holdId, amount }: { readonly rid: string; readonly holdId: string; readonly amount: number }) {
    if (this.holds.has(holdId)) return {}
    const gold = this.gold.get(rid) ?? goldAtFirst
    if (gold < amount) throw new HydraError('FUNDS_TOO_LOW', 'Too little gold.')
    this.gold.set(rid, gold - amount)
    this.holds.set(holdId, { rid, amount, state: 'held' })
    return {}
  }
}
