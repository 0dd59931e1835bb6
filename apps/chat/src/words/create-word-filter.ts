import { AhoCorasick } from '@monyone/aho-corasick'
import { foldText, without, type FoldedText } from './fold-text.ts'
import type { WordFilter } from './word-filter.ts'

/** A word as it is looked for. */
export interface WordPattern {
  /** Folded, without what may stand between its letters. */
  readonly key: string
  /** Whether it has symbols, which then must be there: `c++`, an emoji. */
  readonly symbols: boolean
  /** Positions in `key` before which there must be a blank (`true`) or nothing (`false`); the others do not matter. */
  readonly gaps: ReadonlyMap<number, boolean>
}

/** Words of one kind, found in one pass over a text. */
interface WordSet {
  readonly symbols: boolean
  readonly matcher: AhoCorasick
  readonly patterns: ReadonlyMap<string, readonly WordPattern[]>
}

const masked = '*'
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** How a word is looked for; `undefined` when nothing of it is left to be found. */
export function patternOf(word: string): WordPattern | undefined {
  const symbols = foldText(word, true).classes.includes('symbol')
  const folded = foldText(word, symbols)
  // Masked, it would be found again.
  if ([...folded.text].every((character) => character === masked)) return undefined
  const gaps = new Map<number, boolean>()
  for (let at = 1; at < folded.text.length; at++) {
    if (folded.classes[at - 1] !== 'loose' && folded.classes[at] !== 'loose')
      gaps.set(at, folded.gaps[at] === true)
  }
  return { key: folded.text, symbols, gaps }
}

/**
 * A filter for a list of words.
 *
 * - Case, full and half width and other compatibility forms make no difference; invisible characters and marks that
 *   belong to no letter are not there.
 * - Words of scripts that write words apart (Latin, Cyrillic, Arabic …) are found where they stand as whole words: `ass`
 *   not in "class". Blanks and punctuation between the words of a phrase are all the same.
 * - Chinese, Japanese, Thai and their like are found anywhere, also with blanks, punctuation or symbols between letters.
 *   Korean is found anywhere too, but not pulled apart, since its blanks mean something.
 * - A word that has symbols itself is found with exactly these.
 *
 * It knows nothing of look-alikes (`а` for `a`, `1` for `l`), of accents left out, nor of traditional for simplified
 * characters: such forms are listed like any other.
 *
 * @example createWordFilter(['badword', '敏感词']).clean('BadWord! 敏-感-词') // '*******! *-*-*'
 */
export function createWordFilter(words: Iterable<string>): WordFilter {
  const patterns = [...words].map(patternOf).filter((pattern) => pattern !== undefined)
  const sets = [false, true]
    .map((symbols) => wordSet(patterns, symbols))
    .filter(({ patterns: { size } }) => size > 0)

  return {
    clean(text) {
      // Masking what was said inside of another word can bring that one together. Each round masks at least one more
      // character, so that there are never more rounds than characters; most texts have one, without a finding. Words
      // put into each other a hundred times, to keep a server busy, are peeled within one round.
      for (let before = text; ;) {
        const after = mask(before, sets)
        if (after === before) return after
        before = after
      }
    },
    isClean: (text) => sets.every((set) => findings(foldText(text, set.symbols), set).next().done === true),
  }
}

function wordSet(all: readonly WordPattern[], symbols: boolean): WordSet {
  const patterns = new Map<string, WordPattern[]>()
  for (const pattern of all) {
    if (pattern.symbols !== symbols) continue
    const alike = patterns.get(pattern.key)
    if (alike === undefined) patterns.set(pattern.key, [pattern])
    else alike.push(pattern)
  }
  return { symbols, matcher: new AhoCorasick([...patterns.keys()]), patterns }
}

/** Where words are in a folded text: from and to, in code units of it. */
function* findings(folded: FoldedText, { matcher, patterns }: WordSet): Generator<readonly [number, number]> {
  for (const { begin, end, keyword } of matcher.matchInText(folded.text)) {
    if (!isBoundary(folded, begin) || !isBoundary(folded, end)) continue
    if (patterns.get(keyword)?.some((pattern) => hasGaps(folded, begin, pattern)) === true) yield [begin, end]
  }
}

/** Whether a word may begin or end here: not inside of another one. */
const isBoundary = ({ classes, gaps }: FoldedText, at: number): boolean =>
  classes[at - 1] !== 'whole' || classes[at] !== 'whole' || gaps[at] === true

function hasGaps(folded: FoldedText, begin: number, { gaps }: WordPattern): boolean {
  for (const [at, gap] of gaps) if (folded.gaps[begin + at] !== gap) return false
  return true
}

function mask(text: string, sets: readonly WordSet[]): string {
  let isMasked: Uint8Array | undefined
  for (const set of sets) {
    let folded = foldText(text, set.symbols)
    for (;;) {
      const isFound = new Uint8Array(folded.text.length)
      for (const [begin, end] of findings(folded, set)) isFound.fill(1, begin, end)
      if (!isFound.includes(1)) break
      isMasked ??= new Uint8Array(text.length)
      for (let at = 0; at < isFound.length; at++) {
        if (isFound[at] === 1) isMasked.fill(1, folded.starts[at], folded.ends[at])
      }
      // A mask is a symbol. Where symbols count, what it makes of the words around it is for the next round to see.
      if (set.symbols) break
      folded = without(folded, isFound)
    }
  }
  if (isMasked === undefined) return text
  let result = ''
  for (const { segment, index } of graphemes.segment(text)) {
    result += isMasked.subarray(index, index + segment.length).includes(1) ? masked : segment
  }
  return result
}
