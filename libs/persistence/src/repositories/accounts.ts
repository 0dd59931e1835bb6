/** An account as stored. */
export interface Account {
  readonly uid: string
  readonly username: string
  /** Opaque to the repository; see the http service's `account/password.ts`. */
  readonly passwordHash: string
  readonly createdAtMs: number
  /** Until when the account may not log in; 0: not banned. */
  readonly bannedUntilMs: number
}

/** Accounts in the database. */
export interface Accounts {
  /** @throws HydraError `USERNAME_TAKEN` (compared without regard to case), `STORAGE_UNAVAILABLE`. */
  create(account: Omit<Account, 'bannedUntilMs'>): Promise<void>
  findByUsername(username: string): Promise<Account | undefined>
  findByUid(uid: string): Promise<Account | undefined>
  /** Sets or lifts (0) a ban. Answers whether the account exists. */
  setBan(uid: string, bannedUntilMs: number): Promise<boolean>
  /** Stores a better hash of the same password, if the stored one still is `from`. Answers whether it was. */
  replacePasswordHash(uid: string, from: string, to: string): Promise<boolean>
}
