import { expect, test } from 'vitest'
import { tracingConfigSchema } from './tracing-config.ts'

test('is off as it comes', () => {
  expect(tracingConfigSchema.parse({}).endpoint).toBeUndefined()
})

test.each([
  { endpoint: 'collector:4318' },
  { endpoint: 'ftp://127.0.0.1/traces' },
  { endpoint: 'http://user:password@127.0.0.1/traces' },
  { sampleRatio: 1.1 },
  { sampleRatio: -0.1 },
  { queueMax: 10, batchMax: 11 },
  { headers: ['no value'] },
  { headers: ['two words=value'] },
  { unknown: 1 },
])('refuses %j', (section) => {
  expect(tracingConfigSchema.safeParse(section).success).toBe(false)
})
