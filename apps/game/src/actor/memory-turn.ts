import type { RoleState } from '../role/role.ts'
import type { RoleRule, RoleTurn } from './role-turn.ts'
import type { RoleWriter } from './role-writer.ts'

/** The turn of a request whose route is listed in `[role] ackInMemory`. */
export class MemoryTurn implements RoleTurn {
  readonly #role: RoleWriter

  constructor(role: RoleWriter) {
    this.#role = role
  }

  get state(): RoleState {
    return this.#role.state
  }

  /** After a failure the next change waits again, so that no more can be lost than one answer has promised. */
  async change(rule: RoleRule): Promise<RoleState> {
    const { unsettled, inDoubt } = this.#role
    return unsettled || inDoubt ? this.#role.change(rule) : this.#role.changeInMemory(rule)
  }

  changeDurably(rule: RoleRule): Promise<RoleState> {
    return this.#role.change(rule)
  }
}
