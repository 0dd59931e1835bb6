import type { Serializer } from '@hydra/protocol'

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
}

/** A session that has logged in. */
export type UserSession = SessionIdentity & { readonly uid: string; readonly epoch: number }
/** A session that has entered a role. */
export type RoleSession = UserSession & { readonly rid: string }

/** What a service tells the gate to note on the session, together with its reply. */
export interface SessionUpdate {
  /** The role that the session plays from now on; `null`: none. */
  readonly rid?: string | null
}
