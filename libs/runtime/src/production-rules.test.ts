import { expect, test } from 'vitest'
import { z } from 'zod'
import { isLoopback, productionFindings, withProductionRules } from './production-rules.ts'

const section = withProductionRules(z.strictObject({ open: z.boolean().default(true) }), ({ open }) =>
  open ? [{ key: 'open', problem: 'it is open.' }] : [],
)
const schema = z
  .strictObject({
    service: z.strictObject({ mode: z.enum(['development', 'production']) }),
    door: section.describe('A door.').prefault({}),
    wall: z.strictObject({}).prefault({}),
  })
  .refine(() => true)
const found = (mode: string, open: boolean) =>
  productionFindings(schema, schema.parse({ service: { mode }, door: { open } }))

test('rules of sections are looked at in production only, and name the whole key', () => {
  expect(found('production', true)).toEqual([{ key: 'door.open', problem: 'it is open.', refused: false }])
  expect(found('production', false)).toEqual([])
  expect(found('development', true)).toEqual([])
})

test.each(['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]', 'LOCALHOST'])(
  '%s is this machine',
  (host) => {
    expect(isLoopback(host)).toBe(true)
  },
)

test.each(['0.0.0.0', '::', '10.0.0.1', 'localhost.example', '127.0.0.1.example', ''])(
  '%j is not this machine alone',
  (host) => {
    expect(isLoopback(host)).toBe(false)
  },
)
