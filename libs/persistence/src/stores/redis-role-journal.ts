import { decodeSnapshot, encodeSnapshot } from '../encode-snapshot.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'
import { createRedisRoleOwners } from './redis-role-owners.ts'
import type { RoleJournal } from './role-journal.ts'

/** Whether what is stored (epoch \`a\`, version \`b\`) is newer than what is given (epoch \`c\`, version \`d\`). */
const luaNewer = `
local function newer(a, b, c, d)
  a, b, c, d = tonumber(a), tonumber(b), tonumber(c), tonumber(d)
  return a > c or (a == c and b > d)
end
`

/**
 * A role without keys was released, if this store has given out its epoch; else the store has lost everything since,
 * and nobody knows the owner then.
 */
const appendLua = `${luaNewer}
local rid, epoch, version, snapshot = unpack(ARGV)
local owned, noted_epoch, noted_version = unpack(redis.call('hmget', KEYS[1], 'epoch', 'snapshotEpoch', 'version'))
if owned and tonumber(owned) > tonumber(epoch) then return 1 end
if not owned then
  local first = redis.call('get', KEYS[3])
  if first and tonumber(epoch) >= tonumber(first) then return 1 end
end
if noted_epoch then
  if newer(noted_epoch, noted_version, epoch, version) then return 1 end
  if not newer(epoch, version, noted_epoch, noted_version) then return 0 end
end
if owned and tonumber(owned) < tonumber(epoch) then redis.call('hdel', KEYS[1], 'owner') end
redis.call('hset', KEYS[1], 'epoch', epoch, 'snapshotEpoch', epoch, 'version', version, 'snapshot', snapshot)
redis.call('zadd', KEYS[2], 0, rid)
return 0
`

const settleLua = `${luaNewer}
local rid, epoch, version = unpack(ARGV)
local owner, noted_epoch, noted_version = unpack(redis.call('hmget', KEYS[1], 'owner', 'snapshotEpoch', 'version'))
if noted_epoch and newer(noted_epoch, noted_version, epoch, version) then return 0 end
redis.call('zrem', KEYS[2], rid)
if owner then redis.call('hdel', KEYS[1], 'snapshot') else redis.call('del', KEYS[1]) end
return 1
`

type Text = string | null

/** Role ownership and unsaved snapshots in Redis. */
export function createRedisRoleJournal(link: RedisLink, keys: RedisKeys): RoleJournal {
  const append = link.script('hydraRoleAppend', 3, appendLua)
  const settle = link.script('hydraRoleSettle', 2, settleLua)

  return {
    ...createRedisRoleOwners(link, keys),
    async append(snapshots) {
      const refused = await append.callAll(
        snapshots.map((snapshot) => {
          const { rid, epoch, version } = snapshot
          const roleKeys = [keys.role(rid), keys.unsavedRoles, keys.roleEpochFirst]
          return [...roleKeys, rid, epoch, version, encodeSnapshot(snapshot)]
        }),
      )
      return { fenced: snapshots.filter((_, index) => refused[index] === 1).map(({ rid }) => rid) }
    },
    read: async (rid) => decode(await link.run((redis) => redis.hget(keys.role(rid), 'snapshot'))),
    async settle(saved) {
      await settle.callAll(
        saved.map(({ rid, epoch, version }) => [keys.role(rid), keys.unsavedRoles, rid, epoch, version]),
      )
    },
    async unsaved(limit, afterRid) {
      const rids = await link.run((redis) =>
        redis.zrange(
          keys.unsavedRoles,
          afterRid === undefined ? '-' : `(${afterRid}`,
          '+',
          'BYLEX',
          'LIMIT',
          0,
          limit,
        ),
      )
      const owners = await link.pipeline((pipeline) => {
        for (const rid of rids) pipeline.hget(keys.role(rid), 'owner')
      })
      return rids.map((rid, index) => ({ rid, owner: (owners[index] as Text) ?? undefined }))
    },
  }
}

const decode = (text: Text | undefined) => (text ? decodeSnapshot(text) : undefined)
