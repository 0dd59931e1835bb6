import { configFields } from '@hydra/runtime'
import { expect, test } from 'vitest'
import { storageConfigSchema } from './storage-config.ts'
import { roleQueueConfigSchema } from '../role-queue/role-queue-config.ts'

test('everything has a default', () => {
  expect(storageConfigSchema.parse({})).toMatchObject({
    database: 'mysql',
    stores: 'redis',
    keyPrefix: 'hydra:dev:',
  })
  expect(roleQueueConfigSchema.parse({})).toMatchObject({ flushIntervalMs: 1_000, flushBatchMax: 1_000 })
})

test.each([
  ['database', { database: 'postgres' }],
  ['mysqlUrl', { mysqlUrl: 'http://localhost/hydra' }],
  ['redisUrl', { redisUrl: 'localhost:6379' }],
  ['keyPrefix', { keyPrefix: 'hydra' }],
  ['keyPrefix', { keyPrefix: 'hy dra:' }],
  ['sqliteFile', { sqliteFile: '' }],
  ['retryMaxMs', { retryMinMs: 500, retryMaxMs: 100 }],
  ['', { unknownKey: 1 }],
])('a wrong %s is refused and named', (path, section) => {
  const { success, error } = storageConfigSchema.safeParse(section)
  expect(success).toBe(false)
  expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([path])
})

test('each value can be set by a variable', () => {
  for (const schema of [storageConfigSchema, roleQueueConfigSchema]) {
    for (const field of configFields(schema))
      expect([field.path.join('.'), field.kinds.size > 0]).toEqual([field.path.join('.'), true])
  }
})
