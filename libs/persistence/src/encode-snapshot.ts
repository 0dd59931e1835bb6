import { HydraError } from '@hydra/protocol'
import type { JsonObject, RoleSnapshot } from './role-snapshot.ts'

/** Most characters of a role's data as JSON: one role must fit a statement with room to spare. */
export const roleDataMaxChars = 1024 * 1024

/**
 * A snapshot that remembers its JSON: journal and database are both sent it, and making it is most of what a change
 * costs. The role queue wraps what it is given, because that must not change any more.
 */
export class EncodedSnapshot implements RoleSnapshot {
  readonly rid: string
  readonly uid: string
  readonly name: string
  readonly level: number
  readonly epoch: number
  readonly version: number
  readonly schema: number
  readonly data: JsonObject
  // Bytes, which lie outside of the heap: strings that live until the next flush keep the garbage collector busy.
  #bytes: Buffer | undefined
  #dataStart = 0

  constructor(snapshot: RoleSnapshot) {
    this.rid = snapshot.rid
    this.uid = snapshot.uid
    this.name = snapshot.name
    this.level = snapshot.level
    this.epoch = snapshot.epoch
    this.version = snapshot.version
    this.schema = snapshot.schema
    this.data = snapshot.data
  }

  /** The whole in UTF-8, made once. @throws HydraError as {@link encodeSnapshot}. */
  get bytes(): Buffer {
    if (this.#bytes === undefined) {
      const head = headOf(this)
      const text = bounded(this.rid, `${head}${stringify(this.rid, this.data)}}`)
      this.#dataStart = Buffer.byteLength(head)
      this.#bytes = Buffer.from(text)
    }
    return this.#bytes
  }

  /** The data as JSON. @throws HydraError as {@link encodeData}. */
  get dataText(): string {
    return this.#bytes === undefined
      ? stringify(this.rid, this.data)
      : this.#bytes.toString('utf8', this.#dataStart, this.#bytes.length - 1)
  }
}

/** A role's data as the database keeps it. @throws HydraError `PAYLOAD_TOO_LARGE`, `INTERNAL` for what is not JSON. */
export const encodeData = (role: RoleSnapshot): string =>
  bounded(role.rid, role instanceof EncodedSnapshot ? role.dataText : stringify(role.rid, role.data))

/** The reverse of {@link encodeData}. */
export const decodeData = (text: string): JsonObject => JSON.parse(text) as JsonObject

/** A whole snapshot as the journal keeps it. @throws HydraError as {@link encodeData}. */
export const encodeSnapshot = (snapshot: RoleSnapshot): string =>
  bounded(snapshot.rid, `${headOf(snapshot)}${stringify(snapshot.rid, snapshot.data)}}`)

/** {@link encodeSnapshot} in UTF-8. */
export const snapshotBytes = (snapshot: RoleSnapshot): Buffer =>
  snapshot instanceof EncodedSnapshot ? snapshot.bytes : Buffer.from(encodeSnapshot(snapshot))

/** The reverse of {@link encodeSnapshot}. */
export const decodeSnapshot = (text: string): RoleSnapshot => JSON.parse(text) as RoleSnapshot

/** The JSON of a snapshot up to its data, which is last. */
const headOf = ({ rid, uid, name, level, epoch, version, schema }: RoleSnapshot): string =>
  `${JSON.stringify({ rid, uid, name, level, epoch, version, schema }).slice(0, -1)},"data":`

function bounded(rid: string, text: string): string {
  if (text.length <= roleDataMaxChars) return text
  throw new HydraError(
    'PAYLOAD_TOO_LARGE',
    `Role ${rid} has ${text.length} characters of data; a role may have ${roleDataMaxChars}.`,
    { metadata: { rid } },
  )
}

function stringify(rid: string, data: unknown): string {
  let cause: unknown
  try {
    const text: unknown = JSON.stringify(data)
    if (typeof text === 'string') return text
  } catch (error) {
    cause = error
  }
  throw new HydraError('INTERNAL', `Role ${rid} holds something that is not JSON.`, { cause })
}
