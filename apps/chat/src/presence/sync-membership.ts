import type { Presence } from '@hydra/persistence'
import { sharedChannel } from '../channel/channel.ts'
import type { Chat } from '../chat.ts'
import { beginMarkers } from './begin-markers.ts'

/** What making memberships known needs. */
export type MembershipChat = Pick<
  Chat,
  'presence' | 'alliances' | 'chatLog' | 'chatArchive' | 'chatMarkers' | 'topics' | 'log'
>

/** What whoever calls {@link syncMembership} knows already. */
export interface SyncMembershipOptions {
  /** The alliance, `null` for none, that presence and gate show already; read again nevertheless. */
  readonly applied?: string | null
  /** An alliance that the role was in, for one that is not online: nobody else knows what to forget. */
  readonly left?: string
}

/** How often a membership may change while it is being made known. */
const roundsMax = 5

/**
 * Makes what chat shows of a role's alliance agree with the database: what is noted with its presence, what its gate
 * delivers to it, and its read marker. Answers its presence then; `undefined`: it is not online.
 *
 * Any number of servers may do this for one role at the same time. Each one undoes what it did itself, and ends with a
 * read that shows what it did last; so what the last one leaves is what the database has.
 *
 * @throws HydraError `STORAGE_UNAVAILABLE`; `TIMEOUT` and the like of a gate that did not answer: it is to be done again.
 * @example
 * await chat.alliances.change(allianceId, [rid], kick)
 * await syncMembership(chat, rid, { left: allianceId })
 */
export async function syncMembership(
  chat: MembershipChat,
  rid: string,
  options: SyncMembershipOptions = {},
): Promise<Presence | undefined> {
  let { applied } = options
  // What others have undone in the presence only, this one finds nowhere else.
  const former = new Set([options.left, applied].filter((allianceId) => typeof allianceId === 'string'))
  let joined: Presence | undefined
  for (let round = 0; round <= roundsMax; round += 1) {
    const wanted = await membershipOf(chat, rid)
    if (wanted !== applied) {
      joined = (await apply(chat, rid, wanted, former)) ?? joined
      applied = wanted
      if (wanted !== null) former.add(wanted)
      continue
    }
    const noted = await chat.presence.get(rid)
    if (joined === undefined || joined.sessionId === noted?.sessionId) return noted
    // It left before its gate heard of the alliance; the session may go on with another role.
    await chat.topics.leave(joined, topicsOfAll(former))
    joined = undefined
    applied = undefined
  }
  chat.log.error({ rid, allianceId: applied }, 'the alliance of a role changes faster than it can be shown')
  return chat.presence.get(rid)
}

/** The alliance of a role as the database has it, `null` for none. @throws HydraError `STORAGE_UNAVAILABLE`. */
export async function membershipOf(
  { alliances }: Pick<Chat, 'alliances'>,
  rid: string,
): Promise<string | null> {
  const [membership] = await alliances.memberships([rid])
  return membership?.allianceId ?? null
}

/**
 * Presence first: a role that is put out stops speaking before it stops hearing, and begins the other way round. Answers
 * the presence whose session hears of an alliance now.
 */
async function apply(
  chat: MembershipChat,
  rid: string,
  wanted: string | null,
  former: ReadonlySet<string>,
): Promise<Presence | undefined> {
  const before = (await chat.presence.get(rid))?.allianceId
  const left = new Set([...former, ...(before === undefined ? [] : [before])])
  if (wanted !== null) {
    left.delete(wanted)
    await beginMarkers(chat, rid, [sharedChannel('alliance', wanted)])
  }
  const member = await chat.presence.update(rid, { allianceId: wanted })
  if (member !== undefined && left.size > 0) await chat.topics.leave(member, topicsOfAll(left))
  if (member !== undefined && wanted !== null) await chat.topics.joinIfRoom(member, topicsOfAll([wanted]))
  if (left.size > 0) {
    const keys = [...left].map((allianceId) => sharedChannel('alliance', allianceId).key)
    await chat.chatMarkers.remove(rid, keys)
  }
  return wanted === null ? undefined : member
}

const topicsOfAll = (allianceIds: Iterable<string>): readonly string[] =>
  [...allianceIds].flatMap((allianceId) => sharedChannel('alliance', allianceId).topics)
