/**
 * Every key in Redis, all under one prefix (`hydra:<env>:`). None expires unless that is said: each is removed by the
 * step that ends what it stands for, or is bounded by itself. Redis, 6.2 or newer, must therefore run with
 * `maxmemory-policy noeviction`.
 *
 * | key | type | holds |
 * |---|---|---|
 * | `session:<uid>` | hash | gateId, sessionId, epoch of the account's one session |
 * | `session-epoch` | number | the last session epoch given out |
 * | `role:<rid>` | hash | owner and epoch; version, snapshotEpoch and, while unsaved, snapshot |
 * | `role-epoch`, `role-epoch-first` | numbers | the last role epoch given out, and the first since the store is empty |
 * | `role-owners`, `roles-of:<server>` | set, sorted set | servers that own roles, and the roles of each |
 * | `role-recovery` | string | the server that saves what others left behind |
 * | `roles-unsaved` | sorted set | rids with an unsaved snapshot, all with score 0, so in order of rid |
 * | `chat-team:<id>`, `chat-team-of:<rid>` | hash, string | members of a team with its version; the team of a role; expire after a day without change |
 * | `team:<id>`, `team-members:<id>` | hashes | version, rids, data and time of the last change; when each member was last seen; expire when nobody changes or sees it for a day |
 * | `team-of:<rid>` | string | the team of a role, if that has it as a member; expires an hour after the team |
 * | `teams-untold` | sorted set | teams of which somebody may not have been told, by when to try again |
 * | `presence:<rid>` | hash | who plays the role, where, its channels |
 * | `presence-gates`, `presence-at:<gateId>` | set, sorted set | gates that roles are noted at; rids at each, all with score 0 |
 * | `world:<zone>:<n>`, `world-full:<zone>` | set, bitmap | rids in each shard of the world; which shards have no room |
 * | `last-seen` | sorted set | rids by when they were last online; old ones go as others leave |
 * | `chat:{<channel>}` | hash | the last number, the one before the first, and the time up to which messages were sent |
 * | `chat:{<channel>}:log` | stream | the latest messages; expires with the newest one, unless some wait for the archive |
 * | `chat:{<channel>}:deleted` | sorted set | who sent messages that were deleted, by number; expires as the stream does |
 * | `chat:{<channel>}:id:<messageId>` | string | number of the message that was sent with it; expires after two minutes |
 * | `chat-unarchived` | sorted set | channels with messages that wait for the archive, and the number it has them up to |
 * | `chat-read:<rid>` | hash | up to which number the role has read each channel; whether its conversations are complete |
 * | `chat-talks:<rid>` | sorted set | with whom the role has talked, by time: the latest |
 * | `alliance:<id>` | hash | version and, unless it is being changed, roster; ten minutes at most |
 * | `alliance-changes:<id>` | sorted set | tokens of the changes under way, by when they expire; until the last has |
 * | `alliance-changes`, `alliance-change-marks` | sorted set, hash | the same of all alliances, and the mark of each token |
 */
export interface RedisKeys {
  /** Of scripts that make keys themselves. */
  readonly prefix: string
  readonly sessionEpoch: string
  session(uid: string): string
  readonly roleEpoch: string
  readonly roleEpochFirst: string
  role(rid: string): string
  readonly unsavedRoles: string
  readonly roleOwners: string
  rolesOwnedBy(server: string): string
  readonly roleRecovery: string
  chatChannel(channel: string): string
  chatLog(channel: string): string
  chatTeam(teamId: string): string
  chatTeamOf(rid: string): string
  team(teamId: string): string
  teamMembers(teamId: string): string
  teamOf(rid: string): string
  readonly teamsUntold: string
  chatDeleted(channel: string): string
  chatMessageId(channel: string, messageId: string): string
  readonly chatUnarchived: string
  chatRead(rid: string): string
  chatTalks(rid: string): string
  presence(rid: string): string
  readonly presenceGates: string
  presenceAt(gateId: string): string
  readonly lastSeen: string
  alliance(allianceId: string): string
  allianceChanges(allianceId: string): string
  readonly allianceChangesOfAll: string
  readonly allianceChangeMarks: string
}

/** The keys under a prefix. @example redisKeys('hydra:dev:').session(uid) */
export const redisKeys = (prefix: string): RedisKeys => ({
  prefix,
  sessionEpoch: `${prefix}session-epoch`,
  session: (uid) => `${prefix}session:${uid}`,
  roleEpoch: `${prefix}role-epoch`,
  roleEpochFirst: `${prefix}role-epoch-first`,
  role: (rid) => `${prefix}role:${rid}`,
  unsavedRoles: `${prefix}roles-unsaved`,
  roleOwners: `${prefix}role-owners`,
  rolesOwnedBy: (server) => `${prefix}roles-of:${server}`,
  roleRecovery: `${prefix}role-recovery`,
  chatChannel: (channel) => `${prefix}chat:{${channel}}`,
  chatLog: (channel) => `${prefix}chat:{${channel}}:log`,
  chatTeam: (teamId) => `${prefix}chat-team:${teamId}`,
  chatTeamOf: (rid) => `${prefix}chat-team-of:${rid}`,
  team: (teamId) => `${prefix}team:${teamId}`,
  teamMembers: (teamId) => `${prefix}team-members:${teamId}`,
  teamOf: (rid) => `${prefix}team-of:${rid}`,
  teamsUntold: `${prefix}teams-untold`,
  chatDeleted: (channel) => `${prefix}chat:{${channel}}:deleted`,
  chatMessageId: (channel, messageId) => `${prefix}chat:{${channel}}:id:${messageId}`,
  chatUnarchived: `${prefix}chat-unarchived`,
  chatRead: (rid) => `${prefix}chat-read:${rid}`,
  chatTalks: (rid) => `${prefix}chat-talks:${rid}`,
  presence: (rid) => `${prefix}presence:${rid}`,
  presenceGates: `${prefix}presence-gates`,
  presenceAt: (gateId) => `${prefix}presence-at:${gateId}`,
  lastSeen: `${prefix}last-seen`,
  alliance: (allianceId) => `${prefix}alliance:${allianceId}`,
  allianceChanges: (allianceId) => `${prefix}alliance-changes:${allianceId}`,
  allianceChangesOfAll: `${prefix}alliance-changes`,
  allianceChangeMarks: `${prefix}alliance-change-marks`,
})
