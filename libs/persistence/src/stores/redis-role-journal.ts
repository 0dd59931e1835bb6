import { decodeSnapshot, snapshotBytes } from '../encode-snapshot.ts'
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
 * Many roles in one call: their keys follow those two that they share. Answers the places of those that were refused.
 * A role without keys was released, if this store has given out its epoch; else the store has lost everything since,
 * and nobody knows the owner then. A role is marked as unsaved already unless its snapshot is a new field.
 */
const appendLua = `${luaNewer}
local first
local function is_refused(key, epoch, version)
  local owned, noted_epoch, noted_version = unpack(redis.call('hmget', key, 'epoch', 'snapshotEpoch', 'version'))
  if owned and tonumber(owned) > tonumber(epoch) then return true end
  if not owned then
    if first == nil then first = redis.call('get', KEYS[2]) end
    if first and tonumber(epoch) >= tonumber(first) then return true end
  end
  if noted_epoch then
    if newer(noted_epoch, noted_version, epoch, version) then return true end
    if not newer(epoch, version, noted_epoch, noted_version) then return false, true end
  end
  if owned and tonumber(owned) < tonumber(epoch) then redis.call('hdel', key, 'owner') end
  return false, false
end
local refused = {}
for place = 1, #KEYS - 2 do
  local key, at = KEYS[place + 2], place * 4
  local rid, epoch, version, snapshot = ARGV[at - 3], ARGV[at - 2], ARGV[at - 1], ARGV[at]
  local is_old, is_known = is_refused(key, epoch, version)
  if is_old then
    refused[#refused + 1] = place
  elseif not is_known then
    local added = redis.call(
      'hset', key, 'epoch', epoch, 'snapshotEpoch', epoch, 'version', version, 'snapshot', snapshot)
    if added > 0 then redis.call('zadd', KEYS[1], 0, rid) end
  end
end
return refused
`

/** Many roles in one call, as above. */
const settleLua = `${luaNewer}
for place = 1, #KEYS - 1 do
  local key, at = KEYS[place + 1], place * 3
  local rid, epoch, version = ARGV[at - 2], ARGV[at - 1], ARGV[at]
  local owner, noted_epoch, noted_version = unpack(redis.call('hmget', key, 'owner', 'snapshotEpoch', 'version'))
  if not (noted_epoch and newer(noted_epoch, noted_version, epoch, version)) then
    redis.call('zrem', KEYS[1], rid)
    if owner then redis.call('hdel', key, 'snapshot') else redis.call('del', key) end
  end
end
`

type Text = string | null

/** Role ownership and unsaved snapshots in Redis. */
export function createRedisRoleJournal(link: RedisLink, keys: RedisKeys): RoleJournal {
  const append = link.script('hydraRoleAppend', undefined, appendLua)
  const settle = link.script('hydraRoleSettle', undefined, settleLua)

  return {
    ...createRedisRoleOwners(link, keys),
    async append(snapshots) {
      if (snapshots.length === 0) return { fenced: [] }
      const roleKeys = snapshots.map(({ rid }) => keys.role(rid))
      const given: (string | number | Buffer)[] = []
      for (const snapshot of snapshots)
        given.push(snapshot.rid, snapshot.epoch, snapshot.version, snapshotBytes(snapshot))
      const refused = await append.call(
        roleKeys.length + 2,
        keys.unsavedRoles,
        keys.roleEpochFirst,
        ...roleKeys,
        ...given,
      )
      const places = new Set(refused as readonly number[])
      return { fenced: snapshots.filter((_, index) => places.has(index + 1)).map(({ rid }) => rid) }
    },
    read: async (rid) => decode(await link.run((redis) => redis.hget(keys.role(rid), 'snapshot'))),
    async settle(saved) {
      if (saved.length === 0) return
      const roleKeys = saved.map(({ rid }) => keys.role(rid))
      const given = saved.flatMap(({ rid, epoch, version }) => [rid, epoch, version])
      await settle.call(roleKeys.length + 1, keys.unsavedRoles, ...roleKeys, ...given)
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
