import { HydraError, type AccountToken, type Credentials } from '@hydra/protocol'
import type { Accounts } from '@hydra/persistence'
import type { Clock, Ids, SessionTokens } from '@hydra/runtime'
import type { PasswordHasher } from './password.ts'

/** What registering needs. */
export interface RegisterDeps {
  readonly accounts: () => Accounts
  readonly hasher: PasswordHasher
  readonly tokens: SessionTokens
  readonly clock: Clock
  readonly ids: Ids
}

/**
 * Creates an account and logs it in.
 *
 * @throws HydraError `USERNAME_TAKEN`, `SERVER_BUSY`, `STORAGE_UNAVAILABLE`.
 */
export async function register(
  deps: RegisterDeps,
  { username, password }: Credentials,
): Promise<AccountToken> {
  const { hasher, tokens, clock, ids } = deps
  const accounts = deps.accounts()
  // Spares the work of hashing; of two who pass here at once, the unique key of the database lets one through.
  if ((await accounts.findByUsername(username)) !== undefined) {
    throw new HydraError('USERNAME_TAKEN', `An account named "${username}" exists; choose another name.`, {
      metadata: { username },
    })
  }
  const passwordHash = await hasher.hash(password)
  const uid = ids.next()
  await accounts.create({ uid, username, passwordHash, createdAtMs: clock.nowMs() })
  return { uid, ...(await tokens.sign(uid)) }
}
