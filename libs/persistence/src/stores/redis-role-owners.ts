import { decodeSnapshot } from '../encode-snapshot.ts'
import type { RedisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'
import { luaNextEpoch } from './redis-lua.ts'
import type { RoleOwners } from './role-owners.ts'

/** Keys: role, epoch counter, first epoch, owners. The sets of single owners begin with the last argument. */
const acquireLua = `${luaNextEpoch}
local rid, new_owner, replaces, above, owned_by = unpack(ARGV)
local owner, epoch, snapshot = unpack(redis.call('hmget', KEYS[1], 'owner', 'epoch', 'snapshot'))
if owner and owner ~= new_owner then
  if owner ~= replaces then return { 0, owner } end
  redis.call('zrem', owned_by .. owner, rid)
  if redis.call('exists', owned_by .. owner) == 0 then redis.call('srem', KEYS[4], owner) end
end
local next = next_epoch(KEYS[2], math.max(tonumber(epoch or '-1'), tonumber(above)) + 1)
redis.call('setnx', KEYS[3], next)
redis.call('hset', KEYS[1], 'owner', new_owner, 'epoch', next)
redis.call('zadd', owned_by .. new_owner, 0, rid)
redis.call('sadd', KEYS[4], new_owner)
return { 1, next, snapshot }
`

const releaseLua = `
local rid, asked, owned_by = unpack(ARGV)
local owner, epoch, snapshot = unpack(redis.call('hmget', KEYS[1], 'owner', 'epoch', 'snapshot'))
if not epoch then return 1 end
if tonumber(epoch) ~= tonumber(asked) or snapshot then return 0 end
if owner then
  redis.call('zrem', owned_by .. owner, rid)
  if redis.call('exists', owned_by .. owner) == 0 then redis.call('srem', KEYS[2], owner) end
end
return redis.call('del', KEYS[1])
`

/** A loss of the store that was not complete can leave a set that names roles which have another owner: it is mended. */
const ownedByLua = `
local owner, from, limit, role = unpack(ARGV)
local answer = {}
for _, rid in ipairs(redis.call('zrange', KEYS[1], from, '+', 'BYLEX', 'LIMIT', 0, limit)) do
  local now, epoch = unpack(redis.call('hmget', role .. rid, 'owner', 'epoch'))
  if now == owner then
    table.insert(answer, rid)
    table.insert(answer, epoch)
  else
    redis.call('zrem', KEYS[1], rid)
  end
end
if redis.call('exists', KEYS[1]) == 0 then redis.call('srem', KEYS[2], owner) end
return answer
`

const claimRecoveryLua = `
local holder = redis.call('get', KEYS[1])
if holder and holder ~= ARGV[1] and holder ~= ARGV[2] then return holder end
redis.call('set', KEYS[1], ARGV[1])
return ARGV[1]
`

const leaveRecoveryLua = `
if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end
return 1
`

/** Role ownership in Redis. The scripts name keys that they are not given, so it must not be a Redis Cluster. */
export function createRedisRoleOwners(link: RedisLink, keys: RedisKeys): RoleOwners {
  const acquire = link.script('hydraRoleAcquire', 4, acquireLua)
  const release = link.script('hydraRoleRelease', 2, releaseLua)
  const ownedBy = link.script('hydraRolesOwnedBy', 2, ownedByLua)
  const claimRecovery = link.script('hydraRecoveryClaim', 1, claimRecoveryLua)
  const leaveRecovery = link.script('hydraRecoveryLeave', 1, leaveRecoveryLua)

  return {
    async acquire(rid, owner, { replaces = '', above = -1 } = {}) {
      const roleKeys = [keys.role(rid), keys.roleEpoch, keys.roleEpochFirst, keys.roleOwners]
      const answer = await acquire.call(...roleKeys, rid, owner, replaces, above, keys.rolesOwnedBy(''))
      const [owned, ownerOrEpoch, text] = answer as [number, string, string | null | undefined]
      if (owned !== 1) return { owned: false, owner: ownerOrEpoch }
      const snapshot = text ? decodeSnapshot(text) : undefined
      return { owned: true, epoch: Number(ownerOrEpoch), snapshot }
    },
    async release(rid, epoch) {
      return (await release.call(keys.role(rid), keys.roleOwners, rid, epoch, keys.rolesOwnedBy(''))) === 1
    },
    async ownersOf(rids) {
      const owners = await link.pipeline((pipeline) => {
        for (const rid of rids) pipeline.hmget(keys.role(rid), 'owner', 'epoch')
      })
      return owners.map((fields) => {
        const [owner, epoch] = fields as readonly (string | null)[]
        return typeof owner === 'string' ? { owner, epoch: Number(epoch) } : undefined
      })
    },
    owners: () => link.run((redis) => redis.smembers(keys.roleOwners)),
    async ownedBy(owner, limit, afterRid) {
      const from = afterRid === undefined ? '-' : `(${afterRid}`
      const setKeys = [keys.rolesOwnedBy(owner), keys.roleOwners]
      const answer = await ownedBy.call(...setKeys, owner, from, limit, keys.role(''))
      const flat = answer as readonly string[]
      return Array.from({ length: flat.length / 2 }, (_, index) => ({
        rid: flat[2 * index] ?? '',
        epoch: Number(flat[2 * index + 1]),
      }))
    },
    async claimRecovery(owner, { replaces = '' } = {}) {
      return String(await claimRecovery.call(keys.roleRecovery, owner, replaces))
    },
    async leaveRecovery(owner) {
      await leaveRecovery.call(keys.roleRecovery, owner)
    },
  }
}
