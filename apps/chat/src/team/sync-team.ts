import type { Presence } from '@hydra/persistence'
import { sharedChannel } from '../channel/channel.ts'
import type { Chat } from '../chat.ts'
import { beginMarkers } from '../presence/begin-markers.ts'

/** Rounds after which somebody keeps changing the role's team; the next change goes on from there. */
const roundsMax = 5

/**
 * Makes what is noted of a role that is online, and what its gate delivers to it, agree with the team it is in. Each
 * call ends with a look that shows what it did last, so several at once, on whichever servers, end right.
 *
 * @param left a team whose topic the role's session may have besides the one that is noted
 * @throws HydraError `STORAGE_UNAVAILABLE`, `TIMEOUT` of a gate: to be repeated.
 */
export async function syncTeam(chat: Chat, rid: string, left?: string): Promise<Presence | undefined> {
  const { chatTeams, presence, topics, log } = chat
  const former = new Set(left === undefined ? [] : [left])
  let teamId = await chatTeams.teamOf(rid)
  for (let round = 0; round < roundsMax; round++) {
    const noted = (await presence.get(rid))?.teamId
    if (noted !== undefined) former.add(noted)
    const member = await presence.update(rid, { teamId: teamId ?? null })
    if (member === undefined) return undefined
    for (const each of former) {
      if (each === teamId) continue
      const channel = sharedChannel('team', each)
      await topics.leave(member, channel.topics)
      await chat.chatMarkers.remove(rid, [channel.key])
    }
    // Also when it was noted before: whoever noted it may have died before the gate heard of it.
    if (teamId !== undefined) await joinTeam(chat, member, teamId)
    const applied = teamId
    teamId = await chatTeams.teamOf(rid)
    if (teamId === applied) return member
    if (applied !== undefined) former.add(applied)
  }
  log.warn({ rid }, 'the team of a role keeps changing')
  return presence.get(rid)
}

async function joinTeam(chat: Chat, member: Presence, teamId: string): Promise<void> {
  const channel = sharedChannel('team', teamId)
  await beginMarkers(chat, member.rid, [channel])
  await chat.topics.joinIfRoom(member, channel.topics)
}
