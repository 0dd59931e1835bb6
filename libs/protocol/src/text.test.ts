import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countGraphemes, plainText } from './text.ts'
import { bodyCodec, serializers } from './wire/body.ts'

const schema = plainText({ minGraphemes: 1, maxGraphemes: 20, lines: true })
const reasons = (text: string, by = schema) =>
  by.safeParse(text).error?.issues.map(({ message }) => message) ?? []

describe('characters are counted as a reader sees them', () => {
  test.each([
    ['nothing', '', 0],
    ['ASCII with a line break', 'a b\nc', 5],
    ['Chinese', '你好，世界', 5],
    ['Chinese beyond the BMP', '𠮷野家', 3],
    ['flags, each of two regional indicators', '🇨🇳🇯🇵', 2],
    ['a flag of tags', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 1],
    ['families', '👩‍👩‍👧‍👦👨‍👩‍👦', 2],
    ['skin tones', '👍🏽👩🏿‍🚀', 2],
    ['the longest emoji', '👩🏽‍❤️‍💋‍👨🏿', 1],
    ['a keycap', '1️⃣', 1],
    ['Hangul as jamo', '한국'.normalize('NFD'), 2],
    ['Devanagari clusters', 'नमस्ते', 3],
    ['Tamil', 'நிலா', 2],
    ['combining marks', 'e\u0301o\u0308\u0304', 2],
    ['marks alone', '\u0301\u0302', 1],
    ['halves of surrogate pairs', '\ud83d \ude00', 3],
  ])('%s', (_what, text, count) => {
    expect(countGraphemes(text)).toBe(count)
    expect(countGraphemes(text, count)).toBe(count)
  })

  test('counting stops one above the limit', () => {
    for (const text of ['a'.repeat(500), '中'.repeat(500), '👩‍👩‍👧'.repeat(500)]) {
      expect(countGraphemes(text, 20)).toBe(21)
    }
  })

  test('the short way for ASCII counts as the long one does', () => {
    const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
        expect(countGraphemes(text)).toBe([...segmenter.segment(text)].length)
      }),
    )
  })
})

const written = [
  'Hello',
  'two\nlines',
  '你好，世界',
  'नमस्ते',
  'السلام عليكم',
  'שָׁלוֹם',
  '👩🏽‍❤️‍💋‍👨🏿',
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
  'a\u200db',
  'می\u200cخواهم',
  'e\u0301',
  '\u200eA\u200f',
  '\u061cب',
  'a \u2067שלום\u2069 b',
  '\u2066a\u2068b\u2069c\u2069',
  'a\ufeffb',
  '\ue000',
  '\u{1fffd}',
]

describe('what people write comes through', () => {
  test.each(written)('%j', (text) => {
    expect(reasons(text)).toEqual([])
  })

  test('blanks at the ends go, blanks inside stay', () => {
    expect(schema.parse(' \n\u3000\ufeffa\u3000\u00a0 b\u2028\n ')).toBe('a\u3000\u00a0 b')
  })

  test('an empty text passes where no character is needed', () => {
    const notice = plainText({ minGraphemes: 0, maxGraphemes: 20, lines: true })
    expect(notice.parse('  ')).toBe('')
    expect(reasons('\u200b', notice)).toEqual(['at least one visible character'])
  })
})

describe('what is no text is refused with a reason', () => {
  const control = 'no control characters but line breaks (U+000A)'
  const direction = 'direction overrides and unclosed isolates would turn the texts around it'
  const invisible = 'at least one visible character'
  test.each([
    ['\ud83d', 'half of a surrogate pair is no character'],
    ['a\ude00b', 'half of a surrogate pair is no character'],
    ['a\u0000', control],
    ['a\tb', control],
    ['a\r\nb', control],
    ['a\u0085b', control],
    ['a\u202eb', direction],
    ['a\u202ab\u202c', direction],
    ['a\u2067b', direction],
    ['a\u2069b\u2066', direction],
    ['', 'at least one character'],
    ['   ', 'at least one character'],
    ['\u200b', invisible],
    ['\u200d\u200d', invisible],
    ['\u3164', invisible],
    ['\u2800 \u2800', invisible],
    ['\u0301', invisible],
    ['\u{e0061}', invisible],
    ['\u2066\u2069', invisible],
    ['a'.repeat(21), 'at most 20 characters'],
    ['👩‍👩‍👧'.repeat(21), 'at most 20 characters'],
    [`z${'\u0335'.repeat(16)}`, 'at most 16 code points in one character'],
    [Array(18).fill('👩').join('\u200d'), 'at most 16 code points in one character'],
  ])('%j: %s', (text, reason) => {
    expect(reasons(text)).toEqual([reason])
  })

  test('no line breaks of any kind where there is one line', () => {
    const line = plainText({ minGraphemes: 1, maxGraphemes: 20, lines: false })
    for (const text of ['a\nb', 'a\u2028b', 'a\u2029b', 'a\u000bb']) {
      expect(reasons(text, line)).toEqual(['no control characters or line breaks'])
    }
    expect(line.parse(' a b\n')).toBe('a b')
  })

  test('of a text that is far too long nothing but its length is looked at', () => {
    expect(reasons(`\ud83d\u0000${'中'.repeat(200)}`)).toEqual([
      'Too big: expected string to have <=200 characters',
    ])
  })
})

/** Pieces that texts break at. */
const piece = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom(...written),
  fc.constantFrom('\u200d', '\ufe0f', '\u0301', '\u094d', '\u1161', '🇨', '🏽', '\u2066', '\u2069', '\u202e'),
  fc.constantFrom(' ', '\n', '\u3000', '\ufeff', '\ud83d', '\ude00', '\u2800'),
)
const anyText = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''))

describe.each(serializers)('over %s', (serializer) => {
  const codec = bodyCodec(serializer)

  test('every text comes through as it is but for blanks at its ends, or is refused with one reason', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { success, data: kept = 'refused' } = schema.safeParse(text)
        expect(reasons(text)).toHaveLength(success ? 0 : 1)
        expect(kept).toBe(success ? text.trim() : 'refused')
        expect(countGraphemes(kept)).toBeLessThanOrEqual(20)
        expect(codec.decode(codec.encode({ text: kept }))).toEqual({ text: kept })
        expect(schema.parse(kept)).toBe(kept)
      }),
      { numRuns: 2_000 },
    )
  })
})
