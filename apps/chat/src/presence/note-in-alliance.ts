import type { AllianceMembership, AllianceRole } from '@hydra/persistence'
import type { Chat } from '../chat.ts'

/** What noting needs. */
export type NoteInAllianceChat = Pick<
  Chat,
  'alliances' | 'allianceViews' | 'clock' | 'ids' | 'config' | 'log'
>

/** How often a role may change its alliance while it is being noted. */
const roundsMax = 5

/**
 * Makes the alliance of a role, and its applications, show its name and level. Costs a read or two when they do.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`.
 * @example await noteInAlliance(chat, { rid, uid, name, level })
 */
export async function noteInAlliance(chat: NoteInAllianceChat, role: AllianceRole): Promise<void> {
  let [membership] = await chat.alliances.memberships([role.rid])
  if (membership !== undefined && isShown(membership, role)) return
  for (let round = 0; round < roundsMax; round += 1) {
    const marked = membership?.allianceId
    membership = await update(chat, role, marked)
    if (membership?.allianceId === marked) return
    // It has moved meanwhile, and its new alliance's view may have been put with what was shown before.
  }
  chat.log.warn({ rid: role.rid }, 'a role changes its alliance faster than its name can be shown there')
}

const isShown = ({ uid, name, level }: AllianceMembership, role: AllianceRole): boolean =>
  uid === role.uid && name === role.name && level === role.level

/** Under a mark, as any change of what the view shows: whoever reads meanwhile must not keep the former name. */
async function update(
  { alliances, allianceViews, clock, ids, config }: NoteInAllianceChat,
  role: AllianceRole,
  allianceId: string | undefined,
): Promise<AllianceMembership | undefined> {
  if (allianceId === undefined) return alliances.updateRole(role)
  const mark = { token: ids.next(), allianceId, rids: [] }
  await allianceViews.begin(mark, clock.nowMs() + config.alliance.changeTimeoutMs)
  const membership = await alliances.updateRole(role)
  await allianceViews.finish(mark, await alliances.roster(allianceId))
  return membership
}
