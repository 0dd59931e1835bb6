import { describe, expect, test } from 'vitest'
import { create } from './chat/alliance.ts'
import { roleName } from './shared.ts'

const { name: allianceName, tag: allianceTag } = create.request.shape

const passes = (schema: { safeParse(value: unknown): { success: boolean } }, name: string) =>
  schema.safeParse(name).success

describe.each([
  ['a role', roleName],
  ['an alliance', allianceName],
  ['an alliance, its tag', allianceTag],
])('the name of %s', (_what, schema) => {
  test.each(['Ada', '勇者', 'नमस', 'שלום', 'قمر', 'Åse'])('may be %j', (name) => {
    expect(passes(schema, name)).toBe(true)
  })

  test.each([
    ['zero-width space', '\u200b'],
    ['zero-width non-joiner', '\u200c'],
    ['zero-width joiner', '\u200d'],
    ['word joiner', '\u2060'],
    ['byte order mark', '\ufeff'],
    ['soft hyphen', '\u00ad'],
    ['left-to-right mark', '\u200e'],
    ['right-to-left mark', '\u200f'],
    ['Arabic letter mark', '\u061c'],
    ['override', '\u202e'],
    ['embedding', '\u202b'],
    ['end of an embedding', '\u202c'],
    ['isolate', '\u2067'],
    ['end of an isolate', '\u2069'],
    ['Hangul filler', '\u3164'],
    ['combining grapheme joiner', '\u034f'],
    ['variation selector', '\ufe0f'],
    ['tag', '\u{e0061}'],
    ['Braille without dots', '\u2800'],
    ['line separator', '\u2028'],
    ['ideographic space', '\u3000'],
    ['half of a surrogate pair', '\ud83d'],
  ])('has no %s, wherever it stands', (_mark, mark) => {
    for (const name of [`${mark}Ad`, `A${mark}d`, `Ad${mark}`, mark.repeat(3)]) {
      expect(passes(schema, name)).toBe(false)
    }
  })
})
