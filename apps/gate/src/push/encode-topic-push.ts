import { routeDictionary } from '@hydra/protocol'
import type { TopicMessage } from '@hydra/rpc'
import { encodePush } from '../packet/encode-message.ts'
import type { PushVariant } from './topic-variants.ts'

/** Frames a push of a topic the way one kind of client reads it. `compress` answers `undefined` when that gains nothing. */
export function encodeTopicPush(
  { push, bodies }: TopicMessage,
  { serializer, coded, compressed }: PushVariant,
  compress: (body: Uint8Array) => Uint8Array | undefined,
): Uint8Array {
  const route = (coded ? routeDictionary[push] : undefined) ?? push
  const body = bodies[serializer]
  const smaller = compressed ? compress(body) : undefined
  return encodePush(route, smaller ?? body, smaller !== undefined)
}
