import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { createWordFilter } from './create-word-filter.ts'
import { parseWordList, wordListLimits } from './word-list.ts'

const parse = (text: string | Uint8Array) =>
  parseWordList(typeof text === 'string' ? new TextEncoder().encode(text) : text, 'w.txt')

test('one word in each line; blanks at the ends, comments, empty lines and repetitions are nothing', () => {
  const list = '\ufeff# Words\r\nbadword\r\n\r\n  two words\t\n#no\n敏感词\nbadword\n🖕'
  expect(parse(list)).toEqual(['badword', 'two words', '敏感词', '🖕'])
  expect(parse('')).toEqual([])
})

describe('a broken list names file and line', () => {
  const findable = 'a word with something that can be found: not only blanks, "*" or invisible characters'
  const bytes = (...parts: (string | number)[]) =>
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))))
  test.each([
    ['a word that is too long', `ok\n${'x'.repeat(65)}\n`, 2, 'at most 64 code units in a word'],
    ['a word of nothing', 'ok\n\n\u200b\n', 3, findable],
    ['a word of stars', '**', 1, findable],
    ['another encoding', bytes('好\n', 0xbb, 0xb5, '\nok'), 2, 'UTF-8'],
    ['an end in the middle of a character', bytes('好\nok\n', 0xe5, 0xa5), 3, 'UTF-8'],
  ])('%s', (_what, text, line, expectation) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: `The word list w.txt, line ${line}: expected ${expectation}.`,
        metadata: { file: 'w.txt', line, key: 'words.file', expectation },
      }),
    )
  })

  test('too many words', () => {
    const { wordsMax } = wordListLimits
    const list = Array.from({ length: wordsMax + 1 }, (_, i) => `w${i}`).join('\n')
    expect(() => parse(list)).toThrow(`line ${wordsMax + 1}: expected at most ${wordsMax} words`)
  })
})

test('the list that Hydra comes with is one', async () => {
  const file = new URL('../../../../data/words/words.txt', import.meta.url)
  const words = parseWordList(await readFile(file), 'words.txt')
  const { clean } = createWordFilter(words)
  expect(clean('An examplebadword, a fake phrase, 示例-敏感词!')).toBe(
    'An **************, a **** ******, **-***!',
  )
})
