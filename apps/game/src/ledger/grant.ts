import { HydraError, pushes, type ItemStack } from '@hydra/protocol'
import { retry } from '../actor/retry.ts'
import type { Game } from '../game.ts'
import { rewardOf } from '../role/reward.ts'
import type { RoleState } from '../role/role.ts'
import { withEntry } from './ledger.ts'

/** What the server gives a role by itself. */
export interface Grant {
  readonly reason: 'kill' | 'loot'
  /** The kill or the loot: it is given once, however often this is called. */
  readonly ref: string
  readonly exp?: number
  readonly gold?: number
  readonly items?: readonly ItemStack[]
}

/** How {@link grant} goes about it. */
export interface GrantOptions {
  /** What else is done in the same change, such as counting the kill for the day. */
  readonly also?: (role: RoleState) => RoleState
  /** Until when it is tried again, milliseconds from now. */
  readonly withinMs?: number
}

/** Long enough for a store to come back, or for the role's turn behind other requests. */
const grantMs = 15_000
const backoff = { minMs: 50, maxMs: 2_000 }

/**
 * Gives a role of this server something, once, and tells its player: resolves with the role's state when it is stored.
 * What fails for the moment is tried again, within bounds. Takes a turn of the role, so it must not be awaited in one.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE` when it may have been given and may not: give it to nobody else. All other
 * codes say that it was not given: `BAG_FULL`, `BALANCE_TOO_HIGH`, `ROLE_ELSEWHERE`, `ROLE_NOT_FOUND`, `SERVER_BUSY`,
 * `SHUTTING_DOWN`, `TIMEOUT`, `INTERNAL`.
 *
 * @example
 * await grant(game, { rid, uid }, { reason: 'kill', ref: kill.killId, exp: kill.exp, gold: kill.gold }, { also })
 */
export async function grant(
  { actors, tables, clock, random, tell }: Pick<Game, 'actors' | 'tables' | 'clock' | 'random' | 'tell'>,
  { rid, uid }: { readonly rid: string; readonly uid: string },
  entry: Grant,
  { also = (role) => role, withinMs = grantMs }: GrantOptions = {},
): Promise<RoleState> {
  const untilMs = clock.monotonicMs() + withinMs
  const remainingMs = () => untilMs - clock.monotonicMs()
  let mayBeGiven = false
  let failure: unknown
  let isUnderWay = false
  const attempt = async () => {
    isUnderWay = true
    const after = await actors.runFor({ rid, uid, remainingMs }, async (role) => {
      const { seq } = role.state.ledger
      const state = await role.changeDurably((before) => {
        const given = withEntry(before, entry, { tables, nowMs: clock.nowMs() })
        return given === before ? before : also(given)
      })
      const reward = state.ledger.seq === seq ? undefined : rewardOf(entry.reason, entry, state)
      if (reward !== undefined) tell(rid, pushes.game.role.rewarded, reward)
      return state
    })
    isUnderWay = false
    return after
  }
  const onFailure = (error: unknown) => {
    isUnderWay = false
    failure = error
    mayBeGiven ||= HydraError.hasCode(error, 'STORAGE_UNAVAILABLE')
    return remainingMs() > 0 && passing.some((code) => HydraError.hasCode(error, code))
  }
  const late = new AbortController()
  const timer = clock.after(withinMs, () =>
    late.abort(new HydraError('TIMEOUT', 'The role was not free in time.')),
  )
  try {
    return await retry(attempt, { clock, random, backoff, signal: late.signal, onFailure })
  } catch (error) {
    // After an unknown outcome only a refusal by the state of the role is certain, and that says what is stored.
    if (byState.some((code) => HydraError.hasCode(error, code))) throw error
    if (!mayBeGiven && !isUnderWay) throw failure ?? error
    throw new HydraError('STORAGE_UNAVAILABLE', `Whether role ${rid} was given something is not known.`, {
      cause: error,
      metadata: { rid, ref: entry.ref },
    })
  } finally {
    timer.cancel()
  }
}

/** What another attempt may help against. */
const passing = ['STORAGE_UNAVAILABLE', 'SERVER_BUSY'] as const
const byState = ['BAG_FULL', 'BALANCE_TOO_HIGH'] as const
