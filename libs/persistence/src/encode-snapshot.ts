import { HydraError } from '@hydra/protocol'
import type { JsonObject, RoleSnapshot } from './role-snapshot.ts'

/** Most characters of a role's data as JSON: one role must fit a statement with room to spare. */
export const roleDataMaxChars = 1024 * 1024

/** A role's data as the database keeps it. @throws HydraError `PAYLOAD_TOO_LARGE`, `INTERNAL` for what is not JSON. */
export function encodeData(role: RoleSnapshot): string {
  return encode(role.rid, role.data)
}

/** The reverse of {@link encodeData}. */
export const decodeData = (text: string): JsonObject => JSON.parse(text) as JsonObject

/** A whole snapshot as the journal keeps it. @throws HydraError as {@link encodeData}. */
export function encodeSnapshot(snapshot: RoleSnapshot): string {
  return encode(snapshot.rid, snapshot)
}

/** The reverse of {@link encodeSnapshot}. */
export const decodeSnapshot = (text: string): RoleSnapshot => JSON.parse(text) as RoleSnapshot

function encode(rid: string, value: unknown): string {
  const text = stringify(rid, value)
  if (text.length <= roleDataMaxChars) return text
  throw new HydraError(
    'PAYLOAD_TOO_LARGE',
    `Role ${rid} has ${text.length} characters of data; a role may have ${roleDataMaxChars}.`,
    { metadata: { rid } },
  )
}

function stringify(rid: string, value: unknown): string {
  try {
    return String(JSON.stringify(value))
  } catch (cause) {
    throw new HydraError('INTERNAL', `Role ${rid} holds something that is not JSON.`, { cause })
  }
}
