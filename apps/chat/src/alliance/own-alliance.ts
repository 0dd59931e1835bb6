import type { AllianceChange, AllianceChanged, AllianceMembership, AllianceState } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import type { Chat } from '../chat.ts'
import { notInAlliance } from './alliance.ts'
import { changeAlliance } from './change-alliance.ts'

/** The membership of the role that calls. @throws HydraError `NOT_IN_ALLIANCE`, `STORAGE_UNAVAILABLE`. */
export async function ownMembership(
  { alliances }: Pick<Chat, 'alliances'>,
  { rid }: Pick<RoleSession, 'rid'>,
): Promise<AllianceMembership> {
  const [membership] = await alliances.memberships([rid])
  if (membership === undefined) throw notInAlliance()
  return membership
}

/**
 * Changes the alliance of the role that calls. If that is another one by then, or none, the decision sees it.
 *
 * @param others further roles that the decision is about
 * @throws HydraError `NOT_IN_ALLIANCE`, what `decide` throws, `STORAGE_UNAVAILABLE`.
 */
export async function changeOwn(
  chat: Chat,
  session: Pick<RoleSession, 'rid'>,
  others: readonly string[],
  decide: (state: AllianceState) => AllianceChange | undefined,
): Promise<AllianceChanged | undefined> {
  const { allianceId } = await ownMembership(chat, session)
  const rids = [session.rid, ...others]
  return unlessDisbanded(notInAlliance, () => changeAlliance(chat, { allianceId, rids, decide }))
}

/** Puts into the caller's terms that an alliance has been disbanded: it was a member, or had a request. */
export async function unlessDisbanded<T>(instead: () => HydraError, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    if (HydraError.hasCode(error, 'ALLIANCE_NOT_FOUND')) throw instead()
    throw error
  }
}
