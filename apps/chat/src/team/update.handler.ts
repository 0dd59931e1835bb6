import { sharedChannel } from '../channel/channel.ts'
import type { ChatHandler } from '../chat.ts'
import { syncTeam } from './sync-team.ts'

/** Answered when the channel's membership is right on every gate. */
export const update: ChatHandler<'chat.team.update'> = (chat) => async (_context, body) => {
  const { teamId, version, rids } = body
  const changed = await chat.chatTeams.replace(teamId, version, rids)
  if (changed === undefined) return {}
  const { joined, left } = changed
  // Of those who have left, presence may have been told already, and the gate not: an earlier try can have died between.
  await Promise.all([
    ...joined.map((rid) => syncTeam(chat, rid)),
    ...left.map((rid) => syncTeam(chat, rid, teamId)),
  ])
  // Teams come and go: what each had said would stay for days, and its number for good.
  if (rids.length === 0) await chat.chatLog.forget(sharedChannel('team', teamId).key)
  await chat.chatTeams.settled(teamId, version)
  return {}
}
