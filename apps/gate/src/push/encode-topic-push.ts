import { routeDictionary } from '@hydra/protocol'
import type { TopicMessage } from '@hydra/rpc'
import { compressBody } from '../packet/compress-body.ts'
import { encodePush } from '../packet/encode-message.ts'
import type { PushVariant } from './topic-variants.ts'

/** Frames a push of a topic the way one kind of client reads it. */
export function encodeTopicPush(
  { push, bodies }: TopicMessage,
  { serializer, coded, compressed }: PushVariant,
  compressMinBytes: number,
): Uint8Array {
  const route = (coded ? routeDictionary[push] : undefined) ?? push
  const body = bodies[serializer]
  const smaller = compressed ? compressBody(body, compressMinBytes) : undefined
  return encodePush(route, smaller ?? body, smaller !== undefined)
}
