import type { RoleRule, RoleWriter } from '@hydra/persistence'
import type { RoleState } from '../role/role.ts'
import type { RoleTurn } from './role-turn.ts'

/** The usual turn. */
class DurableTurn implements RoleTurn {
  protected readonly role: RoleWriter<RoleState>

  constructor(role: RoleWriter<RoleState>) {
    this.role = role
  }

  get state(): RoleState {
    return this.role.state
  }

  change(rule: RoleRule<RoleState>): Promise<RoleState> {
    return this.role.change(rule)
  }

  changeDurably(rule: RoleRule<RoleState>): Promise<RoleState> {
    return this.role.change(rule)
  }
}

/** The turn of a request whose route is listed in `[role] ackInMemory`. */
class MemoryTurn extends DurableTurn {
  /** After a failure the next change waits again, so that no more can be lost than one answer has promised. */
  override async change(rule: RoleRule<RoleState>): Promise<RoleState> {
    const { unsettled, inDoubt } = this.role
    return unsettled || inDoubt ? this.role.change(rule) : this.role.changeInMemory(rule)
  }
}

/** What the jobs of one role are given, by how their changes are answered. */
export class RoleTurns {
  readonly #durable: RoleTurn
  readonly #inMemory: RoleTurn

  constructor(role: RoleWriter<RoleState>) {
    this.#durable = new DurableTurn(role)
    this.#inMemory = new MemoryTurn(role)
  }

  of({ inMemory }: { readonly inMemory: boolean }): RoleTurn {
    return inMemory ? this.#inMemory : this.#durable
  }
}
