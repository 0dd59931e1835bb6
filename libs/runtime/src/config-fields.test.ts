import { expect, test } from 'vitest'
import { z } from 'zod'
import { configFields } from './config-fields.ts'

const summary = (schema: z.ZodType) =>
  Object.fromEntries(
    configFields(schema).map(({ path, kinds, itemKinds }) => [
      path.join('.'),
      [...kinds, ...[...itemKinds].map((kind) => `of ${kind}`)].toSorted(),
    ]),
  )

test('finds every field through whatever wraps it', () => {
  const schema = z
    .strictObject({
      log: z.strictObject({ level: z.enum(['info', 'warn']).default('info') }).prefault({}),
      gate: z.strictObject({
        port: z.int().min(0).optional(),
        host: z.string().nullable().readonly(),
        tls: z.boolean().catch(false),
        names: z.array(z.string().trim()).default([]),
        sizes: z.array(z.number()),
        url: z.url().transform((text) => new URL(text)),
        count: z.preprocess((value) => value, z.number()),
        port2: z.union([z.literal('off'), z.literal(0), z.number()]),
      }),
    })
    .refine(() => true)
    .readonly()
  expect(summary(schema)).toEqual({
    'log.level': ['string'],
    'gate.port': ['number'],
    'gate.host': ['string'],
    'gate.tls': ['boolean'],
    'gate.names': ['list', 'of string'],
    'gate.sizes': ['list', 'of number'],
    'gate.url': ['string'],
    'gate.count': ['number'],
    'gate.port2': ['number', 'string'],
  })
})

test('merges the alternatives of a union and both sides of an intersection', () => {
  const driver = z.discriminatedUnion('driver', [
    z.strictObject({ driver: z.literal('memory') }),
    z.strictObject({ driver: z.literal('nats'), servers: z.array(z.string()) }),
  ])
  const schema = z.object({
    bus: driver,
    both: z.intersection(z.object({ a: z.string() }), z.object({ b: z.number() })),
  })
  expect(summary(schema)).toEqual({
    'bus.driver': ['string'],
    'bus.servers': ['list', 'of string'],
    'both.a': ['string'],
    'both.b': ['number'],
  })
})

test('knows tables that no line of text can set', () => {
  const schema = z.object({
    weights: z.record(z.string(), z.number()),
    zones: z.array(z.object({ name: z.string() })),
    empty: z.object({}),
  })
  expect(summary(schema)).toEqual({ weights: [], zones: [], empty: [] })
})
