import { sessionData, sessionDataChange, type Serializer, type SessionDataChange } from '@hydra/protocol'
import type { SessionIdentity, SessionUpdate } from '../session-identity.ts'

/** Which of the optional fields are there. */
const has = { uid: 1, epoch: 2, rid: 4, data: 8 } as const
const allFields = has.uid | has.epoch | has.rid | has.data

const written = new WeakMap<SessionIdentity, Buffer>()

/**
 * A session as it lies in a frame: which fields there are, the epoch as f64, then each text behind its u16 length, of
 * which the data are one, as JSON.
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

function write({ sessionId, gateId, uid, epoch, rid, data }: SessionIdentity): Buffer {
  const head = Buffer.alloc(9)
  head[0] =
    (uid === undefined ? 0 : has.uid) |
    (epoch === undefined ? 0 : has.epoch) |
    (rid === undefined ? 0 : has.rid) |
    (data === undefined ? 0 : has.data)
  const dataText = data === undefined ? undefined : JSON.stringify(data)
  head.writeDoubleBE(epoch ?? 0, 1)
  return Buffer.concat([
    head,
    ...[sessionId, gateId, uid, rid, dataText].flatMap((text) => (text === undefined ? [] : textField(text))),
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
  if (fields > allFields || !Number.isSafeInteger(epoch)) return undefined
  let at = 9
  let isCut = false
  const next = (isThere: number): string | undefined => {
    if (!isThere || isCut) return undefined
    const field = readText(bytes, at)
    isCut = field === undefined
    at = field?.end ?? at
    return field?.text
  }
  const [sessionId, gateId] = [next(1), next(1)]
  const [uid, rid, dataText] = [next(fields & has.uid), next(fields & has.rid), next(fields & has.data)]
  if (isCut || at !== bytes.length || sessionId === undefined || gateId === undefined) return undefined
  const data = dataText === undefined ? undefined : readJson(dataText, sessionData)
  if (dataText !== undefined && data === undefined) return undefined
  return Object.freeze({
    sessionId,
    gateId,
    serializer,
    ...(uid === undefined ? {} : { uid }),
    ...(fields & has.epoch ? { epoch } : {}),
    ...(rid === undefined ? {} : { rid }),
    ...(data === undefined ? {} : { data: Object.freeze(data) }),
  })
}

function readJson<T>(
  text: string,
  schema: { safeParse(value: unknown): { success: boolean; data?: T } },
): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** How an update lies in a reply: nothing said of the role, no role any more, or a role; with data or without. */
const ridIs = { unsaid: 0, none: 1, role: 2 } as const
const withData = 4

/** An update as it lies in a frame. */
export function updateBytes({ rid, data }: SessionUpdate): Buffer {
  const about = rid === undefined ? ridIs.unsaid : rid === null ? ridIs.none : ridIs.role
  return Buffer.concat([
    Buffer.of(about | (data === undefined ? 0 : withData)),
    ...(typeof rid === 'string' ? textField(rid) : []),
    ...(data === undefined ? [] : textField(JSON.stringify(data))),
  ])
}

/** Reads what {@link updateBytes} wrote, and where it ends; `undefined` when it is something else. */
export function readUpdate(
  bytes: Buffer,
  start: number,
): { readonly update: SessionUpdate; readonly end: number } | undefined {
  const flags = bytes[start]
  if (flags === undefined || flags > (ridIs.role | withData)) return undefined
  const about = flags & ~withData
  if (about > ridIs.role) return undefined
  const role = about === ridIs.role ? readText(bytes, start + 1) : { text: null, end: start + 1 }
  if (role === undefined) return undefined
  const rid = about === ridIs.unsaid ? {} : { rid: role.text }
  if (!(flags & withData)) return { update: rid, end: role.end }
  const field = readText(bytes, role.end)
  const data = field && readJson<SessionDataChange>(field.text, sessionDataChange)
  return field && data && { update: { ...rid, data }, end: field.end }
}
