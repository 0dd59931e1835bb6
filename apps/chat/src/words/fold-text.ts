/**
 * What a character is when words are looked for:
 * - `left-out`: shows nothing or only adorns a letter; it is not there;
 * - `blank`, `symbol`: stand between letters;
 * - `whole`: a letter or digit of a script that writes words apart;
 * - `part`: of a script that glues endings to its words (Hangul);
 * - `loose`: of a script without blanks between words, whose letters one can pull apart and still read.
 */
type CharacterClass = 'left-out' | 'blank' | 'symbol' | 'whole' | 'part' | 'loose'

/** A text as words are looked for in it. The lists have one entry for each code unit of `text`. */
export interface FoldedText {
  /** Letters one after another, whatever their case, width or form. */
  readonly text: string
  readonly classes: readonly CharacterClass[]
  /** Where in the original the character begins and ends. */
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  /** Whether something stands before it that `text` does not have. */
  readonly gaps: readonly boolean[]
}

/** What one character of the original has become, by code unit. */
interface Piece {
  readonly text: string
  readonly classes: readonly CharacterClass[]
}

/** What composes with the character before it: marks, halfwidth voice marks, vowels and finals of Hangul. */
const tail = String.raw`\p{M}\u1160-\u11ff\u314f-\u3163\uff9e\uff9f\uffc2-\uffdc`
const tailOnly = new RegExp(`[${tail}\\p{Default_Ignorable_Code_Point}]`, 'u')
const ignorable = /\p{Default_Ignorable_Code_Point}/gu
const withTail = new RegExp(
  `\\p{Default_Ignorable_Code_Point}|[^](?:\\p{Default_Ignorable_Code_Point}*[${tail}])*`,
  'uy',
)

const leftOut = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/u
/** Marks of no script: those that compose with their letter have done so, the others are evasion or decoration. */
const decoration = /\p{Script=Inherited}/u
const blank = /[\p{Z}\p{Cc}\p{Cs}]/u
const letter = /[\p{L}\p{N}\p{M}]/u
const loose = new RegExp(
  `[${['Han', 'Hira', 'Kana', 'Bopo', 'Yiii', 'Thai', 'Laoo', 'Khmr', 'Mymr', 'Tibt']
    .map((script) => `\\p{Script_Extensions=${script}}`)
    .join('')}]`,
  'u',
)
const part = /\p{Script_Extensions=Hangul}/u

/** Most texts are made of few characters, and what becomes of one never changes. As long as the BMP, no longer. */
const pieces: (Piece | undefined)[] = Array.from({ length: 0x1_00_00 })
/** Whether a code unit may go with the one before it; asked of each in turn. */
const joins: (boolean | undefined)[] = Array.from({ length: 0x1_00_00 })

/**
 * Folds a text so that the same word looks the same: NFKC of each character with its marks, one case, nothing invisible,
 * nothing between the letters. With `symbols`, punctuation and other symbols stay.
 *
 * @example
 * foldText('Ｂａ\u200bD — 敏*感', false).text // 'bad敏感'
 */
export function foldText(original: string, symbols: boolean): FoldedText {
  const classes: CharacterClass[] = []
  const starts: number[] = []
  const ends: number[] = []
  const gaps: boolean[] = []
  let text = ''
  let gap = false
  for (let start = 0, end = 0; start < original.length; start = end) {
    end = endOfCharacter(original, start)
    const piece = pieceOf(original, start, end)
    for (let at = 0; at < piece.classes.length; at++) {
      const what = piece.classes[at] ?? 'left-out'
      if (what === 'left-out') continue
      if (what === 'blank' || (what === 'symbol' && !symbols)) {
        gap = true
        continue
      }
      text += piece.text[at]
      classes.push(what)
      starts.push(start)
      ends.push(end)
      gaps.push(gap)
      gap = false
    }
  }
  return { text, classes, starts, ends, gaps }
}

/** A folded text in which some letters, marked by 1, have become symbols that stand between the others. */
export function without({ text, classes, starts, ends, gaps }: FoldedText, marked: Uint8Array): FoldedText {
  const rest: number[] = []
  const restGaps: boolean[] = []
  let gap = false
  for (let at = 0; at < text.length; at++) {
    gap ||= gaps[at] === true
    if (marked[at] === 1) gap = true
    else {
      rest.push(at)
      restGaps.push(gap)
      gap = false
    }
  }
  return {
    text: rest.map((at) => text[at]).join(''),
    classes: rest.map((at) => classes[at] ?? 'left-out'),
    starts: rest.map((at) => starts[at] ?? 0),
    ends: rest.map((at) => ends[at] ?? 0),
    gaps: restGaps,
  }
}

function endOfCharacter(original: string, start: number): number {
  const end = start + 1
  if (!isSurrogate(original.charCodeAt(start)) && (end === original.length || !mayJoin(original, end))) {
    return end
  }
  withTail.lastIndex = start
  withTail.test(original)
  return withTail.lastIndex
}

function mayJoin(original: string, at: number): boolean {
  const unit = original.charCodeAt(at)
  // Marks beyond the BMP begin with a surrogate.
  return (joins[unit] ??= isSurrogate(unit) || tailOnly.test(String.fromCharCode(unit)))
}

const isSurrogate = (unit: number): boolean => unit >= 0xd8_00 && unit <= 0xdf_ff

function pieceOf(original: string, start: number, end: number): Piece {
  if (end > start + 1) return fold(original.slice(start, end))
  const unit = original.charCodeAt(start)
  return (pieces[unit] ??= fold(String.fromCharCode(unit)))
}

function fold(character: string): Piece {
  const text = character
    .replaceAll(ignorable, '')
    .normalize('NFKC')
    // By way of capitals: `ς` and `σ`, `ı` and `i`, `ß` and `ss` become the same.
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
  const classes: CharacterClass[] = []
  for (const each of text) {
    const what = classOf(each)
    for (let unit = 0; unit < each.length; unit++) classes.push(what)
  }
  return { text, classes }
}

function classOf(character: string): CharacterClass {
  if (leftOut.test(character) || decoration.test(character)) return 'left-out'
  if (blank.test(character)) return 'blank'
  if (!letter.test(character)) return 'symbol'
  if (loose.test(character)) return 'loose'
  return part.test(character) ? 'part' : 'whole'
}
