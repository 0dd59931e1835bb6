import type { Serializer, SessionData, SessionDataChange } from '@hydra/protocol'

/** Who is calling, as the gate that holds the connection wrote it. Never taken from a body. */
export interface SessionIdentity {
  readonly sessionId: string
  readonly gateId: string
  /** How the bodies of this client are written. */
  readonly serializer: Serializer
  /** Present after gate.session.login. */
  readonly uid?: string
  /** Grows with each login of the account, anywhere: of two sessions the larger one is the newer. */
  readonly epoch?: number
  /** Present after game.role.enter. */
  readonly rid?: string
  /** What services have noted on the session; absent: nothing. */
  readonly data?: SessionData
}

/** A session that has logged in. */
export type UserSession = SessionIdentity & { readonly uid: string; readonly epoch: number }
/** A session that has entered a role. */
export type RoleSession = UserSession & { readonly rid: string }

/** What a service tells the gate to note on the session, together with its reply. */
export interface SessionUpdate {
  /** The role that the session plays from now on; `null`: none. */
  readonly rid?: string | null
  /**
   * Values to note under names: later requests carry them, to whichever service. `null` removes a name; names that are
   * not mentioned stay. All of it together is at most `limits.sessionDataMaxChars` of JSON; the gate refuses a change
   * that would exceed it, and logs that.
   */
  readonly data?: SessionDataChange
}
