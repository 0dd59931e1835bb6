import * as z from 'zod'

/** Why a session ended: the same words in log, metric, kick packet and internal calls. */
export const disconnectReasons = [
  'CLIENT_CLOSED',
  'LOGGED_OUT',
  'DUPLICATE_LOGIN',
  'RESUMED',
  'KICKED',
  'BANNED',
  'AUTH_FAILED',
  'IDLE',
  'HANDSHAKE_TIMEOUT',
  'HANDSHAKE_REFUSED',
  'PROTOCOL_ERROR',
  'PACKET_TOO_LARGE',
  'RATE_LIMITED',
  'SLOW_CONSUMER',
  'SERVER_FULL',
  'SHUTDOWN',
  'GATE_LOST',
] as const

/** One of {@link disconnectReasons}. */
export type DisconnectReason = (typeof disconnectReasons)[number]

/** Schema of a {@link DisconnectReason}. */
export const disconnectReason = z.enum(disconnectReasons)
