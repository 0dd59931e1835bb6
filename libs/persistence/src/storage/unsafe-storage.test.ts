import { expect, test } from 'vitest'
import { storageConfigSchema } from './storage-config.ts'
import { unsafeStorage } from './unsafe-storage.ts'

const own = { mysqlUrl: 'mysql://u:p@localhost/d', redisUrl: 'redis://localhost' }
const found = (section: object) =>
  unsafeStorage(storageConfigSchema.parse({ ...own, ...section })).map(({ key, refused = false }) =>
    refused ? `${key} refused` : key,
  )

test.each<[object, string[]]>([
  [{}, []],
  [{ mysqlUrl: 'mysql://u@localhost/d' }, ['mysqlUrl refused']],
  [{ mysqlUrl: undefined }, ['mysqlUrl refused']],
  [{ mysqlUrl: 'mysql://u@localhost/d', mysqlCertFile: 'c', mysqlKeyFile: 'k' }, []],
  [{ mysqlUrl: 'mysql://u:p@db.internal/d' }, ['mysqlTls']],
  [{ mysqlUrl: 'mysql://u:p@db.internal/d', mysqlTls: true }, []],
  [{ mysqlUrl: 'mysql://u:p@db.internal/d', mysqlCaFile: 'c' }, []],
  [{ redisUrl: 'redis://cache.internal' }, ['redisUrl', 'redisUrl']],
  [{ redisUrl: 'redis://:p@cache.internal' }, ['redisUrl']],
  [{ redisUrl: 'rediss://cache.internal' }, ['redisUrl']],
  [{ redisUrl: 'rediss://:p@cache.internal' }, []],
  [{ redisUrl: 'rediss://cache.internal', redisCertFile: 'c', redisKeyFile: 'k' }, []],
  [{ database: 'sqlite', mysqlUrl: undefined, stores: 'memory', redisUrl: 'redis://cache.internal' }, []],
])('of %j production mode finds %j', (section, keys) => {
  expect(found(section)).toEqual(keys)
})

test('settings of TLS in the URL are refused: they can turn checks off', () => {
  const mysqlUrl = 'mysql://u:p@db/d?ssl={"rejectUnauthorized":false}'
  const { error } = storageConfigSchema.safeParse({ mysqlUrl })
  expect(error?.issues).toMatchObject([{ path: ['mysqlUrl'], message: expect.stringContaining('mysqlTls') }])
  expect(storageConfigSchema.safeParse({ mysqlUrl: 'no url' }).success).toBe(false)
})

test('options in the URL of Redis are refused: they go before ours', () => {
  const { error } = storageConfigSchema.safeParse({ redisUrl: 'rediss://u:p@cache.internal/0?tls=' })
  expect(error?.issues).toMatchObject([{ path: ['redisUrl'] }])
  expect(storageConfigSchema.safeParse({ redisUrl: 'no url' }).success).toBe(false)
})
