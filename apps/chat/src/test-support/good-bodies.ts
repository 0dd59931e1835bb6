import type { RequestOf, RoutesOf } from '@hydra/protocol'
import type { ChatCast } from './chat-cast.ts'

/** One body that each route of chat takes: a route without one does not compile. */
export type GoodBodies = { readonly [R in RoutesOf<'chat'> as R['name']]: RequestOf<R> }

/** Good bodies that name the roles and channels of a cast. */
export function goodBodies({ leader, member, outsider, allianceId, teamId }: ChatCast): GoodBodies {
  const channel = `alliance-${allianceId}`
  const rids = [leader.rid, member.rid]
  const data = { kind: 'drop', count: 2, rare: true }
  // Later than any clock of a test.
  const askedAtMs = Date.UTC(2100, 0, 1)
  const { rid, uid, gateId, sessionId, epoch: sessionEpoch } = outsider
  return {
    'chat.channel.send': { channel, text: 'hello', messageId: 'm1' },
    'chat.channel.history': { channel, afterSeq: 0, limit: 10 },
    'chat.channel.join': { channel },
    'chat.channel.list': {},
    'chat.channel.read': { channel, seq: 1 },
    'chat.channel.delete': { channel, seq: 1 },
    'chat.channel.post': {
      channel,
      from: { rid, name: 'Ada' },
      text: 'hello',
      data,
      messageId: 'm2',
      askedAtMs,
    },
    'chat.mute.add': { rid: member.rid },
    'chat.mute.remove': { rid: member.rid },
    'chat.mute.list': {},
    'chat.presence.get': { rids },
    'chat.presence.watch': { rids },
    'chat.presence.unwatch': { rids },
    'chat.presence.enter': { rid, uid, name: 'Eve', level: 1, gateId, sessionId, sessionEpoch },
    'chat.presence.update': { rid: member.rid, name: 'Grace', level: 2 },
    'chat.presence.leave': { rid, sessionId, sessionEpoch },
    'chat.moderation.silence': { rid: member.rid, untilMs: 1e12, reason: 'too loud' },
    'chat.moderation.deleteMessage': { channel, seq: 1 },
    'chat.system.announce': { channel, text: 'hello', data, messageId: 'm3' },
    'chat.team.update': { teamId, version: 2, rids },
    'chat.alliance.create': { name: 'Founders', tag: 'FND', description: 'x', policy: 'open', minLevel: 1 },
    'chat.alliance.get': { allianceId },
    'chat.alliance.mine': {},
    'chat.alliance.search': { text: 'all', limit: 5 },
    'chat.alliance.members': { allianceId },
    'chat.alliance.apply': { allianceId },
    'chat.alliance.cancel': { allianceId },
    'chat.alliance.applications': { limit: 5 },
    'chat.alliance.approve': { rid },
    'chat.alliance.reject': { rid },
    'chat.alliance.invite': { rid },
    'chat.alliance.uninvite': { rid },
    'chat.alliance.requests': {},
    'chat.alliance.accept': { allianceId },
    'chat.alliance.decline': { allianceId },
    'chat.alliance.leave': {},
    'chat.alliance.kick': { rid: member.rid },
    'chat.alliance.promote': { rid: member.rid },
    'chat.alliance.demote': { rid: member.rid },
    'chat.alliance.handOver': { rid: member.rid },
    'chat.alliance.update': { notice: 'new', description: 'new', policy: 'closed', minLevel: 3 },
    'chat.alliance.disband': {},
    'chat.alliance.log': { beforeSeq: 9, limit: 5 },
    'chat.alliance.setLevel': { allianceId, level: 2 },
    'chat.alliance.outcome': { allianceId },
  }
}

/** Routes that somebody calls who is in no alliance; all others are called by a leader. */
export const outsidersRoutes: ReadonlySet<string> = new Set<keyof GoodBodies>([
  'chat.alliance.create',
  'chat.alliance.apply',
  'chat.alliance.cancel',
  'chat.alliance.accept',
  'chat.alliance.decline',
])
