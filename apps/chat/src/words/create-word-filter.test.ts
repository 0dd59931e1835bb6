import { countGraphemes } from '@hydra/protocol'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createWordFilter, patternOf } from './create-word-filter.ts'

const filter = createWordFilter([
  'badword',
  'ass',
  'хрен',
  'two words',
  'straße',
  '敏感词',
  '坏',
  'バカ',
  '시발',
  'c++',
  '🖕',
  'f*ck',
])

describe('a word is found', () => {
  test.each([
    ['as it is listed', 'a badword!', 'a *******!'],
    ['whatever its case', 'BadWORD', '*******'],
    ['in full width', 'ｂａｄｗｏｒｄ', '*******'],
    ['in letters of mathematics', '𝐛𝐚𝐝𝐰𝐨𝐫𝐝', '*******'],
    ['in circles', 'ⓑⓐⓓⓦⓞⓡⓓ', '*******'],
    ['with invisible characters, which stay', 'bad\u200bwo\u2060rd', '***\u200b**\u2060**'],
    ['under marks that belong to no letter', 'b\u0336a\u0336d\u0336word', '*******'],
    ['beside punctuation and underscores', '(ass)_ass_', '(***)_***_'],
    ['beside Chinese', '你ass啊', '你***啊'],
    ['in Cyrillic', 'Хрен!', '****!'],
    ['ß as ss', 'STRASSE, Strasse', '*******, *******'],
    ['as a phrase, whatever stands between', 'Two  words two-words', '***  ***** ***-*****'],
    ['in Chinese', '这是敏感词吗', '这是***吗'],
    ['in Chinese, pulled apart', '敏 感，词 敏☆感😀词', '* *，* *☆*😀*'],
    ['in Chinese, over a line break', '敏感\n词', '**\n*'],
    ['in Chinese, of one character', '坏人', '*人'],
    ['in Japanese of half width', 'ﾊﾞｶ バ・カ', '** *・*'],
    ['in Korean, with an ending', '시발이', '**이'],
    ['in Korean as jamo', '시발'.normalize('NFD'), '**'],
    ['in Korean as single letters', 'ㅅㅣ발', '***'],
    ['with its symbols', 'C++ is hard', '*** is hard'],
    ['as an emoji of any skin', 'x🖕🏽🖕', 'x**'],
    ['with a star inside', 'F*ck', '****'],
    ['around another one', '敏坏感词 敏 badword 感词', '**** * ******* **'],
  ])('%s', (_what, text, cleaned) => {
    expect(filter.clean(text)).toBe(cleaned)
    expect(filter.isClean(text)).toBe(false)
    expect(filter.isClean(cleaned)).toBe(true)
  })
})

describe('nothing is found', () => {
  test.each([
    ['inside of a longer word', 'class assassin Scunthorpe badwords'],
    ['inside of a longer word, invisibly parted', 'cl\u200bass'],
    ['with digits around', 'ass1 1ass'],
    ['with letters pulled apart', 'b a d w o r d'],
    ['where words of a phrase are one', 'twowords'],
    ['in Korean pulled apart', '다시 발표'],
    ['in Chinese with a letter between', '敏x感词'],
    ['without its symbols', 'c c+'],
    ['in other words', 'a good day 你好 👩‍👩‍👧'],
    ['in nothing', ''],
  ])('%s', (_what, text) => {
    expect(filter.clean(text)).toBe(text)
    expect(filter.isClean(text)).toBe(true)
  })

  test('by an empty list', () => {
    expect(createWordFilter([]).clean('badword')).toBe('badword')
  })
})

test('of some words nothing can be found', () => {
  for (const word of ['', ' ', '\u200b', '**', '\u0336']) expect(patternOf(word)).toBeUndefined()
  expect(createWordFilter(['**', ' ']).clean('a **')).toBe('a **')
})

test('words put into each other are all found', () => {
  const { clean } = createWordFilter(['甲乙'])
  expect(clean(`甲${'甲 '.repeat(99)}${'乙'.repeat(100)}`)).toBe(`*${'* '.repeat(99)}${'*'.repeat(100)}`)
})

test('what stands on both sides of a word does not become another one', () => {
  const { clean } = createWordFilter(['ab', 'a b', '가'])
  expect(clean('a가b')).toBe('***')
  expect(createWordFilter(['ab', '가']).clean('a가b')).toBe('a*b')
})

const classes: Readonly<Record<string, string>> = {
  a: 'whole',
  b: 'whole',
  法: 'loose',
  轮: 'loose',
  가: 'part',
  나: 'part',
  $: 'symbol',
  '*': 'symbol',
  ' ': 'blank',
}
const lower = (letter: string) => letter.toLowerCase()
const classOf = (letter: string) => classes[lower(letter)] ?? 'left-out'

interface Letter {
  readonly letter: string
  readonly at: number
  readonly gap: boolean
}

/** What remains of a text when it is read for words with, or without, symbols. */
function lettersOf(text: readonly string[], symbols: boolean): readonly Letter[] {
  const letters: Letter[] = []
  let gap = false
  for (const [at, each] of text.entries()) {
    const what = classOf(each)
    if (what === 'left-out') continue
    if (what === 'blank' || (what === 'symbol' && !symbols)) gap = true
    else {
      letters.push({ letter: lower(each), at, gap })
      gap = false
    }
  }
  return letters
}

/** The rules in the plainest way: each word at each place, until nothing changes. */
function naiveClean(words: readonly (readonly string[])[], original: readonly string[]): string {
  const text = [...original]
  for (let changed = true; changed;) {
    changed = false
    const hits = new Set<number>()
    for (const word of words) {
      const symbols = word.some((each) => classOf(each) === 'symbol')
      const wanted = lettersOf(word, symbols)
      if (wanted.every(({ letter }) => letter === '*')) continue
      const letters = lettersOf(text, symbols)
      for (let from = 0; from + wanted.length <= letters.length; from++) {
        const here = letters.slice(from, from + wanted.length)
        const [before, after] = [letters[from - 1], letters[from + wanted.length]]
        const apart = (one: Letter | undefined, next: Letter | undefined) =>
          one === undefined ||
          next === undefined ||
          next.gap ||
          classOf(one.letter) !== 'whole' ||
          classOf(next.letter) !== 'whole'
        const matches =
          apart(before, here[0]) &&
          apart(here.at(-1), after) &&
          here.every(({ letter, gap }, i) => {
            const want = wanted[i]
            const previous = wanted[i - 1]
            if (letter !== want?.letter) return false
            if (previous === undefined) return true
            return [letter, previous.letter].some((each) => classOf(each) === 'loose') || gap === want.gap
          })
        if (matches) for (const { at } of here) hits.add(at)
      }
    }
    for (const at of hits) {
      if (text[at] === '*') continue
      text[at] = '*'
      changed = true
    }
  }
  return text.join('')
}

test('it does what the plainest implementation does', () => {
  const letter = fc.constantFrom('a', 'b', '法', '轮', '가', '나', 'a', '法')
  const other = fc.constantFrom(' ', '$', '*', '\u200b', 'A', 'B')
  const word = fc.array(fc.oneof({ weight: 5, arbitrary: letter }, other), { minLength: 1, maxLength: 4 })
  const text = fc.array(fc.oneof({ weight: 3, arbitrary: letter }, other), { maxLength: 16 })
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), text, (words, text) => {
      const { clean, isClean } = createWordFilter(words.map((each) => each.join('')))
      const cleaned = clean(text.join(''))
      expect(cleaned).toBe(naiveClean(words, text))
      expect(isClean(text.join(''))).toBe(cleaned === text.join(''))
    }),
    { numRuns: 1_500 },
  )
})

const oneSegment = new Intl.Segmenter('und', { granularity: 'grapheme' })
const halfPair = /\p{Cs}/u
const split = (text: string) => Array.from(oneSegment.segment(text), ({ segment }) => segment)

test('of any text only whole characters change, and cleaning again changes nothing', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3 }),
    fc.constantFrom('👩‍👩‍👧', '🇨🇳', '🇨', '🖕🏽', 'é', 'e\u0301', 'हिन्दी', '가', 'ᄀ', '\u1161', '\ud83d', '\ude00'),
    fc.constantFrom('\u200d', '\ufe0f', '\u0600', '\r\n', 'ﾊﾞ', '㍿', 'ß', 'İ', '﷽', '½', 'ㅅㅣ', ' '),
  )
  const text = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), text, (words, text) => {
      const { clean, isClean } = createWordFilter(words)
      const cleaned = clean(text)
      const [before, after] = [split(text), split(cleaned)]
      expect(after).toHaveLength(before.length)
      expect(after.filter((each, at) => each !== '*' && each !== before[at])).toEqual([])
      expect(clean(cleaned)).toBe(cleaned)
      expect(isClean(cleaned)).toBe(true)
      expect(halfPair.test(cleaned) && !halfPair.test(text)).toBe(false)
      expect(countGraphemes(cleaned)).toBe(countGraphemes(text))
    }),
    { numRuns: 1_500 },
  )
})
