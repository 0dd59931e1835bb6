import { Packr, Unpackr } from 'msgpackr'
import { bodyCodec, HydraError, type PayloadOf, type Push, type RouteName } from '@hydra/protocol'
import type { TopicMessage } from '../peer.ts'

const packr = new Packr({ useRecords: false })
const unpackr = new Unpackr({ useRecords: false })

/**
 * Writes a push for its way to the gates: `[name, jsonBody, msgpackBody]` in MessagePack, so that no gate encodes.
 *
 * @throws HydraError `INTERNAL` when the payload cannot be represented.
 */
export function encodeTopicMessage<P extends Push>(push: P, payload: PayloadOf<P>): Uint8Array {
  return packr.pack([push.name, bodyCodec('json').encode(payload), bodyCodec('msgpack').encode(payload)])
}

/** Reads what {@link encodeTopicMessage} wrote. @throws HydraError `PROTOCOL_ERROR` when it is something else. */
export function decodeTopicMessage(bytes: Uint8Array): TopicMessage {
  let fields: unknown
  try {
    fields = unpackr.unpack(bytes)
  } catch (cause) {
    throw notAPush(cause)
  }
  if (!Array.isArray(fields)) throw notAPush()
  const [push, json, msgpack]: unknown[] = fields
  if (typeof push !== 'string' || !(json instanceof Uint8Array) || !(msgpack instanceof Uint8Array))
    throw notAPush()
  return { push: push as RouteName, bodies: { json, msgpack } }
}

const notAPush = (cause?: unknown) =>
  new HydraError('PROTOCOL_ERROR', 'A bus message on a topic is no push.', { cause })
