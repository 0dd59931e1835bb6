import { Packr, Unpackr } from 'msgpackr'
import { HydraError, services, type Serializer, type Service } from '@hydra/protocol'
import {
  readSession,
  readUpdate,
  sessionBytes,
  sessionFields,
  textBytes,
  updateBytes,
} from './frame-session.ts'
import type { SessionIdentity, SessionUpdate } from '../session-identity.ts'
import { isSubjectToken } from '../subjects.ts'
import { isTraceparent } from './traceparent.ts'

/**
 * One bus message between two servers is a batch, `[fromType, fromId, frames]` in MessagePack; each frame is an array
 * that starts with its kind. Numbers and order of the fields are stable: servers of neighbouring versions talk.
 */
export const frameKind = Object.freeze({ request: 1, reply: 2, notify: 3 })

/** A call: `[1, id, route, remainingMs, traceparent, session, serializer, body]`. */
export interface RequestFrame {
  readonly kind: 'request'
  readonly id: number
  readonly route: string
  /** Relative, because two machines have no clock in common. */
  readonly remainingMs: number
  readonly traceparent: string
  /** The client's, for a route that clients call; `null` between servers. */
  readonly session: SessionIdentity | null
  readonly serializer: Serializer
  readonly body: Uint8Array
}

/** The answer to a call: `[2, id, ok, serializer, body, update]`. */
export interface ReplyFrame {
  readonly kind: 'reply'
  readonly id: number
  readonly ok: boolean
  readonly serializer: Serializer
  readonly body: Uint8Array
  readonly update: SessionUpdate | undefined
}

/** A client's message that nobody answers: `[3, route, traceparent, session, serializer, body]`. */
export interface NotifyFrame {
  readonly kind: 'notify'
  readonly route: string
  readonly traceparent: string
  readonly session: SessionIdentity
  readonly serializer: Serializer
  readonly body: Uint8Array
}

/** Any frame. */
export type Frame = RequestFrame | ReplyFrame | NotifyFrame

/** A frame as it lies in a batch, and a bound on the bytes that it takes there. */
export interface WireFrame {
  readonly fields: readonly unknown[]
  readonly maxBytes: number
}

/** Who sent a batch. */
export interface Sender {
  readonly type: Service
  readonly id: string
}

const packr = new Packr({ useRecords: false, variableMapSize: true })
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' })

const serializerNumber = { json: 0, msgpack: 1 } as const satisfies Record<Serializer, number>
const largestCallId = 0xffff_ffff
/** Array head, kind, id, numbers and the heads of strings and body, at their longest. */
const fixedFrameBytes = 64
/** Array heads and the sender. */
export const batchOverheadBytes = 512

/** Lays a frame out for a batch. */
export function toWire(frame: Frame): WireFrame {
  switch (frame.kind) {
    case 'request': {
      const { id, route, remainingMs, traceparent, session, serializer, body } = frame
      return {
        fields: [
          frameKind.request,
          id,
          route,
          Math.ceil(remainingMs),
          traceparent,
          session === null ? null : sessionFields(session),
          serializerNumber[serializer],
          body,
        ],
        maxBytes:
          fixedFrameBytes + textBytes(route) + textBytes(traceparent) + sessionBytes(session) + body.length,
      }
    }
    case 'notify': {
      const { route, traceparent, session, serializer, body } = frame
      return {
        fields: [
          frameKind.notify,
          route,
          traceparent,
          sessionFields(session),
          serializerNumber[serializer],
          body,
        ],
        maxBytes:
          fixedFrameBytes + textBytes(route) + textBytes(traceparent) + sessionBytes(session) + body.length,
      }
    }
    case 'reply': {
      const { id, ok, serializer, body, update } = frame
      return {
        fields: [frameKind.reply, id, ok, serializerNumber[serializer], body, update ?? null],
        maxBytes: fixedFrameBytes + body.length + updateBytes(update),
      }
    }
  }
}

/** Writes a batch of frames' fields. */
export function encodeBatch(from: Sender, frames: readonly WireFrame['fields'][]): Uint8Array {
  return packr.pack([from.type, from.id, frames])
}

/**
 * Reads a batch. Frames of a form that is not ours are left out and counted, so that one of them does not cost its
 * neighbours; bodies are views into `bytes`.
 *
 * @throws HydraError `PROTOCOL_ERROR` when the whole is no batch.
 */
export function decodeBatch(bytes: Uint8Array): { from: Sender; frames: Frame[]; malformed: number } {
  const batch = unpack(bytes)
  if (!Array.isArray(batch)) throw notABatch()
  const [type, id, rawFrames]: unknown[] = batch
  if (!isService(type) || !isSubjectToken(id) || !Array.isArray(rawFrames)) throw notABatch()
  const frames: Frame[] = []
  for (const raw of rawFrames as unknown[]) {
    const frame = Array.isArray(raw) ? fromWire(raw) : undefined
    if (frame !== undefined) frames.push(frame)
  }
  return { from: { type, id }, frames, malformed: rawFrames.length - frames.length }
}

function unpack(bytes: Uint8Array): unknown {
  try {
    return unpackr.unpack(bytes)
  } catch (cause) {
    throw notABatch(cause)
  }
}

const notABatch = (cause?: unknown) =>
  new HydraError('PROTOCOL_ERROR', 'A bus message between servers is no batch of frames.', { cause })

function fromWire([kind, ...fields]: unknown[]): Frame | undefined {
  switch (kind) {
    case frameKind.request:
      return readRequest(fields)
    case frameKind.reply:
      return readReply(fields)
    case frameKind.notify:
      return readNotify(fields)
    default:
      return undefined
  }
}

function readRequest(fields: unknown[]): RequestFrame | undefined {
  const [id, route, remainingMs, traceparent, rawSession, serializerCode, body] = fields
  const serializer = readSerializer(serializerCode)
  if (!isCallId(id) || typeof route !== 'string' || serializer === undefined || !isBytes(body))
    return undefined
  if (typeof remainingMs !== 'number' || !Number.isFinite(remainingMs) || !isTraceparent(traceparent))
    return undefined
  const session = rawSession === null ? null : readSession(rawSession, serializer)
  if (session === undefined) return undefined
  return { kind: 'request', id, route, remainingMs, traceparent, session, serializer, body }
}

function readReply(fields: unknown[]): ReplyFrame | undefined {
  const [id, ok, serializerCode, body, rawUpdate] = fields
  const serializer = readSerializer(serializerCode)
  if (!isCallId(id) || typeof ok !== 'boolean' || serializer === undefined || !isBytes(body)) return undefined
  const update = rawUpdate === null ? null : readUpdate(rawUpdate)
  if (update === undefined) return undefined
  return { kind: 'reply', id, ok, serializer, body, update: update ?? undefined }
}

function readNotify(fields: unknown[]): NotifyFrame | undefined {
  const [route, traceparent, rawSession, serializerCode, body] = fields
  const serializer = readSerializer(serializerCode)
  if (typeof route !== 'string' || serializer === undefined || !isBytes(body) || !isTraceparent(traceparent))
    return undefined
  const session = readSession(rawSession, serializer)
  return session && { kind: 'notify', route, traceparent, session, serializer, body }
}

const readSerializer = (code: unknown): Serializer | undefined =>
  code === serializerNumber.json ? 'json' : code === serializerNumber.msgpack ? 'msgpack' : undefined

const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array
const isCallId = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= largestCallId
const isService = (value: unknown): value is Service => services.some((service) => service === value)
