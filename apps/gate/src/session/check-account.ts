import { HydraError } from '@hydra/protocol'
import type { Accounts } from '@hydra/persistence'
import type { Clock } from '@hydra/runtime'

/** What checking accounts needs. */
export interface CheckAccountOptions {
  readonly accounts: Pick<Accounts, 'findByUid'>
  readonly clock: Clock
}

/** Whether an account may play. @throws HydraError `TOKEN_INVALID` when it is no more, `BANNED`. */
export async function checkAccount(uid: string, { accounts, clock }: CheckAccountOptions): Promise<void> {
  const account = await accounts.findByUid(uid)
  if (account === undefined) {
    throw new HydraError('TOKEN_INVALID', 'The account of this token does not exist any more.')
  }
  const { bannedUntilMs } = account
  if (bannedUntilMs <= clock.nowMs()) return
  throw new HydraError('BANNED', `The account is banned until ${new Date(bannedUntilMs).toISOString()}.`, {
    metadata: { bannedUntilMs },
  })
}
