import type { PayloadOf, Push } from '@hydra/protocol'
import type { RpcPeer } from '@hydra/rpc'
import type { Logger } from '@hydra/runtime'

/** What telling needs. */
export interface TellRoleDeps {
  readonly peer: Pick<RpcPeer, 'publish'>
  readonly log: Logger
}

/** Sends a push to whoever plays a role. That nobody could be told fails nothing: it is logged. */
export type TellRole = <P extends Push>(rid: string, push: P, payload: PayloadOf<P>) => void

/** The topic of one role, which its session joins; see `game.scene.enter`. */
export const roleTopic = (rid: string): string => `role-${rid}`

/**
 * Makes the one way in which players are told something about their own role.
 *
 * @example
 * const tell = createTellRole({ peer, log })
 * tell(rid, pushes.game.role.rewarded, { reason: 'kill', exp: 20, gold: 3, gems: 0, items: [], role: viewOf(state) })
 */
export function createTellRole({ peer, log }: TellRoleDeps): TellRole {
  return (rid, push, payload) => {
    try {
      peer.publish(roleTopic(rid), push, payload)
    } catch (err) {
      log.warn({ rid, push: push.name, err }, 'a player was not told what happened to its role')
    }
  }
}
