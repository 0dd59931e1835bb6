import { testBackends, uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testRedisLink } from '../test-support/test-stores.ts'
import { redisKeys, type RedisKeys } from './redis-keys.ts'
import type { RedisLink } from './redis-link.ts'
import { createRedisTeams } from './redis-teams.ts'
import { teamLimits, type TeamStore } from './teams.ts'

const { redisUrl } = testBackends()

describe.skipIf(redisUrl === undefined)('teams in redis', () => {
  let link: RedisLink
  let keys: RedisKeys
  let teams: TeamStore
  beforeEach(async () => {
    link = testRedisLink(String(redisUrl))
    await link.ping()
    keys = redisKeys(`${uniqueName('teams')}:`)
    teams = createRedisTeams(link, keys)
  })
  afterEach(async () => {
    await link.run(async (redis) => {
      const found = await redis.keys(`${keys.prefix}*`)
      if (found.length > 0) await redis.del(found)
    })
    await link.close()
  })

  const put = (teamId: string, version: number, rids: readonly string[]) =>
    teams.put({ teamId, version, rids, data: {} }, { atMs: 0, tellAgainAtMs: 0 })
  const restOf = (key: string) => link.run((redis) => redis.pttl(key))
  const expire = (...found: readonly string[]) => link.run((redis) => redis.del([...found]))

  test('expire, the team of a role after the team itself, and later when a member is seen', async () => {
    await put('t', 1, ['a', 'b'])
    await link.pipeline((pipeline) => {
      for (const key of [keys.team('t'), keys.teamMembers('t'), keys.teamOf('a'), keys.teamOf('b')])
        pipeline.pexpire(key, 60_000)
    })
    await teams.seen(['a'], 1)
    const rests = await Promise.all([keys.team('t'), keys.teamMembers('t')].map(restOf))
    const restsOf = await Promise.all([keys.teamOf('a'), keys.teamOf('b')].map(restOf))
    for (const rest of rests) expect(rest).toBeGreaterThan(teamLimits.keepMs / 2)
    for (const rest of restsOf) expect(rest).toBeGreaterThan(teamLimits.keepMs + 1_800_000)
  })

  test('are not believed to have a role when they have expired', async () => {
    await put('t', 1, ['a'])
    await expire(keys.team('t'), keys.teamMembers('t'))
    expect(await teams.ofRole('a')).toBeUndefined()
    expect(await teams.seen(['a'], 1)).toEqual([])
    expect(await put('u', 1, ['a'])).toEqual({ stored: true })
    expect(await teams.untold(0, 1, 10)).toEqual(['u'])
    expect(await link.run((redis) => redis.zcard(keys.teamsUntold))).toBe(1)
  })
})
