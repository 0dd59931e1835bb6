import type { RoleRule, RoleWriter } from '@hydra/persistence'
import { looksDifferent, type RoleState } from '../role/role.ts'
import type { RoleActorHost } from './role-actor-host.ts'
import type { RoleTurn } from './role-turn.ts'

/** Who is told of changes. */
type ToTell = Pick<RoleActorHost, 'changed' | 'stored'>

/** The usual turn. */
class DurableTurn implements RoleTurn {
  protected readonly role: RoleWriter<RoleState>
  protected readonly toTell: ToTell

  constructor(role: RoleWriter<RoleState>, toTell: ToTell) {
    this.role = role
    this.toTell = toTell
  }

  get state(): RoleState {
    return this.role.state
  }

  change(rule: RoleRule<RoleState>): Promise<RoleState> {
    return this.changeDurably(rule)
  }

  /** The one way of a stored change, from whichever handler: here others are told what it has changed for them. */
  async changeDurably(rule: RoleRule<RoleState>): Promise<RoleState> {
    const before = this.role.state
    const after = await this.role.change(rule)
    if (after !== before) this.toTell.stored(after, before)
    // Within the turn, so that what is told of one role is told in order, and before it leaves.
    if (looksDifferent(before, after)) await this.toTell.changed(before, after)
    return after
  }
}

/** The turn of a request whose route is listed in `[role] ackInMemory`. */
class MemoryTurn extends DurableTurn {
  /**
   * After a failure the next change waits again, so that no more can be lost than one answer has promised; and what
   * others are told of is stored before.
   */
  override async change(rule: RoleRule<RoleState>): Promise<RoleState> {
    const { state, unsettled, inDoubt } = this.role
    const next = rule(state)
    if (unsettled || inDoubt || looksDifferent(state, next)) return this.changeDurably(() => next)
    const after = this.role.changeInMemory(() => next)
    if (after !== state) this.toTell.stored(after, state)
    return after
  }
}

/** What the jobs of one role are given, by how their changes are answered. */
export class RoleTurns {
  readonly #durable: RoleTurn
  readonly #inMemory: RoleTurn

  constructor(role: RoleWriter<RoleState>, toTell: ToTell) {
    this.#durable = new DurableTurn(role, toTell)
    this.#inMemory = new MemoryTurn(role, toTell)
  }

  of({ inMemory }: { readonly inMemory: boolean }): RoleTurn {
    return inMemory ? this.#inMemory : this.#durable
  }
}
