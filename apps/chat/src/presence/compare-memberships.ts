import type { Presence } from '@hydra/persistence'
import type { Chat } from '../chat.ts'
import { syncMembership, type MembershipChat } from './sync-membership.ts'

/** What comparing needs. */
export type CompareMembershipsChat = MembershipChat & Pick<Chat, 'alliances'>

/**
 * Brings in line roles that are noted with another alliance than the database has: a Redis that has come back without its
 * last second shows a member that was put out since, who could speak and read until it enters again. One query; never
 * rejects, because the sweep has more to do.
 *
 * @param page roles as they are noted, of one moment or a bit later
 */
export async function compareMemberships(
  chat: CompareMembershipsChat,
  page: readonly Presence[],
): Promise<void> {
  try {
    const memberships = await chat.alliances.memberships(page.map(({ rid }) => rid))
    for (const [index, { rid, allianceId: noted }] of page.entries()) {
      if (noted === memberships[index]?.allianceId) continue
      // As a rule somebody is just coming or going, and whoever made that change says the same as this does.
      await syncMembership(chat, rid, noted === undefined ? {} : { left: noted })
    }
  } catch (err) {
    chat.log.warn({ err }, 'the alliances of roles could not be compared; the next look tries again')
  }
}
