import { HydraError } from '@hydra/protocol'
import type { JsonObject } from '../role-snapshot.ts'
import {
  storageObjectLimits as bounds,
  type PutCondition,
  type StorageChange,
  type StorageObjectId,
} from './storage-objects.ts'

/** A change that is known to be well-formed, in the form that the database takes. */
export interface CheckedChange extends StorageObjectId {
  readonly condition: PutCondition
  /** JSON text of the new value; `undefined`: the object is to be deleted. */
  readonly text: string | undefined
}

/** One order in every database, and one text for an id: no character sorts before a space, none is a slash. */
const namePattern = /^[A-Za-z0-9_.:-]+$/

/** An id as one text. */
export const idText = ({ rid, collection, key }: StorageObjectId): string => `${rid}/${collection}/${key}`

/** Checks one part of an id. @throws HydraError `BAD_REQUEST`. */
export function checkName(path: keyof StorageObjectId, name: string): void {
  const charsMax = bounds[`${path}MaxChars`]
  if (typeof name === 'string' && name.length <= charsMax && namePattern.test(name)) return
  throw wrong(path, `1 to ${charsMax} characters of A-Z, a-z, 0-9, "_", "-", "." and ":"`)
}

/** Checks an id. @throws HydraError `BAD_REQUEST`. */
export function checkId({ rid, collection, key }: StorageObjectId): void {
  checkName('rid', rid)
  checkName('collection', collection)
  checkName('key', key)
}

/** Checks how many or how much. @throws HydraError `BAD_REQUEST`. */
export function checkInteger(path: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return
  throw wrong(path, `a whole number from ${min} to ${max}`)
}

/** Checks changes and writes their values down. @throws HydraError `BAD_REQUEST`, `PAYLOAD_TOO_LARGE`, `INTERNAL` for what is not JSON. */
export function checkChanges(changes: readonly StorageChange[]): readonly CheckedChange[] {
  checkInteger('changes', changes.length, 0, bounds.batchMax)
  const checked = changes.map(checkChange)
  if (new Set(checked.map(idText)).size < checked.length) {
    throw wrong('changes', 'each object at most once')
  }
  const chars = checked.reduce((sum, { text = '' }) => sum + text.length, 0)
  if (chars > bounds.batchMaxChars) {
    throw tooLarge(`The values of a batch have ${chars} characters as JSON`, bounds.batchMaxChars, {})
  }
  return checked
}

/** Checks one change. */
function checkChange(change: StorageChange): CheckedChange {
  checkId(change)
  const { rid, collection, key } = change
  const put = change.kind === 'put'
  const condition = put ? change.condition : (change.ifVersion ?? 'any')
  if (condition !== 'any' && !(put && condition === 'absent')) {
    checkInteger(put ? 'condition' : 'ifVersion', condition as number, 1, Number.MAX_SAFE_INTEGER)
  }
  return { rid, collection, key, condition, text: put ? encodeValue(change, change.value) : undefined }
}

function encodeValue(id: StorageObjectId, value: JsonObject): string {
  const text = stringify(id, value)
  if (!text.startsWith('{')) throw wrong('value', 'a JSON object')
  if (text.length <= bounds.valueMaxChars) return text
  const { rid, collection, key } = id
  throw tooLarge(`Object ${idText(id)} has ${text.length} characters as JSON`, bounds.valueMaxChars, {
    rid,
    collection,
    key,
  })
}

function stringify(id: StorageObjectId, value: JsonObject): string {
  try {
    return String(JSON.stringify(value))
  } catch (cause) {
    throw new HydraError('INTERNAL', `Object ${idText(id)} holds something that is not JSON.`, { cause })
  }
}

const wrong = (path: string, expectation: string): HydraError =>
  new HydraError('BAD_REQUEST', `Storage objects: "${path}" is wrong: expected ${expectation}.`, {
    metadata: { path, expectation },
  })

const tooLarge = (what: string, charsMax: number, id: Readonly<Record<string, string>>): HydraError =>
  new HydraError('PAYLOAD_TOO_LARGE', `${what}; at most ${charsMax} can be stored.`, {
    metadata: { ...id, charsMax },
  })
