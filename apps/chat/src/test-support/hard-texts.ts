import * as fc from 'fast-check'

/** Texts that people write and that programs get wrong: each comes through as it is. */
export const keptTexts: readonly (readonly [what: string, text: string])[] = [
  ['two lines', 'two\nlines'],
  ['marks of direction', '\u200eA\u200f \u061cب'],
  ['Hebrew with points, Arabic with a joiner that joins not', 'שָׁלוֹם السلام می\u200cخواهم'],
  ['closed isolates', 'a \u2067שלום\u2069 \u2066b\u2068c\u2069\u2069'],
  ['a joiner between letters', 'a\u200db'],
  ['a family, lovers, a hero', '👩‍👩‍👧‍👦 👩🏽‍❤️‍💋‍👨🏿 🦸🏿‍♀️'],
  ['flags, by letters and by tags', '🇨🇳🇯🇵🏴󠁧󠁢󠁥󠁮󠁧󠁿'],
  ['a keycap, emoji and text style', '1️⃣ ☺︎ ☺️'],
  ['marks that combine, and the same as one character', 'e\u0301 \u00e9 o\u0308\u0304 \u1e69 s\u0323\u0307'],
  ['marks in another order than the canonical one', 'q\u0307\u0323'],
  ['characters that normalizing changes', 'ﬁ Å \u212b ﷺ ① ｆｕｌｌ ｶﾞ 豈 \uf900'],
  ['Hangul as jamo', '한국'.normalize('NFD')],
  ['Devanagari, Tamil, Thai, Tibetan', 'नमस्ते க்ஷி ที่นี่ རྒྱ'],
  ['Chinese above U+FFFF, with a variant', '𠮷野家 𪚥 葛\u{e0100}'],
  ['letters for mathematics, hieroglyphs, Gothic', '𝓗𝔂𝓭𝓻𝓪 𓀀 𐌰'],
  ['a byte order mark inside', 'a\ufeffb'],
  ['blanks of several widths inside', 'a\u00a0\u2003\u3000b'],
  ['characters for private use, and one that is not assigned', '\ue000 \u{10fffd} \u{1fffd}'],
  ['what stands for what cannot be read', '\ufffd'],
  ['what other programs take for their own', `'"\\\`$\{x} %s %00 \\u0000 &lt;b> {{x}} -- ; */`],
  ['cases that change length', 'İı ß ŉ ǆ ﬀ'],
  ['some marks on one letter', `z${'\u0335'.repeat(15)}`],
  ['as many characters as there may be in a notice', '👩🏽‍🚀'.repeat(200)],
  ['the longest number of bytes', '\u{10ffff}'.repeat(100) + 'x'],
]

const control = 'no control characters but line breaks (U+000A)'
const direction = 'direction overrides and unclosed isolates would turn the texts around it'
const invisible = 'at least one visible character'

/** Texts that do harm or say nothing, and the reason that their senders are given. */
export const refusedTexts: readonly (readonly [text: string, reason: string])[] = [
  ['a\u0000b', control],
  ['a\u0007', control],
  ['a\r\nb', control],
  ['a\tb', control],
  ['a\u0085b', control],
  ['\u001b[2J', control],
  ['\u202eabc', direction],
  ['\u202aabc\u202c', direction],
  ['\u2067abc', direction],
  ['a\u2069b\u2066', direction],
  ['\u200b', invisible],
  ['\u200d\u200d', invisible],
  ['\u3164', invisible],
  ['\u2800', invisible],
  ['\u0301', invisible],
  ['\u{e0067}\u{e007f}', invisible],
  ['\u2066\u2069', invisible],
  [`z${'\u0335'.repeat(16)}`, 'at most 16 code points in one character'],
  [Array(18).fill('👩').join('\u200d'), 'at most 16 code points in one character'],
  ['中'.repeat(501), 'at most 500 characters'],
  ['中'.repeat(5_001), 'Too big: expected string to have <=5000 characters'],
  ['', 'at least one character'],
  [' \u3000\ufeff', 'at least one character'],
]

/** Texts that are no Unicode: no body can have them. (In longer ones msgpackr puts U+FFFD before they are sent.) */
export const brokenTexts: readonly string[] = ['\ud83d', 'a\ude00b', '\ude00\ud83d', 'xxx\udfff']

/** Anything, of pieces that texts break at. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc
    .array(
      fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 6 }),
        fc.constantFrom(...keptTexts.map(([, text]) => text.slice(0, 30))),
        fc.constantFrom(
          '\u200d',
          '\ufe0f',
          '\u0301',
          '\u094d',
          '🇨',
          '🏽',
          '\u2066',
          '\u2069',
          ' ',
          '\n',
          '\ufeff',
        ),
      ),
      { maxLength: 8 },
    )
    .map((pieces) => pieces.join('')),
)
