/**
 * Every key in Redis, all under one prefix (`hydra:<env>:`). None expires: each is removed by the step that ends what
 * it stands for, or is bounded by itself (chat). Redis, 6.2 or newer, must therefore run with `maxmemory-policy noeviction`.
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
 * | `chat:{<channel>}:seq`, `:log` | number, stream | the last number, the latest messages; one slot in a cluster |
 * | `presence:<rid>` | hash | who plays the role, and where |
 */
export interface RedisKeys {
  readonly sessionEpoch: string
  session(uid: string): string
  readonly roleEpoch: string
  readonly roleEpochFirst: string
  role(rid: string): string
  readonly unsavedRoles: string
  readonly roleOwners: string
  rolesOwnedBy(server: string): string
  readonly roleRecovery: string
  chatSeq(channel: string): string
  chatLog(channel: string): string
  presence(rid: string): string
}

/** The keys under a prefix. @example redisKeys('hydra:dev:').session(uid) */
export const redisKeys = (prefix: string): RedisKeys => ({
  sessionEpoch: `${prefix}session-epoch`,
  session: (uid) => `${prefix}session:${uid}`,
  roleEpoch: `${prefix}role-epoch`,
  roleEpochFirst: `${prefix}role-epoch-first`,
  role: (rid) => `${prefix}role:${rid}`,
  unsavedRoles: `${prefix}roles-unsaved`,
  roleOwners: `${prefix}role-owners`,
  rolesOwnedBy: (server) => `${prefix}roles-of:${server}`,
  roleRecovery: `${prefix}role-recovery`,
  chatSeq: (channel) => `${prefix}chat:{${channel}}:seq`,
  chatLog: (channel) => `${prefix}chat:{${channel}}:log`,
  presence: (rid) => `${prefix}presence:${rid}`,
})
