import { allRoutes, HydraError } from '@hydra/protocol'
import type { ServiceHandlers } from '@hydra/rpc'

/** A payment as game has it. */
export interface TestHold {
  readonly rid: string
  readonly amount: number
  state: 'held' | 'settled' | 'released'
}

/** Game's part in alliances: wallets. A role without gold noted has none. */
export class TestWallets {
  readonly gold = new Map<string, number>()
  readonly holds = new Map<string, TestHold>()
  /** The server that owns all roles, if it is not this one. */
  owner: string | undefined
  /** Calls of settle and release that are answered by nobody, from now on. */
  lost = 0

  handlers(): ServiceHandlers<'game'> {
    const notHere = () => {
      throw new HydraError('INTERNAL', 'Chat never calls this.')
    }
    const others = allRoutes.filter(({ name }) => name.startsWith('game.')).map(({ name }) => [name, notHere])
    const wallets: Pick<
      ServiceHandlers<'game'>,
      'game.wallet.hold' | 'game.wallet.settle' | 'game.wallet.release'
    > = {
      'game.wallet.hold': (_context, { rid, holdId, amount }) => {
        this.#requireHere()
        if (this.holds.has(holdId)) return {}
        const gold = this.gold.get(rid) ?? 0
        if (gold < amount) throw new HydraError('FUNDS_TOO_LOW', `The role has ${gold} gold.`)
        this.gold.set(rid, gold - amount)
        this.holds.set(holdId, { rid, amount, state: 'held' })
        return {}
      },
      'game.wallet.settle': (_context, { holdId }) => this.#end(holdId, 'settled'),
      'game.wallet.release': (_context, { holdId }) => this.#end(holdId, 'released'),
    }
    return { ...Object.fromEntries(others), ...wallets } as ServiceHandlers<'game'>
  }

  #end(holdId: string, state: 'settled' | 'released'): Record<never, never> {
    this.#requireHere()
    // Not an error that is worth another attempt, so that no time has to pass.
    if (this.lost > 0) {
      this.lost -= 1
      throw new HydraError('ROLE_NOT_FOUND', 'This game server has forgotten the role.')
    }
    const hold = this.holds.get(holdId)
    if (hold?.state !== 'held') return {}
    hold.state = state
    if (state === 'released') this.gold.set(hold.rid, (this.gold.get(hold.rid) ?? 0) + hold.amount)
    return {}
  }

  #requireHere(): void {
    if (this.owner === undefined) return
    throw new HydraError('ROLE_ELSEWHERE', 'Another server owns the role.', {
      metadata: { server: this.owner },
    })
  }
}
