import type { Serializer } from '@hydra/protocol'
import type { SessionIdentity, SessionUpdate } from '../session-identity.ts'

/** Which of the optional fields are there. */
const has = { uid: 1, epoch: 2, rid: 4 } as const

const written = new WeakMap<SessionIdentity, Buffer>()

/**
 * A session as it lies in a frame: which fields there are, the epoch as f64, then each text behind its u16 length.
 * The serializer is the frame's. A gate gives the same object with each request of a client, so the bytes are kept.
 */
export function sessionBytes(session: SessionIdentity): Buffer {
  let bytes = written.get(session)
  if (bytes === undefined) {
    bytes = write(session)
    written.set(session, bytes)
  }
  return bytes
}

function write({ sessionId, gateId, uid, epoch, rid }: SessionIdentity): Buffer {
  const head = Buffer.alloc(9)
  head[0] =
    (uid === undefined ? 0 : has.uid) |
    (epoch === undefined ? 0 : has.epoch) |
    (rid === undefined ? 0 : has.rid)
  head.writeDoubleBE(epoch ?? 0, 1)
  return Buffer.concat([
    head,
    ...[sessionId, gateId, uid, rid].flatMap((text) => (text === undefined ? [] : textField(text))),
  ])
}

/** A text behind its length. A longer one than u16 can say is cut; ids and names are far shorter. */
export function textField(text: string): Buffer[] {
  const bytes = Buffer.from(text).subarray(0, 0xffff)
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  return [length, bytes]
}

/** A text behind its length, and where it ends; `undefined` when the bytes end before. */
export function readText(
  bytes: Buffer,
  at: number,
): { readonly text: string; readonly end: number } | undefined {
  if (at + 2 > bytes.length) return undefined
  const end = at + 2 + bytes.readUInt16BE(at)
  return end > bytes.length ? undefined : { text: bytes.toString('utf8', at + 2, end), end }
}

/** Sessions kept of either generation. */
const keptMax = 20_000

/**
 * Reads sessions. The same player comes again and again under the same bytes, so what was read is kept: two
 * generations, of which the older is forgotten when the younger is full.
 */
export class SessionReader {
  #young = new Map<string, SessionIdentity>()
  #old = new Map<string, SessionIdentity>()

  /** Reads what {@link sessionBytes} wrote; `undefined` when it is something else. */
  read(bytes: Buffer, serializer: Serializer): SessionIdentity | undefined {
    const key = (serializer === 'json' ? 'j' : 'm') + bytes.toString('latin1', 0, bytes.length)
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const session = this.#old.get(key) ?? parse(bytes, serializer)
    if (session === undefined) return undefined
    if (this.#young.size >= keptMax) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, session)
    return session
  }
}

function parse(bytes: Buffer, serializer: Serializer): SessionIdentity | undefined {
  if (bytes.length < 9) return undefined
  const fields = bytes.readUInt8(0)
  const epoch = bytes.readDoubleBE(1)
  if (fields > 7 || !Number.isSafeInteger(epoch)) return undefined
  let at = 9
  const texts: string[] = []
  const count = 2 + (fields & has.uid ? 1 : 0) + (fields & has.rid ? 1 : 0)
  while (texts.length < count) {
    const field = readText(bytes, at)
    if (field === undefined) return undefined
    texts.push(field.text)
    at = field.end
  }
  if (at !== bytes.length) return undefined
  const [sessionId = '', gateId = '', third = '', fourth = ''] = texts
  return Object.freeze({
    sessionId,
    gateId,
    serializer,
    ...(fields & has.uid ? { uid: third } : {}),
    ...(fields & has.epoch ? { epoch } : {}),
    ...(fields & has.rid ? { rid: fields & has.uid ? fourth : third } : {}),
  })
}

/** How an update lies in a reply: nothing said of the role, no role any more, or a role. */
const ridIs = { unsaid: 0, none: 1, role: 2 } as const

/** An update as it lies in a frame. */
export function updateBytes({ rid }: SessionUpdate): Buffer {
  if (typeof rid !== 'string') return Buffer.of(rid === undefined ? ridIs.unsaid : ridIs.none)
  return Buffer.concat([Buffer.of(ridIs.role), ...textField(rid)])
}

/** Reads what {@link updateBytes} wrote, and where it ends; `undefined` when it is something else. */
export function readUpdate(
  bytes: Buffer,
  at: number,
): { readonly update: SessionUpdate; readonly end: number } | undefined {
  switch (bytes[at]) {
    case ridIs.unsaid:
      return { update: {}, end: at + 1 }
    case ridIs.none:
      return { update: { rid: null }, end: at + 1 }
    case ridIs.role: {
      const field = readText(bytes, at + 1)
      return field && { update: { rid: field.text }, end: field.end }
    }
    default:
      return undefined
  }
}
