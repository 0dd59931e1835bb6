import { HydraError, routes, type InternalRoute, type RequestOf, type ResponseOf } from '@hydra/protocol'
import type { RpcPeer, Target } from '@hydra/rpc'
import { delay, type Clock, type Logger } from '@hydra/runtime'

/** Who pays, and the id of the payment. */
export interface Payment {
  readonly rid: string
  readonly uid: string
  readonly holdId: string
}

/** What the link needs. */
export interface WalletDeps {
  readonly peer: Pick<RpcPeer, 'call'>
  readonly clock: Clock
  readonly log: Logger
  readonly timeoutMs: number
}

/** How often a role is followed to the server that owns it: it may move meanwhile. */
const movesMax = 2
/** Pauses before the second and the third attempt to end a payment. */
const pausesMs = [100, 300]

/**
 * Sets gold aside.
 *
 * @throws HydraError `FUNDS_TOO_LOW`, `HOLD_LIMIT_REACHED`, `ROLE_NOT_FOUND`, `SERVER_BUSY` and the like: nothing is set
 * aside. `TIMEOUT`, `SERVER_GONE`: it may be; game then asks what became of the payment.
 */
export async function hold(deps: WalletDeps, payment: Payment, amount: number): Promise<void> {
  await callOwner(deps, routes.game.wallet.hold, { ...payment, amount, purpose: 'alliance' }, payment.uid)
}

/** The payment has bought something. Never throws: if game cannot be told, it asks. */
export const settlePayment = (deps: WalletDeps, payment: Payment): Promise<void> =>
  end(deps, routes.game.wallet.settle, payment)

/** The payment has bought nothing. Never throws: if game cannot be told, it asks. */
export const releasePayment = (deps: WalletDeps, payment: Payment): Promise<void> =>
  end(deps, routes.game.wallet.release, payment)

async function end(
  deps: WalletDeps,
  route: typeof routes.game.wallet.settle | typeof routes.game.wallet.release,
  payment: Payment,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await callOwner(deps, route, payment, payment.uid)
      return
    } catch (err) {
      const pauseMs = pausesMs[attempt]
      if (pauseMs === undefined || !HydraError.from(err).retryable) {
        deps.log.warn({ ...payment, route: route.name, err }, 'a payment is left for game to resolve')
        return
      }
      await delay(deps.clock, pauseMs)
    }
  }
}

/** Calls the game server that owns a role. */
async function callOwner<R extends InternalRoute>(
  { peer, timeoutMs }: WalletDeps,
  route: R,
  body: RequestOf<R>,
  uid: string,
): Promise<ResponseOf<R>> {
  let to: Target = { type: 'game', key: uid }
  for (let moves = 0; ; moves++) {
    try {
      return await peer.call(route, body, { to, timeoutMs })
    } catch (error) {
      if (!HydraError.hasCode(error, 'ROLE_ELSEWHERE')) throw error
      const server = error.metadata?.['server']
      if (typeof server !== 'string' || moves >= movesMax) {
        // Passed on as it is, the gate would take it for an answer about where chat requests go.
        throw new HydraError(
          'SERVER_BUSY',
          'The role is moving between game servers; try again in a moment.',
          {
            cause: error,
          },
        )
      }
      to = { server }
    }
  }
}
