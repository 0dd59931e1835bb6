import type { ChannelKind } from '@hydra/protocol'

/** What channels a role has: as noted with its presence. */
export interface Member {
  readonly rid: string
  readonly world: string
  readonly allianceId?: string
  readonly teamId?: string
}

/** A channel that roles talk in. */
export interface Channel {
  readonly kind: ChannelKind
  /** As it is stored: the same for everybody in it. */
  readonly key: string
  /** What gates subscribe to for its members; of a private conversation one for each side. */
  readonly topics: readonly string[]
}

/** Kinds whose messages stay in the database, whatever becomes of the log. */
const archivedKinds: ReadonlySet<ChannelKind> = new Set(['alliance', 'private'])

/** Between the two roles in the key of a conversation; no id has it. */
const between = '.'

/** What a role receives besides its channels: private messages, and answers that concern it alone. */
export const roleTopic = (rid: string): string => `chat-role-${rid}`
/** What those receive who watch a role come and go. */
export const presenceTopic = (rid: string): string => `chat-presence-${rid}`

const shared = (kind: ChannelKind, id?: string): Channel => {
  const key = id === undefined ? kind : `${kind}-${id}`
  return Object.freeze({ kind, key, topics: [`chat-${key}`] })
}

/** The channel that everybody is in and only services speak in. */
export const systemChannel = shared('system')
/** A shard of the world, an alliance's channel, a team's. @example sharedChannel('alliance', id).topics */
export const sharedChannel = (kind: 'world' | 'alliance' | 'team', id: string): Channel => shared(kind, id)

/** The conversation of two roles; which of them is named first makes no difference. */
export function privateChannel(rid: string, other: string): Channel {
  const rids = rid < other ? [rid, other] : [other, rid]
  return Object.freeze({
    kind: 'private',
    key: `private-${rids.join(between)}`,
    topics: rids.map(roleTopic),
  })
}

/** The channel that is stored under a key, if there can be one. @example channelOfKey('team-7')?.kind // 'team' */
export function channelOfKey(key: string): Channel | undefined {
  const { kind, id } = split(key)
  if (kind === 'private') {
    const [rid, other, ...rest] = id?.split(between) ?? []
    return rid && other && rest.length === 0 && rid < other ? privateChannel(rid, other) : undefined
  }
  if (kind === 'system') return id === undefined ? systemChannel : undefined
  return id !== undefined && (kind === 'world' || kind === 'alliance' || kind === 'team')
    ? shared(kind, id)
    : undefined
}

/** The channels of a role, private conversations aside. */
export function channelsOf({ world, allianceId, teamId }: Member): readonly Channel[] {
  return [
    shared('world', world),
    ...(allianceId === undefined ? [] : [shared('alliance', allianceId)]),
    ...(teamId === undefined ? [] : [shared('team', teamId)]),
    systemChannel,
  ]
}

/** Everything that the session of a role receives. */
export const topicsOf = (member: Member): readonly string[] => [
  ...channelsOf(member).flatMap(({ topics }) => topics),
  roleTopic(member.rid),
]

/** How topics begin that only one role of a session receives: whatever {@link topicsOf} does not have is left over. */
export const topicBeginnings: readonly string[] = [
  'chat-world-',
  'chat-alliance-',
  'chat-team-',
  'chat-role-',
]

/** What a name is to a role: its channel, one that it is not in, or nothing. */
export type Found = Channel | 'not-joined' | 'unknown'

/**
 * The channel that a role means by a name: `world`, `alliance` and `team` are its own, with an id or without; in
 * `private-<rid>` the other one is named.
 */
export function findChannel(name: string, member: Member): Found {
  const { kind, id } = split(name)
  switch (kind) {
    case 'system':
      return id === undefined ? systemChannel : 'unknown'
    case 'private':
      return id === undefined || id === member.rid ? 'unknown' : privateChannel(member.rid, id)
    case 'world':
    case 'alliance':
    case 'team': {
      const own = { world: member.world, alliance: member.allianceId, team: member.teamId }[kind]
      return own === undefined || (id !== undefined && id !== own) ? 'not-joined' : shared(kind, own)
    }
    default:
      return 'unknown'
  }
}

/** What a channel is called towards one of its members. @example nameFor(privateChannel('a', 'b'), 'a') // 'private-b' */
export function nameFor({ kind, key }: Channel, rid: string): string {
  return kind === 'private' ? `private-${otherOf(key, rid)}` : key
}

/** The other side of a private conversation. */
export function otherOf(key: string, rid: string): string {
  const [one = '', two = ''] = split(key).id?.split(between) ?? []
  return one === rid ? two : one
}

/** Whether the messages of a channel are archived. */
export const isArchived = ({ kind }: Channel): boolean => archivedKinds.has(kind)

/**
 * Whether a session may read and speak: it is the one that is noted as present. A role whose presence belongs to
 * another session, or to none, joins first.
 */
export function hasJoined(
  session: { readonly sessionId: string },
  presence: { readonly sessionId: string } | undefined,
): boolean {
  return presence?.sessionId === session.sessionId
}

function split(name: string): { readonly kind: string; readonly id: string | undefined } {
  const at = name.indexOf('-')
  return at < 0 ? { kind: name, id: undefined } : { kind: name.slice(0, at), id: name.slice(at + 1) }
}
