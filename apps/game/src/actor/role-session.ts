import type { DisconnectReason } from '@hydra/protocol'

/** The session that plays a role, as its actor notes it. */
export interface ActorSession {
  readonly sessionId: string
  readonly gateId: string
  /** Of two sessions of an account the larger epoch is the newer one. */
  readonly epoch: number
}

/**
 * Why a role leaves its server:
 * `ended` its session is over; `switched` its session goes on with another role; `moved` its session goes on with
 * this role on another server, because this one is stopping, or it has none.
 */
export type LeaveKind = 'ended' | 'switched' | 'moved'

/** One reason for a role to leave. It is out of date once a session newer than `session` has come. */
export interface Leave {
  readonly kind: LeaveKind
  readonly reason: DisconnectReason
  readonly session: Omit<ActorSession, 'gateId'>
  /** Where a role that is handed over goes on: that is what requests are told that wait for it here. */
  readonly server?: string
}

/** Why a role leaves that is in memory without a session: nothing of one is to be cleaned up. */
export const nobodyPlays = (reason: DisconnectReason): Leave => ({
  kind: 'moved',
  reason,
  session: { sessionId: '', epoch: 0 },
})

/** What became of a {@link Leave}; the words of `game.role.leave`. */
export type LeaveState = 'grace' | 'saved' | 'superseded' | 'absent'
