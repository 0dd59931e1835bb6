import { services, type Service } from '@hydra/protocol'
import type { Frame, NotifyFrame, ReplyFrame, RequestFrame, Sender } from './frame.ts'
import { sessionBytes, updateBytes } from './frame-session.ts'
import { traceBytes } from './traceparent.ts'

/**
 * One bus message between two servers is a batch: `format:u8 · service:u8 · id`, then its frames, each behind its
 * length as u32. All numbers are big-endian, `text` is `length:u8 · bytes`, and a body is what is left of its frame:
 *
 *     request  1 · flags:u8 · id:u32 · remainingMs:u32 · trace:26 · route:text · [length:u16 · session] · body
 *     reply    2 · flags:u8 · id:u32 · [update] · body
 *     notify   3 · flags:u8 · trace:26 · route:text · length:u16 · session · body
 *
 * Written by hand, because every request of every player passes here four times; a general serializer took a third
 * of the time of a forwarded request (benchmarks/README.md). The form is stable: servers of neighbouring versions talk.
 */
export const batchFormat = 2
/** First byte of a frame. */
export const frameKind = Object.freeze({ request: 1, reply: 2, notify: 3 })
/** Second byte of a frame; `session` and `error` share a bit, as they belong to different kinds. */
export const frameFlag = Object.freeze({ msgpack: 1, session: 2, error: 2, update: 4 })
/** Number of a service on the wire: its place in `services`, where new ones are added at the end. */
export const serviceNumber: Readonly<Record<Service, number>> = Object.freeze(
  Object.fromEntries(services.map((service, index) => [service, index])) as Record<Service, number>,
)

/** Length before each frame. */
export const frameHeadBytes = 4
export const requestHeadBytes = 10 + traceBytes
export const replyHeadBytes = 6
export const notifyHeadBytes = 2 + traceBytes
export const largestRemainingMs = 0xffff_ffff

/** Bytes of a batch besides those of its frames. */
export const batchHeadBytes = ({ id }: Sender): number => 3 + id.length

/** Bytes that a frame takes in a batch, exactly. */
export function frameBytes(frame: Frame): number {
  const { body } = frame
  switch (frame.kind) {
    case 'request': {
      const session = frame.session === null ? 0 : 2 + sessionBytes(frame.session).length
      return frameHeadBytes + requestHeadBytes + 1 + frame.route.length + session + body.length
    }
    case 'reply': {
      const update = frame.update === undefined ? 0 : updateBytes(frame.update).length
      return frameHeadBytes + replyHeadBytes + update + body.length
    }
    case 'notify':
      return (
        frameHeadBytes +
        notifyHeadBytes +
        1 +
        frame.route.length +
        2 +
        sessionBytes(frame.session).length +
        body.length
      )
    default:
      return frame satisfies never
  }
}

/** Writes a batch; `bytes` is the sum of {@link batchHeadBytes} and of what {@link frameBytes} said of each frame. */
export function encodeBatch(
  from: Sender,
  frames: readonly { readonly frame: Frame }[],
  bytes: number,
): Uint8Array {
  const target = Buffer.allocUnsafe(bytes)
  target[0] = batchFormat
  target[1] = serviceNumber[from.type]
  let at = writeShortText(target, 2, from.id)
  for (const { frame } of frames) {
    const start = at + frameHeadBytes
    const end = writeFrame(target, start, frame)
    target.writeUInt32BE(end - start, at)
    at = end
  }
  return target
}

function writeFrame(target: Buffer, at: number, frame: Frame): number {
  const head =
    frame.kind === 'request'
      ? writeRequest(target, at, frame)
      : frame.kind === 'reply'
        ? writeReply(target, at, frame)
        : writeNotify(target, at, frame)
  target.set(frame.body, head)
  return head + frame.body.length
}

function writeRequest(target: Buffer, at: number, frame: RequestFrame): number {
  const { session } = frame
  target[at] = frameKind.request
  target[at + 1] = serializerFlag(frame) | (session === null ? 0 : frameFlag.session)
  target.writeUInt32BE(frame.id, at + 2)
  target.writeUInt32BE(Math.min(largestRemainingMs, Math.max(0, Math.ceil(frame.remainingMs))), at + 6)
  target.set(frame.trace, at + 10)
  const end = writeShortText(target, at + requestHeadBytes, frame.route)
  return session === null ? end : writeSession(target, end, sessionBytes(session))
}

function writeReply(target: Buffer, at: number, frame: ReplyFrame): number {
  const { update } = frame
  target[at] = frameKind.reply
  target[at + 1] =
    serializerFlag(frame) |
    (frame.error ? frameFlag.error : 0) |
    (update === undefined ? 0 : frameFlag.update)
  target.writeUInt32BE(frame.id, at + 2)
  const end = at + replyHeadBytes
  if (update === undefined) return end
  const bytes = updateBytes(update)
  target.set(bytes, end)
  return end + bytes.length
}

function writeNotify(target: Buffer, at: number, frame: NotifyFrame): number {
  target[at] = frameKind.notify
  target[at + 1] = serializerFlag(frame) | frameFlag.session
  target.set(frame.trace, at + 2)
  const end = writeShortText(target, at + notifyHeadBytes, frame.route)
  return writeSession(target, end, sessionBytes(frame.session))
}

/** Ids and routes are of the alphabet of bus subjects, one byte for each character. */
function writeShortText(target: Buffer, at: number, text: string): number {
  target[at] = text.length
  return at + 1 + target.write(text, at + 1, 'latin1')
}

function writeSession(target: Buffer, at: number, session: Buffer): number {
  target.writeUInt16BE(session.length, at)
  target.set(session, at + 2)
  return at + 2 + session.length
}

const serializerFlag = ({ serializer }: Frame): number => (serializer === 'msgpack' ? frameFlag.msgpack : 0)
