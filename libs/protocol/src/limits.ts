/**
 * Sizes and counts that both ends of the wire agree on. Units are the last word of each name.
 * What an operator may want to change lives in the services' configuration instead.
 */
export const limits = Object.freeze({
  /** Largest packet body that the u24 length field of the framing can announce. */
  packetBodyMaxBytes: 0xff_ff_ff,
  /** Longest route that fits the u8 length prefix of an uncoded route. */
  routeMaxBytes: 0xff,
  /** Largest route code: the code travels as u16. */
  routeCodeMax: 0xff_ff,
  /** Message ids are varints; five bytes hold 35 bits, more than any client counts to. */
  messageIdMaxBytes: 5,
  /** Nesting beyond this is refused before a body reaches its schema. */
  bodyMaxDepth: 32,

  /** What services note on a session travels with each of its requests: all of it together, as JSON. */
  sessionDataMaxChars: 4_096,

  usernameMinChars: 3,
  usernameMaxChars: 32,
  passwordMinChars: 8,
  /** A bound on what is hashed, so that a long password cannot be used to burn CPU. */
  passwordMaxChars: 128,
  tokenMaxChars: 2_048,

  roleNameMinChars: 2,
  roleNameMaxChars: 16,
  rolesPerAccountMax: 8,

  settingKeyMaxChars: 32,
  settingValueMaxChars: 256,
  settingsPerRoleMax: 64,

  /** Ids of rows of design tables: items, scenes, monsters. */
  tableIdMaxChars: 32,
  bagSlotsMax: 256,
  /** Most of one item in one slot, whatever a table says. */
  itemStackMax: 999_999,
  /** How far the number of an operation may lie above the last one. */
  operationStepMax: 1_000,
  /** Operations that are remembered one by one; older ones are refused. */
  operationsKept: 64,
  ledgerPageMax: 50,
  /** Sides of a scene, in centimetres; positions are whole centimetres from its corner. */
  sceneSideMaxCm: 1_000_000,
  /** Cells that one session sees: the one it is in and those around it. */
  sceneCellsInView: 9,

  channelNameMaxChars: 80,
  /** Channels as they are stored: the name, or both roles of a private conversation. */
  channelKeyMaxChars: 144,
  chatTextMaxGraphemes: 500,
  chatHistoryPageMax: 100,
  /** Values that a service may add to a message. */
  messageDataMax: 32,
  messageDataValueMaxChars: 500,
  /** Private conversations that the channel list shows: the latest. */
  chatConversationsMax: 50,
  mutedRolesMax: 200,
  presencePerCallMax: 60,
  teamMembersMax: 64,
  /** Open applications, and open invitations, of one team. */
  teamRequestsMax: 16,

  allianceNameMinChars: 2,
  allianceNameMaxChars: 20,
  allianceTagMinChars: 2,
  allianceTagMaxChars: 5,
  allianceNoticeMaxGraphemes: 200,
  allianceDescriptionMaxGraphemes: 200,
  allianceMembersMax: 100,
  alliancePageMax: 50,
})
