import { HydraError, services } from '@hydra/protocol'
import { isSubjectToken } from '../subjects.ts'
import type { Frame, Sender } from './frame.ts'
import { readUpdate, SessionReader } from './frame-session.ts'
import {
  batchFormat,
  frameFlag,
  frameHeadBytes,
  frameKind,
  notifyHeadBytes,
  replyHeadBytes,
  requestHeadBytes,
} from './frame-writer.ts'
import { traceBytes } from './traceparent.ts'

/** A batch as it was read. */
export interface Batch {
  readonly from: Sender
  readonly frames: readonly Frame[]
  /** Frames of a form that is not ours. */
  readonly malformed: number
}

/** Reads what `frame-writer.ts` writes. One for each peer: it remembers the sessions that it has read. */
export class FrameReader {
  readonly #sessions = new SessionReader()

  /**
   * Reads a batch. Frames of a form that is not ours are left out and counted, so that one of them does not cost its
   * neighbours; bodies are views into `payload`.
   *
   * @throws HydraError `PROTOCOL_ERROR` when the whole is no batch.
   */
  read(payload: Uint8Array): Batch {
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
    const type = services[bytes[1] ?? services.length]
    const idEnd = 3 + (bytes[2] ?? 0)
    if (bytes[0] !== batchFormat || type === undefined || idEnd > bytes.length) throw notABatch()
    const id = bytes.toString('latin1', 3, idEnd)
    if (!isSubjectToken(id)) throw notABatch()
    const frames: Frame[] = []
    let malformed = 0
    let at = idEnd
    while (at < bytes.length) {
      const start = at + frameHeadBytes
      // Where the next one starts is not known any more, and what follows cannot be counted.
      if (start > bytes.length) return { from: { type, id }, frames, malformed: malformed + 1 }
      const end = start + bytes.readUInt32BE(at)
      const frame = end > bytes.length ? undefined : this.#frame(bytes, start, end)
      if (frame === undefined) malformed++
      else frames.push(frame)
      at = end
    }
    return { from: { type, id }, frames, malformed }
  }

  #frame(bytes: Buffer, at: number, end: number): Frame | undefined {
    switch (bytes[at]) {
      case frameKind.request:
        return this.#request(bytes, at, end)
      case frameKind.reply:
        return readReply(bytes, at, end)
      case frameKind.notify:
        return this.#notify(bytes, at, end)
      default:
        return undefined
    }
  }

  #request(bytes: Buffer, at: number, end: number): Frame | undefined {
    const routeAt = at + requestHeadBytes
    if (routeAt >= end) return undefined
    const flags = bytes.readUInt8(at + 1)
    const serializer = flags & frameFlag.msgpack ? 'msgpack' : 'json'
    const routeEnd = routeAt + 1 + bytes.readUInt8(routeAt)
    const bodyAt = flags & frameFlag.session ? sessionEnd(bytes, routeEnd, end) : routeEnd
    if (bodyAt > end) return undefined
    const session =
      bodyAt === routeEnd ? null : this.#sessions.read(bytes.subarray(routeEnd + 2, bodyAt), serializer)
    if (session === undefined) return undefined
    return {
      kind: 'request',
      id: bytes.readUInt32BE(at + 2),
      route: bytes.toString('latin1', routeAt + 1, routeEnd),
      remainingMs: bytes.readUInt32BE(at + 6),
      trace: bytes.subarray(at + 10, at + 10 + traceBytes),
      session,
      serializer,
      body: bytes.subarray(bodyAt, end),
    }
  }

  #notify(bytes: Buffer, at: number, end: number): Frame | undefined {
    const routeAt = at + notifyHeadBytes
    if (routeAt >= end) return undefined
    const serializer = bytes.readUInt8(at + 1) & frameFlag.msgpack ? 'msgpack' : 'json'
    const routeEnd = routeAt + 1 + bytes.readUInt8(routeAt)
    const bodyAt = sessionEnd(bytes, routeEnd, end)
    if (bodyAt > end) return undefined
    const session = this.#sessions.read(bytes.subarray(routeEnd + 2, bodyAt), serializer)
    return (
      session && {
        kind: 'notify',
        route: bytes.toString('latin1', routeAt + 1, routeEnd),
        trace: bytes.subarray(at + 2, at + 2 + traceBytes),
        session,
        serializer,
        body: bytes.subarray(bodyAt, end),
      }
    )
  }
}

function readReply(bytes: Buffer, at: number, end: number): Frame | undefined {
  if (at + replyHeadBytes > end) return undefined
  const flags = bytes.readUInt8(at + 1)
  const head = at + replyHeadBytes
  const read = flags & frameFlag.update ? readUpdate(bytes, head) : { update: undefined, end: head }
  if (read === undefined || read.end > end) return undefined
  return {
    kind: 'reply',
    id: bytes.readUInt32BE(at + 2),
    error: (flags & frameFlag.error) !== 0,
    serializer: flags & frameFlag.msgpack ? 'msgpack' : 'json',
    body: bytes.subarray(read.end, end),
    update: read.update,
  }
}

/** Where the session ends that stands at `at`; beyond `end` when it cannot be one. */
const sessionEnd = (bytes: Buffer, at: number, end: number): number =>
  at + 2 > end ? end + 1 : at + 2 + bytes.readUInt16BE(at)

const notABatch = () =>
  new HydraError('PROTOCOL_ERROR', 'A bus message between servers is no batch of frames.')
