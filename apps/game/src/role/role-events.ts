import { events, type EventContract, type PayloadOf } from '@hydra/protocol'
import type { RpcPeer } from '@hydra/rpc'
import type { Logger } from '@hydra/runtime'
import type { ActorSession } from '../actor/role-session.ts'
import type { RoleState } from './role.ts'

/** What telling needs. */
export interface RoleEventsDeps {
  readonly peer: Pick<RpcPeer, 'emit'>
  readonly log: Logger
}

const { created, entered, renamed, levelChanged, left } = events.game.role

/** Tells the other services what happens to roles. That nobody could be told fails nothing: it is logged. */
export class RoleEvents {
  readonly #deps: RoleEventsDeps

  constructor(deps: RoleEventsDeps) {
    this.#deps = deps
  }

  /** A new role is stored. */
  created({ rid, uid, name }: RoleState): void {
    this.#emit(created, { rid, uid, name })
  }

  /** A session has entered a role. */
  entered({ rid, uid, name, level }: RoleState, { sessionId, gateId }: ActorSession): void {
    this.#emit(entered, { rid, uid, name, level, sessionId, gateId })
  }

  /** A change is stored: tells of each thing in which the role differs for others. */
  changed(before: RoleState, { rid, uid, name, level }: RoleState): void {
    if (name !== before.name) this.#emit(renamed, { rid, uid, name, former: before.name })
    if (level !== before.level) this.#emit(levelChanged, { rid, uid, level, former: before.level })
  }

  /** A role is saved and released. */
  left(role: PayloadOf<typeof left>): void {
    this.#emit(left, role)
  }

  #emit<E extends EventContract>(event: E, payload: PayloadOf<E>): void {
    const { peer, log } = this.#deps
    try {
      peer.emit(event, payload)
    } catch (err) {
      log.warn({ event: event.name, err }, 'other services were not told what happened to a role')
    }
  }
}
