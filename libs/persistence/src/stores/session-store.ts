/** Where the one live session of an account is. */
export interface SessionRecord {
  readonly uid: string
  readonly gateId: string
  readonly sessionId: string
  /** Of two sessions of an account the larger epoch is the newer one, also across a loss of the store. */
  readonly epoch: number
}

/** Which session an account has, anywhere in the cluster. Redis or memory; both pass `session-store.contract.ts`. */
export interface SessionStore {
  /** Makes this the account's session in one atomic step and hands back the one it replaced, to be kicked. */
  bind(
    session: Omit<SessionRecord, 'epoch'>,
  ): Promise<{ readonly epoch: number; readonly replaced: SessionRecord | undefined }>
  get(uid: string): Promise<SessionRecord | undefined>
  /** Removes the record if it is still this session's. Returns whether it was. */
  release(uid: string, sessionId: string): Promise<boolean>
}
