import { disconnectReason, HydraError, kickBody } from '@hydra/protocol'

/** Why a connection ended, as the client knows it. */
export interface CloseReason {
  /**
   * A word to branch on. From the server: one of `disconnectReasons`, for example `DUPLICATE_LOGIN`. From here:
   * `CLIENT_CLOSED` (close() was called), `CONNECTION_LOST` (the network or the server went away without a word),
   * `HEARTBEAT_LOST` (the server has been silent for too long), `PROTOCOL_ERROR` (what it sent made no sense).
   */
  readonly code: string
  /** A sentence for a person. */
  readonly reason: string
  /** Whether the server announced the end with a kick packet. */
  readonly kicked: boolean
}

/** What pending and later requests fail with once a connection has ended. */
export function connectionClosed({ code, reason }: CloseReason): HydraError {
  return new HydraError('CONNECTION_CLOSED', `The connection is closed (${code}): ${reason}`, {
    metadata: { reason: code },
  })
}

/** Reads a kick packet. Other servers of this protocol send less than ours, or nothing. */
export function kickReason(body: Uint8Array): CloseReason {
  const { code, reason } = readKick(body)
  return { code, reason, kicked: true }
}

/** Reads the end of a WebSocket that came without a kick. */
export function socketReason(end: { readonly code: number; readonly reason: string }): CloseReason {
  const named = disconnectReason.safeParse(end.reason)
  if (named.success) return { code: named.data, reason: 'The server closed the connection.', kicked: false }
  const detail =
    end.reason === '' ? `WebSocket code ${end.code}` : `${end.reason} (WebSocket code ${end.code})`
  return { code: 'CONNECTION_LOST', reason: `The connection ended without notice: ${detail}.`, kicked: false }
}

const decoder = new TextDecoder()

function readKick(body: Uint8Array): { code: string; reason: string } {
  const unnamed = { code: 'KICKED', reason: 'The server gave no reason.' }
  try {
    const json = JSON.parse(decoder.decode(body)) as unknown
    const kick = kickBody.partial().safeParse(json)
    return kick.success
      ? { code: kick.data.code ?? unnamed.code, reason: kick.data.reason ?? unnamed.reason }
      : unnamed
  } catch {
    // No JSON: a kick is a kick, whatever it carries.
    return unnamed
  }
}
