import { describe, expect, test } from 'vitest'
import { errorCodes, isErrorCode } from './error-codes.ts'

/**
 * Clients branch on these names. Adding a line is fine; renaming or removing one breaks them, so it needs an ADR and
 * this table. `again` marks what may be sent again as it is.
 */
const stable = `
ALLIANCE_CLOSED 403
ALLIANCE_FULL 409
ALLIANCE_LEADER_STAYS 409
ALLIANCE_LEVEL_TOO_LOW 403
ALLIANCE_NAME_TAKEN 409
ALLIANCE_NOT_FOUND 404
ALLIANCE_RANK_TOO_LOW 403
ALLIANCE_REQUESTS_FULL 409
ALLIANCE_REQUEST_NOT_FOUND 404
ALLIANCE_TAG_TAKEN 409
ALREADY_IN_ALLIANCE 409
ALREADY_IN_TEAM 409
ALREADY_LOGGED_IN 409
BAD_REQUEST 400
BAG_FULL 409
BALANCE_TOO_HIGH 409
BANNED 403
CHANNEL_READ_ONLY 403
CHANNEL_UNKNOWN 404
CHAT_NOT_JOINED 403
CONFIG_INVALID 500
CONNECTION_CLOSED 503 again
CREDENTIALS_WRONG 401
DAILY_CLAIMED 409
DUPLICATE_LOGIN 409
FUNDS_TOO_LOW 409
HOLD_LIMIT_REACHED 409 again
INTERNAL 500
ITEM_NOT_OWNED 409
ITEM_NOT_SELLABLE 409
ITEM_NOT_USABLE 409
LOOT_RESERVED 403
MESSAGE_UNKNOWN 404
MOVE_TOO_FAR 409
MUTED 403
MUTE_LIMIT_REACHED 409
NAME_TAKEN 409
NOT_IN_ALLIANCE 403
NOT_IN_SCENE 409
NOT_IN_TEAM 403
NOT_LOGGED_IN 401
NOT_MODERATOR 403
NOT_TEAM_LEADER 403
NO_PORTAL 409
NO_SERVER 503 again
OPERATION_REPEATED 409
OPERATION_TOO_FAR 400
OPERATION_TOO_OLD 409
OUT_OF_REACH 409
PAYLOAD_TOO_LARGE 413
PLACE_OUTSIDE 400
PROTOCOL_ERROR 400
RATE_LIMITED 429 again
ROLE_DEAD 409
ROLE_ELSEWHERE 409 again
ROLE_LIMIT_REACHED 409
ROLE_NOT_ENTERED 403
ROLE_NOT_FOUND 404
ROLE_OFFLINE 409
ROUTE_UNKNOWN 404
SCENE_FULL 503 again
SERVER_BUSY 503 again
SERVER_GONE 503 again
SESSION_ENDED 401
SETTINGS_LIMIT_REACHED 409
SHUTTING_DOWN 503 again
SILENCED 403
SLOT_TAKEN 409
STORAGE_LIMIT_REACHED 409
STORAGE_UNAVAILABLE 503 again
TARGET_INVALID 409
TARGET_NOT_FOUND 404
TEAM_FULL 409
TEAM_NOT_FOUND 404
TEAM_REQUESTS_FULL 409
TEAM_REQUEST_NOT_FOUND 404
TEXT_REFUSED 400
TIMEOUT 504 again
TOKEN_EXPIRED 401
TOKEN_INVALID 401
TOO_SOON 409
USERNAME_TAKEN 409
VERSION_CONFLICT 409
WATCH_LIMIT_REACHED 409
`

test('codes are what clients in the field know', () => {
  const lines = Object.entries(errorCodes)
    .map(([code, { httpStatus, retryable }]) => `${code} ${httpStatus}${retryable ? ' again' : ''}`)
    .sort()
  expect(lines.join('\n')).toBe(stable.trim())
})

describe.each(Object.entries(errorCodes))('%s', (code, { meaning }) => {
  test('is written as codes are and explained in a sentence', () => {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/)
    expect(meaning).toMatch(/^[A-Z].*\.$/)
  })
})

test('isErrorCode accepts codes only, not what every object has', () => {
  expect(isErrorCode('NAME_TAKEN')).toBe(true)
  for (const value of ['toString', '__proto__', 'name_taken', '', 404, null, undefined]) {
    expect(isErrorCode(value)).toBe(false)
  }
})
