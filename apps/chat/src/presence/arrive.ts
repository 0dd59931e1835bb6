import type { Arrival, Presence } from '@hydra/persistence'
import { channelsOf, sharedChannel, topicBeginnings, topicsOf } from '../channel/channel.ts'
import type { Chat } from '../chat.ts'
import { syncTeam } from '../team/sync-team.ts'
import { beginMarkers } from './begin-markers.ts'
import { endPresence } from './end-presence.ts'
import { noteInAlliance } from './note-in-alliance.ts'
import { publishPresence } from './publish-presence.ts'
import { syncSilence } from './silences.ts'
import { membershipOf, syncMembership } from './sync-membership.ts'

/** Of a gate that has left the registry; nobody will join there. */
const zoneOfNowhere = 'default'

/**
 * Marks a role online and joins its session to all of its channels. Presence first: it is what keeps an older session
 * out. Whatever fails after that, the presence is taken back, so that nobody is noted as present who receives nothing.
 *
 * Answers the role as it is noted then; `undefined` when the session or its gate is gone, or a newer session of the role
 * has entered, which stays.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`; `TIMEOUT` and the like of a gate that did not answer.
 */
export async function arrive(chat: Chat, arrival: Arrival): Promise<Presence | undefined> {
  const { presence, metrics, registry, config } = chat
  const { rid, sessionEpoch, gateId } = arrival
  const zone = registry.get(gateId)?.zone ?? zoneOfNowhere
  // Sent together and in this order.
  const [before, arrived] = await Promise.all([
    presence.get(rid),
    presence.enter(arrival, { zone, rolesMax: config.channel.worldRolesMax }),
  ])
  if (arrived === undefined) {
    metrics.joins.inc({ outcome: 'superseded' })
    return undefined
  }
  let member: Presence | undefined
  try {
    member = await join(chat, arrival, arrived, before === undefined)
  } finally {
    metrics.joins.inc({ outcome: member === undefined ? 'not-joined' : 'joined' })
    if (member === undefined) await endPresence(chat, rid, sessionEpoch)
  }
  if (member === undefined) return undefined
  if (before === undefined) publishPresence(chat, member.allianceId, { rid, online: true })
  await mendName(chat, member)
  return member
}

/** Game tells of another name or level once; what was not heard then is noted now. Chatting does not depend on it. */
async function mendName(chat: Chat, { rid, uid, name, level }: Presence): Promise<void> {
  try {
    await noteInAlliance(chat, { rid, uid, name, level })
  } catch (err) {
    chat.log.warn({ rid, err }, 'the alliance of a role may show a former name or level of it')
  }
}

/** Answers the role as it is noted when its session receives its channels; `undefined`: there is nobody to receive. */
async function join(
  chat: Chat,
  { rid, ...session }: Arrival,
  arrived: Presence,
  isNew: boolean,
): Promise<Presence | undefined> {
  const { presence, chatMarkers, chatTeams, topics } = chat
  const [allianceId, teamId] = await Promise.all([
    membershipOf(chat, rid),
    chatTeams.teamOf(rid),
    syncSilence(chat, rid, arrived),
    // Whoever ended the last presence may have died before it came to this.
    isNew ? chatMarkers.remove(rid, [sharedChannel('world', arrived.world).key]) : undefined,
  ])
  const member = await presence.update(rid, { allianceId, teamId: teamId ?? null })
  if (member === undefined) return undefined
  const before = new Set(channelsOf(member).map(({ key }) => key))
  const former = channelsOf(arrived).filter(({ key }) => !before.has(key))
  if (former.length > 0)
    await chatMarkers.remove(
      rid,
      former.map(({ key }) => key),
    )
  await beginMarkers(chat, rid, channelsOf(member))
  // What nobody could tell the gate to leave: another role's topics, or, of a session that was resumed or whose presence
  // was lost, those of an alliance that the role was put out of meanwhile.
  if (!(await topics.join(session, topicsOf(member), { insteadOf: topicBeginnings }))) return undefined

  // What was changed meanwhile may have been told to the gate before it was joined to the topics.
  if ((await chatTeams.teamOf(rid)) !== teamId) await syncTeam(chat, rid, teamId)
  const joined = await syncMembership(chat, rid, { applied: allianceId })
  if (joined === undefined) await topics.leaveOrLog(session, topicsOf(member))
  return joined
}
