import { HydraError } from '@hydra/protocol'
import type { ActorSession } from './role-session.ts'

/** Keeps the sessions of one role apart: the newest is the only one that may act, and none that has ended. */
export class SessionFence {
  #newest: ActorSession | undefined
  #endedEpoch = -1

  /** The newest session seen so far, also when it has ended. */
  get newest(): ActorSession | undefined {
    return this.#newest
  }

  /**
   * Notes who is calling; answers whether this session is newer than all before.
   *
   * @throws HydraError `SESSION_ENDED` when it is older than the newest, or known to have ended.
   */
  admit(session: ActorSession): boolean {
    this.refuseOlder(session.epoch)
    if (session.epoch <= this.#endedEpoch) throw sessionEnded('This session was closed.', { closed: true })
    const newer = this.isOlder(session.epoch)
    if (newer) {
      const { sessionId, gateId, epoch } = session
      this.#newest = { sessionId, gateId, epoch }
    }
    return newer
  }

  /** @throws HydraError `SESSION_ENDED` when a newer session than that of `epoch` has been noted. */
  refuseOlder(epoch: number): void {
    if (this.isNewer(epoch)) throw sessionEnded('A newer session of this account has taken over.')
  }

  /** Notes that the session of `epoch` is over: nothing that it still has under way is admitted. */
  end(epoch: number): void {
    this.#endedEpoch = Math.max(this.#endedEpoch, epoch)
  }

  /** Whether a session newer than that of `epoch` has been noted. */
  isNewer(epoch: number): boolean {
    return this.#newest !== undefined && this.#newest.epoch > epoch
  }

  /** Whether every session noted so far is older than that of `epoch`. */
  isOlder(epoch: number): boolean {
    return this.#newest === undefined || this.#newest.epoch < epoch
  }
}

/** The answer to requests of a session that may not act any more: `closed` by itself, or replaced by a newer one. */
export const sessionEnded = (sentence: string, { closed = false } = {}): HydraError =>
  new HydraError('SESSION_ENDED', `${sentence} Log in again to go on.`, { metadata: { closed } })
