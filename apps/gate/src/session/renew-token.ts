import { HydraError, type ResponseOf, type routes } from '@hydra/protocol'
import type { SessionTokens } from '@hydra/runtime'
import { checkAccount, type CheckAccountOptions } from './check-account.ts'
import type { Session } from './session.ts'

/** What renewing needs. */
export interface RenewTokenOptions extends CheckAccountOptions {
  readonly tokens: Pick<SessionTokens, 'renew'>
}

/**
 * Makes the handler of `gate.session.renew`: who plays for longer than a token lasts can come back all the same, to
 * whichever gate, when this one closes.
 */
export function createRenewToken({ tokens, accounts, clock }: RenewTokenOptions) {
  return async ({
    user,
    authenticatedAtMs,
  }: Session): Promise<ResponseOf<typeof routes.gate.session.renew>> => {
    if (user === undefined || authenticatedAtMs === undefined) {
      throw new HydraError('NOT_LOGGED_IN', 'Only who is logged in has a token to renew.')
    }
    await checkAccount(user.uid, { accounts, clock })
    const renewed = await tokens.renew({ uid: user.uid, authenticatedAtMs })
    return { ...renewed, serverTimeMs: clock.nowMs() }
  }
}
