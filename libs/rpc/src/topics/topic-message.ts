import { Packr, Unpackr } from 'msgpackr'
import { bodyCodec, HydraError, type PayloadOf, type Push, type RouteName } from '@hydra/protocol'
import type { TopicMessage, TopicOrder } from '../peer.ts'

const packr = new Packr({ useRecords: false })
const unpackr = new Unpackr({ useRecords: false })

/**
 * Writes a push for its way to the gates: `[name, jsonBody, msgpackBody]` in MessagePack, so that no gate encodes; with
 * an order `[name, jsonBody, msgpackBody, sequence, seq]`.
 *
 * @throws HydraError `INTERNAL` when the payload cannot be represented.
 */
export function encodeTopicMessage<P extends Push>(
  push: P,
  payload: PayloadOf<P>,
  order?: TopicOrder,
): Uint8Array {
  const fields: unknown[] = [
    push.name,
    bodyCodec('json').encode(payload),
    bodyCodec('msgpack').encode(payload),
  ]
  if (order !== undefined) fields.push(order.sequence, order.seq)
  return packr.pack(fields)
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
  const [push, json, msgpack, sequence, seq]: unknown[] = fields
  if (typeof push !== 'string' || !(json instanceof Uint8Array) || !(msgpack instanceof Uint8Array))
    throw notAPush()
  const message = { push: push as RouteName, bodies: { json, msgpack } }
  return typeof sequence === 'string' && typeof seq === 'number'
    ? { ...message, order: { sequence, seq } }
    : message
}

const notAPush = (cause?: unknown) =>
  new HydraError('PROTOCOL_ERROR', 'A bus message on a topic is no push.', { cause })
