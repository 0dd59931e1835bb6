import type { Serializer } from '@hydra/protocol'
import type { SessionIdentity, SessionUpdate } from '../session-identity.ts'

/** UTF-8 needs at most three bytes for each unit of a JavaScript string. */
export const textBytes = (text: string): number => text.length * 3

/** A session as it lies in a frame. Its serializer is the frame's. */
export const sessionFields = ({
  sessionId,
  gateId,
  uid,
  epoch,
  rid,
}: SessionIdentity): readonly unknown[] => [sessionId, gateId, uid ?? null, epoch ?? null, rid ?? null]

/** A bound on what {@link sessionFields} takes in a batch. */
export function sessionBytes(session: SessionIdentity | null): number {
  if (session === null) return 0
  const { sessionId, gateId, uid = '', rid = '' } = session
  return 32 + textBytes(sessionId) + textBytes(gateId) + textBytes(uid) + textBytes(rid)
}

/** Reads what {@link sessionFields} laid out; `undefined` when it is something else. */
export function readSession(raw: unknown, serializer: Serializer): SessionIdentity | undefined {
  if (!Array.isArray(raw)) return undefined
  const [sessionId, gateId, uid, epoch, rid]: unknown[] = raw
  if (typeof sessionId !== 'string' || typeof gateId !== 'string') return undefined
  if (!isTextOrNull(uid) || !isTextOrNull(rid) || !(epoch === null || Number.isSafeInteger(epoch)))
    return undefined
  return {
    sessionId,
    gateId,
    serializer,
    ...(uid === null ? {} : { uid }),
    ...(epoch === null ? {} : { epoch: epoch as number }),
    ...(rid === null ? {} : { rid }),
  }
}

/** A bound on what an update takes in a batch. */
export const updateBytes = (update: SessionUpdate | undefined): number =>
  typeof update?.rid === 'string' ? textBytes(update.rid) : 0

/** Reads a session update; `undefined` when it is something else. */
export function readUpdate(raw: unknown): SessionUpdate | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined
  if (!('rid' in raw)) return {}
  return isTextOrNull(raw.rid) ? { rid: raw.rid } : undefined
}

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string'
