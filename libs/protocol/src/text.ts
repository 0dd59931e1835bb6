import * as z from 'zod'

// The same on every machine, whatever language it speaks.
const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })
const simple = /^[\x20-\x7e\n]*$/

/**
 * How many characters a reader sees: extended grapheme clusters (Unicode UAX #29). A flag, a family emoji or a letter
 * with its accents counts as one. Counting stops above `max`, so that long texts cost no more than their limit: the
 * answer is then `max + 1`.
 *
 * @example
 * countGraphemes('👩‍👩‍👧é') // 2
 * countGraphemes('a long text', 5) // 6
 */
export function countGraphemes(text: string, max = Number.POSITIVE_INFINITY): number {
  if (simple.test(text)) return Math.min(text.length, max + 1)
  let count = 0
  for (const _ of segmenter.segment(text)) if (++count > max) break
  return count
}

/**
 * What shows nothing. Two symbols are drawn empty and count as ignorable nowhere: U+2800, the Braille cell without dots,
 * and U+1D159, a note without a head. Private and unassigned code points are left to fonts: an emoji that is newer than
 * this runtime is unassigned here.
 */
const visible = /[^\p{Cc}\p{Cf}\p{Cs}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}]/u

/** Code points of one grapheme: the longest emoji of Unicode have ten; a letter with more marks than this is graffiti. */
const graphemeMaxCodePoints = 16

/** What a text may be, besides what {@link plainText} always asks for. */
export interface PlainTextOptions {
  /** Characters as a reader sees them. */
  readonly minGraphemes: number
  readonly maxGraphemes: number
  /** Whether it may have line breaks. */
  readonly lines: boolean
}

/** Why a text is refused; `undefined`: it is not. */
function refusal(text: string, { minGraphemes, maxGraphemes, lines }: PlainTextOptions): string | undefined {
  if (/\p{Cs}/u.test(text)) return 'half of a surrogate pair is no character'
  if ((lines ? /(?!\n)\p{Cc}/u : /[\p{Cc}\p{Zl}\p{Zp}]/u).test(text)) {
    return lines ? 'no control characters but line breaks (U+000A)' : 'no control characters or line breaks'
  }
  if (/[\u202a-\u202e]/u.test(text) || !isolatesAreClosed(text))
    return 'direction overrides and unclosed isolates would turn the texts around it'
  const count = countGraphemes(text, maxGraphemes)
  if (count > maxGraphemes) return `at most ${maxGraphemes} characters`
  if (count < minGraphemes)
    return minGraphemes === 1 ? 'at least one character' : `at least ${minGraphemes} characters`
  if (text !== '' && !visible.test(text)) return 'at least one visible character'
  if (hasGraffiti(text)) return `at most ${graphemeMaxCodePoints} code points in one character`
  return undefined
}

function isolatesAreClosed(text: string): boolean {
  let depth = 0
  for (const [mark] of text.matchAll(/[\u2066-\u2069]/gu)) {
    depth += mark === '\u2069' ? -1 : 1
    if (depth < 0) return false
  }
  return depth === 0
}

function hasGraffiti(text: string): boolean {
  if (simple.test(text)) return false
  for (const { segment } of segmenter.segment(text)) {
    if (segment.length > graphemeMaxCodePoints && [...segment].length > graphemeMaxCodePoints) return true
  }
  return false
}

/**
 * A text that people write for people. What it lets through arrives unchanged but for blanks at the ends, which are
 * removed: marks of either direction, zero-width joiners and emoji included. Everything else is refused with its reason.
 *
 * @example const notice = plainText({ minGraphemes: 0, maxGraphemes: 200, lines: true })
 */
export const plainText = (options: PlainTextOptions) =>
  z
    .string()
    // Ten code units for each character: far more than any text of ordinary use has. Nothing else looks at longer ones.
    .max(options.maxGraphemes * 10, { abort: true })
    .trim()
    .superRefine((text, context) => {
      const reason = refusal(text, options)
      if (reason !== undefined) context.addIssue({ code: 'custom', message: reason })
    })
    .describe(
      `At most ${options.maxGraphemes} characters as a reader counts them. Blanks at the ends are removed; ${
        options.lines ? 'line breaks are the only control characters' : 'no line breaks'
      }.`,
    )
