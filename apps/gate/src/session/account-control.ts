import { HydraError, routes, type DisconnectReason } from '@hydra/protocol'
import type { Accounts, SessionStore } from '@hydra/persistence'
import type { RpcPeer } from '@hydra/rpc'
import type { Logger } from '@hydra/runtime'

/** What acting on accounts needs. */
export interface AccountControlOptions {
  readonly accounts: Pick<Accounts, 'setBan'>
  readonly store: Pick<SessionStore, 'get'>
  readonly peer: Pick<RpcPeer, 'call'>
  readonly log: Logger
  /** How long the gate that holds the session may take. */
  readonly kickTimeoutMs: number
}

/** Acts on an account as a whole, wherever its session is. */
export class AccountControl {
  readonly #options: AccountControlOptions

  constructor(options: AccountControlOptions) {
    this.#options = options
  }

  /**
   * Ends the session of an account. Answers whether there was one.
   *
   * @throws HydraError `STORAGE_UNAVAILABLE`; `TIMEOUT` when the gate that holds it does not answer.
   */
  async kick(uid: string, reason: DisconnectReason, message?: string): Promise<boolean> {
    const { store, peer, log, kickTimeoutMs } = this.#options
    const record = await store.get(uid)
    if (record === undefined) return false
    const { sessionId, gateId } = record
    log.info({ uid, sessionId, gate: gateId, reason }, 'account kicked')
    try {
      const { found } = await peer.call(
        routes.gate.session.kick,
        { sessionId, reason, ...(message === undefined ? {} : { message }) },
        { to: { server: gateId }, timeoutMs: kickTimeoutMs },
      )
      return found
    } catch (error) {
      // A gate that has left the cluster took its sessions with it.
      if (error instanceof HydraError && (error.code === 'SERVER_GONE' || error.code === 'NO_SERVER'))
        return false
      throw error
    }
  }

  /**
   * Bans an account, or lifts its ban with 0. The ban first: a login that comes after it is refused, and one that came
   * before it has the session that is ended here.
   *
   * @throws HydraError `STORAGE_UNAVAILABLE`; `TIMEOUT`, when the ban is stored but the session may go on.
   */
  async ban(uid: string, untilMs: number, message?: string): Promise<{ found: boolean; kicked: boolean }> {
    const { accounts, log } = this.#options
    const found = await accounts.setBan(uid, untilMs)
    if (!found) return { found, kicked: false }
    log.info({ uid, untilMs }, untilMs === 0 ? 'ban lifted' : 'account banned')
    const kicked = untilMs > 0 && (await this.kick(uid, 'BANNED', message))
    return { found, kicked }
  }
}
