import type { AllianceChanged, AllianceRole } from '@hydra/persistence'
import { HydraError, type ParsedRequestOf, type routes } from '@hydra/protocol'
import type { Chat } from '../chat.ts'
import { named } from './alliance.ts'
import { isRefusal, underMark } from './change-alliance.ts'
import { hold, releasePayment, settlePayment, type WalletDeps } from './wallet-link.ts'

/** What an alliance begins with. */
export type Founding = ParsedRequestOf<typeof routes.chat.alliance.create>

/**
 * Founds an alliance for its price. The gold is set aside under the id that the alliance gets; it is taken when the
 * alliance is there and given back when it was refused. Where nobody knows, and where this server dies in between, game
 * asks `chat.alliance.outcome`, after which a founding that is still on its way is refused: so no price is ever taken
 * for nothing, and no alliance had for free.
 *
 * @throws HydraError `ALREADY_IN_ALLIANCE`, `ALLIANCE_NAME_TAKEN`, `ALLIANCE_TAG_TAKEN`, `FUNDS_TOO_LOW`,
 * `HOLD_LIMIT_REACHED`; `STORAGE_UNAVAILABLE`, `TIMEOUT`: it may be founded, `chat.alliance.mine` knows.
 */
export async function foundAlliance(
  chat: Chat,
  founder: AllianceRole,
  wanted: Founding,
): Promise<AllianceChanged> {
  const { price } = chat.config.alliance
  const [membership] = await chat.alliances.memberships([founder.rid])
  if (membership !== undefined) {
    throw new HydraError(
      'ALREADY_IN_ALLIANCE',
      'Leave the alliance of this role before founding another one.',
    )
  }
  const allianceId = chat.ids.next()
  if (price === 0) return create(chat, allianceId, founder, wanted)
  const payment = { rid: founder.rid, uid: founder.uid, holdId: allianceId }
  const wallet = walletDeps(chat)
  await hold(wallet, payment, price)
  const begun = { create: false }
  try {
    const changed = await create(chat, allianceId, founder, wanted, () => (begun.create = true))
    await settlePayment(wallet, payment)
    return changed
  } catch (error) {
    if (!begun.create || isRefusal(error)) await releasePayment(wallet, payment)
    throw error
  }
}

async function create(
  chat: Chat,
  allianceId: string,
  founder: AllianceRole,
  wanted: Founding,
  onBegin: () => void = () => {},
): Promise<AllianceChanged> {
  const changed = await underMark(chat, { allianceId, rids: [founder.rid] }, async () => {
    onBegin()
    return {
      decided: {
        join: [{ ...founder, rank: 'leader' }],
        log: { kind: 'founded', actor: named(founder) },
      },
      changed: await chat.alliances.create({ ...wanted, allianceId, founder }).catch(refuseVoided),
    }
  })
  if (changed === undefined) throw new HydraError('INTERNAL', 'A founding always answers an alliance.')
  return changed
}

/** Game has asked before the alliance was there, and given the price back. */
function refuseVoided(error: unknown): never {
  if (!HydraError.hasCode(error, 'ALLIANCE_NOT_FOUND')) throw error
  throw new HydraError('SERVER_BUSY', 'Founding has taken too long and was called off; try again.', {
    cause: error,
  })
}

const walletDeps = ({ peer, clock, log, config }: Chat): WalletDeps => ({
  peer,
  clock,
  log,
  timeoutMs: config.alliance.walletTimeoutMs,
})
