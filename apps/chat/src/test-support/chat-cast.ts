import { HydraError } from '@hydra/protocol'
import type { RoleSession } from '@hydra/rpc'
import { sharedChannel, privateChannel, systemChannel } from '../channel/channel.ts'
import type { ChatWorld } from './chat-world.ts'
import type { TestGate } from './test-gate.ts'

/** Roles of one test, each with its session, and what they are in. */
export interface ChatCast {
  /** Leads the alliance, is in the team, moderates. */
  readonly leader: RoleSession
  /** A member of both. */
  readonly member: RoleSession
  /** Has joined chat and is in neither. */
  readonly outsider: RoleSession
  /** An earlier session of the outsider. */
  readonly replaced: RoleSession
  /** Has a role but has not joined chat. */
  readonly absent: RoleSession
  /** A session whose role does not exist. */
  readonly nobody: RoleSession
  readonly allianceId: string
  readonly teamId: string
}

/** Puts a cast on stage; `tag` is part of all its ids, so that several share a world without touching each other. */
export async function castOf(world: ChatWorld, gate: TestGate, tag: string): Promise<ChatCast> {
  const { roles, alliances, stores } = world.storage
  const [allianceId, teamId] = [`a-${tag}`, `t-${tag}`]
  const role = (who: string) => ({
    rid: `${who}-${tag}`,
    uid: `u-${who}-${tag}`,
    name: `${who} ${tag}`,
    level: 9,
  })
  const stored = { epoch: 0, version: 0, schema: 1, data: {} }
  const [leader, member, outsider, absent] = [role('lea'), role('mem'), role('out'), role('abs')]
  const written = { name: `Alliance ${tag}`, tag: `A${tag}`, description: '', minLevel: 1 } as const
  const found = async () => {
    await alliances.create({ allianceId, ...written, policy: 'open', founder: leader })
    await alliances.change(allianceId, [member.rid], () => ({ join: [{ ...member, rank: 'member' }] }))
  }
  await Promise.all([
    ...[leader, member, outsider, absent].map((each) =>
      roles.create({ ...each, ...stored }, { maxPerAccount: 8 }),
    ),
    found(),
    stores.chatTeams.replace(teamId, 1, [leader.rid, member.rid]),
  ])
  const open = ({ uid, rid }: { readonly uid: string; readonly rid: string }, epoch: number) =>
    gate.open(uid, rid, epoch)
  const enter = async (each: ReturnType<typeof role>, epoch: number): Promise<RoleSession> => {
    const session = open(each, epoch)
    await gate.enter(session, each.name, each.level)
    return session
  }
  const [replaced, led, joined] = await Promise.all([enter(outsider, 1), enter(leader, 1), enter(member, 1)])
  const newer = await enter(outsider, 2)
  return {
    leader: { ...led, data: { moderator: true } },
    member: joined,
    outsider: newer,
    replaced,
    absent: open(absent, 1),
    nobody: open(role('nob'), 1),
    allianceId,
    teamId,
  }
}

/** Everything that chat keeps of a cast: what a request that was refused must not have changed. */
export async function stateOf({ storage }: ChatWorld, cast: ChatCast): Promise<unknown> {
  const { alliances, objects, stores } = storage
  const { presence, chatLog, chatMarkers, chatTeams } = stores
  const { leader, member, outsider, absent, nobody, allianceId, teamId } = cast
  const rids = [leader, member, outsider, absent, nobody].map(({ rid }) => rid)
  const channels = [
    systemChannel,
    sharedChannel('world', 'test-1'),
    sharedChannel('alliance', allianceId),
    sharedChannel('team', teamId),
    privateChannel(leader.rid, member.rid),
  ].map(({ key }) => key)
  const each = <T>(read: (rid: string) => Promise<T>) => Promise.all(rids.map(read))
  return Promise.all([
    each((rid) => presence.get(rid)),
    chatLog.ends(channels),
    Promise.all(channels.map((channel) => chatLog.page(channel, { limit: 3 }))),
    each((rid) => chatMarkers.get(rid, channels)),
    each((rid) => chatMarkers.conversations(rid, 10)),
    each((rid) => chatTeams.teamOf(rid)),
    each((rid) => objects.get(rid, 'chat', 'muted')),
    each((rid) => objects.get(rid, 'chat', 'silence')),
    alliances.memberships(rids),
    alliances.roster(allianceId),
    each((rid) => alliances.requestsWith(rid)),
    alliances.log(allianceId, { limit: 3 }).catch(unlessGone),
  ])
}

function unlessGone(error: unknown): undefined {
  if (!HydraError.hasCode(error, 'ALLIANCE_NOT_FOUND')) throw error
}
