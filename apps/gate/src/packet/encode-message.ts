import {
  bodyCodec,
  encodeMessagePacket,
  encodePacket,
  packetType,
  type DisconnectReason,
  type HydraError,
  type KickBody,
  type RouteRef,
  type Serializer,
} from '@hydra/protocol'

/** A body without content in each serializer: Pomelo's JavaScript client throws on a body of no bytes. */
export const emptyBody: Readonly<Record<Serializer, Uint8Array>> = {
  json: bodyCodec('json').encode({}),
  msgpack: bodyCodec('msgpack').encode({}),
}

/** A heartbeat, the same for all. */
export const heartbeatPacket = encodePacket(packetType.heartbeat)

/** The answer to a request, under the very bytes of its id. */
export function encodeResponse(
  id: Uint8Array,
  body: Uint8Array,
  { error, compressed }: { readonly error: boolean; readonly compressed: boolean },
): Uint8Array {
  return encodeMessagePacket({ kind: 'response', id, body, error, compressed })
}

/** An error as the answer to a request. */
export function encodeErrorResponse(id: Uint8Array, error: HydraError, serializer: Serializer): Uint8Array {
  return encodeResponse(id, errorBody(error, serializer), { error: true, compressed: false })
}

const errorBodies = {
  json: new WeakMap<HydraError, Uint8Array>(),
  msgpack: new WeakMap<HydraError, Uint8Array>(),
}

/** The same error is refused with again and again when a client floods the gate. */
function errorBody(error: HydraError, serializer: Serializer): Uint8Array {
  const known = errorBodies[serializer].get(error)
  if (known !== undefined) return known
  const body = bodyCodec(serializer).encode(error.toBody())
  errorBodies[serializer].set(error, body)
  return body
}

/** A push under its name, or its code for clients with the dictionary. */
export function encodePush(route: RouteRef, body: Uint8Array, compressed: boolean): Uint8Array {
  return encodeMessagePacket({ kind: 'push', route, body, compressed })
}

/** Tells a client why it is being disconnected. */
export function encodeKick(code: DisconnectReason, reason: string): Uint8Array {
  const body: KickBody = { code, reason }
  return encodePacket(packetType.kick, new TextEncoder().encode(JSON.stringify(body)))
}
