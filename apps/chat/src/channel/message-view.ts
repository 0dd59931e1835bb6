import type { StoredMessage } from '@hydra/persistence'
import type { ChatMessage } from '@hydra/protocol'
import { nameFor, otherOf, roleTopic, type Channel } from './channel.ts'

/** A message as a role sees it: a private conversation has another name for either side. */
export function toMessage(channel: Channel, rid: string, message: StoredMessage): ChatMessage {
  const { seq, from, text, sentAtMs, data, deleted } = message
  return {
    channel: nameFor(channel, rid),
    seq,
    from,
    text,
    sentAtMs,
    ...(data === undefined ? {} : { data }),
    ...(deleted === undefined ? {} : { deleted }),
  }
}

/** For whom a push is written, and the topic that they receive it by. In shared channels it is the same for all. */
export interface Viewers {
  readonly topic: string
  readonly rid: string
}

/** Everybody whom a push to a channel has to reach. */
export function viewersOf({ kind, key, topics }: Channel): readonly Viewers[] {
  if (kind !== 'private') return topics.map((topic) => ({ topic, rid: '' }))
  const one = otherOf(key, '')
  return [one, otherOf(key, one)].map((rid) => ({ topic: roleTopic(rid), rid }))
}
