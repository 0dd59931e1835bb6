import { HydraError, type AccountToken, type Credentials } from '@hydra/protocol'
import type { Account, Accounts } from '@hydra/persistence'
import type { Logger, SessionTokens } from '@hydra/runtime'
import type { PasswordHasher } from './password.ts'

/** What logging in needs. */
export interface LoginDeps {
  readonly accounts: () => Accounts
  readonly hasher: PasswordHasher
  readonly tokens: SessionTokens
  readonly log: Logger
}

/**
 * Checks a password and signs a token. An unknown name and a wrong password get the same answer after the same work.
 * Whether the account is banned is the gate's question, at the moment it matters.
 *
 * @throws HydraError `CREDENTIALS_WRONG`, `SERVER_BUSY`, `STORAGE_UNAVAILABLE`.
 */
export async function login(deps: LoginDeps, { username, password }: Credentials): Promise<AccountToken> {
  const { hasher, tokens } = deps
  const account = await deps.accounts().findByUsername(username)
  const { matches, outdated } = await hasher.verify(password, account?.passwordHash)
  if (account === undefined || !matches) {
    throw new HydraError('CREDENTIALS_WRONG', 'User name or password is wrong.')
  }
  if (outdated) await strengthen(deps, account, password)
  return { uid: account.uid, ...(await tokens.sign(account.uid)) }
}

/** Replaces a hash from before the cost was raised. The login succeeds even if this does not: the next one tries again. */
async function strengthen(
  { accounts, hasher, log }: LoginDeps,
  account: Account,
  password: string,
): Promise<void> {
  const { uid, passwordHash } = account
  try {
    await accounts().replacePasswordHash(uid, passwordHash, await hasher.hash(password))
  } catch (err) {
    log.warn({ uid, err }, 'password hash was not strengthened')
  }
}
