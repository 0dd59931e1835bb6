import { MemoryTracer, withSpan } from '@hydra/runtime'
import { testBackends } from '@hydra/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testRedisLink } from '../test-support/test-stores.ts'
import type { RedisLink } from './redis-link.ts'

const { redisUrl } = testBackends()

describe.skipIf(redisUrl === undefined)('calls of Redis in a trace', () => {
  let link: RedisLink
  beforeAll(async () => {
    link = testRedisLink(redisUrl ?? '')
    await link.ping()
  })
  afterAll(() => link.close())

  test('are spans that name commands and scripts, and nothing of keys and values', async () => {
    const tracer = new MemoryTracer()
    const echo = link.script('hydraTestEcho', 1, 'return ARGV[1]')
    await withSpan(tracer.begin('request'), async () => {
      expect(await link.run((redis) => redis.get('secret-key'))).toBeNull()
      expect(await link.pipeline((pipeline) => void pipeline.get('secret-key').ttl('secret-key'))).toEqual([
        null,
        -2,
      ])
      expect(await echo.call('secret-key', 'secret-value')).toBe('secret-value')
      await expect(link.run((redis) => redis.incrby('secret-key', 'x'))).rejects.toMatchObject({
        code: 'STORAGE_UNAVAILABLE',
      })
    })
    expect(tracer.spans.slice(1).map(({ name, code, kind }) => [name, code, kind])).toEqual([
      ['GET', 'OK', 'client'],
      ['PIPELINE', 'OK', 'client'],
      ['hydraTestEcho', 'OK', 'client'],
      ['INCRBY', 'STORAGE_UNAVAILABLE', 'client'],
    ])
    expect(
      new Set(
        tracer
          .lines()
          .slice(1)
          .map((line) => line.split(' > ')[0]),
      ),
    ).toEqual(new Set(['request']))
    expect(JSON.stringify(tracer.spans)).not.toContain('secret')
  })

  test('outside of one they are the same', async () => {
    expect(await link.run((redis) => redis.get('secret-key'))).toBeNull()
  })
})
