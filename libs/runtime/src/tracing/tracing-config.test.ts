import { expect, test } from 'vitest'
import { z } from 'zod'
import { serviceConfigSchema } from '../config-sections.ts'
import { productionFindings } from '../production-rules.ts'
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

const whole = z.strictObject({
  service: serviceConfigSchema.prefault({}),
  tracing: tracingConfigSchema.prefault({}),
})
const warnedOf = (tracing: object, mode = 'production') =>
  productionFindings(whole, whole.parse({ service: { mode }, tracing })).map(({ key }) => key)

test.each(['http://collector.internal:4318/v1/traces', 'http://10.0.0.5:4318/v1/traces'])(
  'production warns of spans that go to %s',
  (endpoint) => {
    expect(warnedOf({ endpoint })).toEqual(['tracing.endpoint'])
    expect(warnedOf({ endpoint, sampleRatio: 0 })).toEqual([])
    expect(warnedOf({ endpoint }, 'development')).toEqual([])
  },
)

test.each([
  {},
  { endpoint: 'https://collector.example/v1/traces' },
  { endpoint: 'http://127.0.0.1:4318/v1/traces' },
  { endpoint: 'http://[::1]:4318/v1/traces' },
  { endpoint: 'http://localhost:4318/v1/traces' },
])('production has nothing against %j', (tracing) => {
  expect(warnedOf(tracing)).toEqual([])
})
