/** What is known about an error code besides its name. */
export interface ErrorCodeInfo {
  /** One sentence for the generated documentation. */
  readonly meaning: string
  /** Whether the same request may succeed when it is simply sent again later. */
  readonly retryable: boolean
  /** Status that the http service answers with. */
  readonly httpStatus: 400 | 401 | 403 | 404 | 409 | 413 | 429 | 500 | 503 | 504
}

const code = (
  httpStatus: ErrorCodeInfo['httpStatus'],
  meaning: string,
  options: { retryable?: boolean } = {},
): ErrorCodeInfo => Object.freeze({ meaning, httpStatus, retryable: options.retryable ?? false })

/**
 * Every error code that crosses an edge of Hydra: the one list behind types, HTTP statuses and the generated
 * documentation. Codes are stable; removing or renaming one is a breaking change and needs an ADR.
 */
export const errorCodes = Object.freeze({
  BAD_REQUEST: code(
    400,
    'The body does not have the form its contract asks for; metadata names path and expectation.',
  ),
  ROUTE_UNKNOWN: code(404, 'No route of this name or code may be called by a client.'),
  NOT_LOGGED_IN: code(401, 'The route needs gate.session.login first.'),
  ROLE_NOT_ENTERED: code(403, 'The route needs game.role.enter first.'),
  TOKEN_INVALID: code(401, 'The token is malformed, forged, or signed with another secret.'),
  TOKEN_EXPIRED: code(401, 'The token has expired; log in at http again.'),
  ALREADY_LOGGED_IN: code(409, 'The connection is already bound to an account; log out first.'),
  DUPLICATE_LOGIN: code(409, 'The same account logged in elsewhere; this session has ended.'),
  SESSION_ENDED: code(401, 'The session is over; a newer one exists or it was closed.'),
  BANNED: code(403, 'The account is banned.'),

  USERNAME_TAKEN: code(409, 'An account of this name exists.'),
  CREDENTIALS_WRONG: code(401, 'User name or password is wrong.'),

  NAME_TAKEN: code(409, 'A role of this name exists.'),
  ROLE_LIMIT_REACHED: code(409, 'The account has as many roles as it may have.'),
  ROLE_NOT_FOUND: code(404, 'The account has no such role.'),
  ROLE_ELSEWHERE: code(409, 'Another game server owns the role; metadata names it.', { retryable: true }),
  SETTINGS_LIMIT_REACHED: code(409, 'The role has as many settings as it may have; remove some first.'),

  OPERATION_REPEATED: code(409, 'The operation of this number was made before; it is not made again.'),
  OPERATION_TOO_OLD: code(
    409,
    'The number of the operation lies too far below the last one to know whether it was made.',
  ),
  OPERATION_TOO_FAR: code(400, 'The number of the operation lies too far above the last one.'),
  ITEM_NOT_OWNED: code(409, 'The slot of the bag does not hold so many of this item.'),
  ITEM_NOT_USABLE: code(409, 'This item cannot be used.'),
  ITEM_NOT_SELLABLE: code(409, 'Nobody buys this item.'),
  SLOT_TAKEN: code(409, 'The slot of the bag holds something that this cannot be put on.'),
  BAG_FULL: code(409, 'The bag has no room for it.'),
  BALANCE_TOO_HIGH: code(409, 'The role would have more of it than it may have.'),
  DAILY_CLAIMED: code(409, 'The reward of this day was claimed before.'),

  NOT_IN_SCENE: code(409, 'The role is in no scene; enter first.'),
  SCENE_FULL: code(503, 'The scene has as many players as it may.', { retryable: true }),
  MOVE_TOO_FAR: code(409, 'The role cannot have come so far since its last step; metadata has where it is.'),
  PLACE_OUTSIDE: code(400, 'The place lies outside of the scene.'),
  NO_PORTAL: code(409, 'No portal to that scene is in reach.'),
  TARGET_NOT_FOUND: code(404, 'There is nothing of this id in the scene, or not any more.'),
  TARGET_INVALID: code(409, 'This cannot be done to the target.'),
  OUT_OF_REACH: code(409, 'The target is too far away.'),
  TOO_SOON: code(409, 'The role is not ready for this again; metadata has when it is.'),
  ROLE_DEAD: code(409, 'The role is dead and waits to come back to life.'),
  LOOT_RESERVED: code(403, 'The loot belongs to another role for now.'),

  TEAM_NOT_FOUND: code(404, 'There is no such team, or not any more.'),
  TEAM_FULL: code(409, 'The team has as many members as it may.'),
  ALREADY_IN_TEAM: code(409, 'The role is a member of a team.'),
  NOT_IN_TEAM: code(403, 'The role is not a member of the team, or of any.'),
  NOT_TEAM_LEADER: code(403, 'Only the leader of the team may do this.'),
  TEAM_REQUEST_NOT_FOUND: code(404, 'There is no such application or invitation, or not any more.'),
  TEAM_REQUESTS_FULL: code(409, 'The team has as many open applications or invitations as it may.'),
  ROLE_OFFLINE: code(409, 'The other role is not being played.'),

  CHANNEL_UNKNOWN: code(404, 'There is no such channel.'),
  CHAT_NOT_JOINED: code(403, 'The role has not joined this channel.'),
  CHANNEL_READ_ONLY: code(403, 'Only services speak in this channel.'),
  SILENCED: code(403, 'The role may not speak until the time in the metadata.'),
  MUTED: code(403, 'The other role takes no private messages from this one.'),
  MUTE_LIMIT_REACHED: code(409, 'The role has muted as many others as it may; unmute some first.'),
  WATCH_LIMIT_REACHED: code(409, 'The session watches as many roles as it may; unwatch some first.'),
  MESSAGE_UNKNOWN: code(404, 'The channel has no such message, or not any more.'),
  NOT_MODERATOR: code(403, 'The role may not delete messages here.'),
  TEXT_REFUSED: code(400, 'The text has words that are not allowed here; metadata has its path.'),

  ALLIANCE_NOT_FOUND: code(404, 'There is no such alliance.'),
  ALLIANCE_NAME_TAKEN: code(409, 'An alliance of this name exists.'),
  ALLIANCE_TAG_TAKEN: code(409, 'An alliance with this tag exists.'),
  ALLIANCE_FULL: code(409, 'The alliance has as many members as its level allows.'),
  ALLIANCE_CLOSED: code(403, 'The alliance takes nobody who was not invited.'),
  ALLIANCE_LEVEL_TOO_LOW: code(403, "The role's level is below what the alliance asks for."),
  ALLIANCE_RANK_TOO_LOW: code(403, "The role's rank in the alliance does not allow this."),
  ALLIANCE_LEADER_STAYS: code(409, 'A leader hands the alliance over, or disbands it, before leaving.'),
  ALLIANCE_REQUEST_NOT_FOUND: code(404, 'There is no such application or invitation, or not any more.'),
  ALLIANCE_REQUESTS_FULL: code(409, 'There are as many open applications or invitations as there may be.'),
  ALREADY_IN_ALLIANCE: code(409, 'The role is a member of an alliance.'),
  NOT_IN_ALLIANCE: code(403, 'The role is not a member of the alliance, or of any.'),

  FUNDS_TOO_LOW: code(409, 'The role does not have so much of the currency.'),
  HOLD_LIMIT_REACHED: code(409, 'The role has as many payments under way as it may.', { retryable: true }),

  VERSION_CONFLICT: code(
    409,
    'A storage object is not at the version that the write expects; metadata has its current one, 0 if there is none.',
  ),
  STORAGE_LIMIT_REACHED: code(409, 'The role has as many storage objects as it may have.'),

  RATE_LIMITED: code(429, 'Too many requests in a short time.', { retryable: true }),
  PAYLOAD_TOO_LARGE: code(413, 'The message is larger than the limit.'),
  SERVER_BUSY: code(503, 'A bounded queue is full; the request was not started.', { retryable: true }),
  SERVER_GONE: code(503, 'The server that should answer has left the cluster.', { retryable: true }),
  NO_SERVER: code(503, 'No server of the needed type is available.', { retryable: true }),
  SHUTTING_DOWN: code(503, 'The server is draining and takes no new work.', { retryable: true }),
  TIMEOUT: code(504, 'No answer arrived before the deadline; the request may or may not have taken effect.', {
    retryable: true,
  }),
  STORAGE_UNAVAILABLE: code(
    503,
    'The database or cache cannot be reached; read again to know whether a change was made.',
    {
      retryable: true,
    },
  ),
  CONNECTION_CLOSED: code(503, 'The connection closed before the answer arrived.', { retryable: true }),
  PROTOCOL_ERROR: code(400, 'Bytes that are no valid packet, message or body.'),
  CONFIG_INVALID: code(
    500,
    'A configuration value is missing or wrong; file, key and expectation are named.',
  ),
  INTERNAL: code(500, 'A defect in the server; the log has the cause under the same trace id.'),
} satisfies Record<string, ErrorCodeInfo>)

/** The name of an error code, for example `'NAME_TAKEN'`. */
export type ErrorCode = keyof typeof errorCodes

/** Whether a string that came from elsewhere is one of ours. */
export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(errorCodes, value)
