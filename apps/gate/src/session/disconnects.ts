import type { DisconnectReason } from '@hydra/protocol'

/** What a reason means for the client and for its role. */
export interface Disconnect {
  /** WebSocket close code (RFC 6455 and its registry); the reason itself travels beside it. */
  readonly closeCode: number
  /** Told to the client, unless there is more to say. */
  readonly sentence: string
  /** Whether a kick packet precedes the close. */
  readonly kick: boolean
  /** Whether the player may come back within the grace and find everything as it was. */
  readonly grace: boolean
}

const normal = 1000
const goingAway = 1001
const protocolError = 1002
const policyViolation = 1008
const tooBig = 1009
const tryAgainLater = 1013

const end = (
  closeCode: number,
  sentence: string,
  { kick = true, grace = true }: { kick?: boolean; grace?: boolean } = {},
): Disconnect => Object.freeze({ closeCode, sentence, kick, grace })

/** Every reason for which a gate ends a session. */
export const disconnects: Readonly<Record<DisconnectReason, Disconnect>> = Object.freeze({
  CLIENT_CLOSED: end(normal, 'The client has closed the connection.', { kick: false }),
  LOGGED_OUT: end(normal, 'The client has logged out.', { grace: false }),
  DUPLICATE_LOGIN: end(policyViolation, 'The same account has logged in elsewhere.', { grace: false }),
  RESUMED: end(normal, 'The client goes on over another connection.'),
  KICKED: end(policyViolation, 'A server has ended this session.', { grace: false }),
  BANNED: end(policyViolation, 'The account is banned.', { grace: false }),
  AUTH_FAILED: end(policyViolation, 'The client has failed to log in too often.', { grace: false }),
  IDLE: end(policyViolation, 'No packet has arrived for three heartbeat intervals.'),
  HANDSHAKE_TIMEOUT: end(policyViolation, 'The handshake was not completed in time.'),
  // The handshake's own answer says why.
  HANDSHAKE_REFUSED: end(policyViolation, 'The handshake was refused.', { kick: false }),
  PROTOCOL_ERROR: end(protocolError, 'The client has sent what is no valid packet or message.'),
  PACKET_TOO_LARGE: end(tooBig, 'The client has sent more at once than this gate takes.'),
  RATE_LIMITED: end(policyViolation, 'The client went on sending too many messages.'),
  // A kick would wait behind everything that the client does not read.
  SLOW_CONSUMER: end(policyViolation, 'The client does not read what is sent to it.', { kick: false }),
  SERVER_FULL: end(tryAgainLater, 'This gate has as many connections as it takes; try another.'),
  SHUTDOWN: end(goingAway, 'This gate is shutting down; connect to another.'),
  GATE_LOST: end(goingAway, 'The gate was lost.'),
})
