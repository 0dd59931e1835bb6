import { HydraError } from '@hydra/protocol'
import { patternOf } from './create-word-filter.ts'

/** Bounds of a list. As many words take about a second to prepare, during which the server does nothing else. */
export const wordListLimits = Object.freeze({
  wordsMax: 200_000,
  wordMaxChars: 64,
  fileMaxBytes: 16 * 2 ** 20,
})

const lineFeed = 0x0a

/**
 * Reads a list of words: UTF-8, one word in each line, blank at its ends or not. Empty lines and those that begin with
 * `#` are comments. A word may contain blanks.
 *
 * @throws HydraError `CONFIG_INVALID`, naming file and line, for what is no such list or above {@link wordListLimits}.
 * @example parseWordList(await readFile('words.txt'), 'words.txt') // ['badword', 'two words', '敏感词']
 */
export function parseWordList(bytes: Uint8Array, file: string): readonly string[] {
  const { wordsMax, wordMaxChars } = wordListLimits
  const words = new Set<string>()
  for (const [index, line] of linesOf(bytes, file).entries()) {
    const word = line.trim()
    if (word === '' || word.startsWith('#')) continue
    const refuse = (expectation: string) => brokenList(file, expectation, { line: index + 1 })
    if (word.length > wordMaxChars) throw refuse(`at most ${wordMaxChars} code units in a word`)
    if (patternOf(word) === undefined) {
      throw refuse('a word with something that can be found: not only blanks, "*" or invisible characters')
    }
    words.add(word)
    if (words.size > wordsMax) throw refuse(`at most ${wordsMax} words`)
  }
  return [...words]
}

/** That a list cannot be used. */
export function brokenList(
  file: string,
  expectation: string,
  { line, cause }: { readonly line?: number; readonly cause?: unknown } = {},
): HydraError {
  const where = line === undefined ? '' : `, line ${line}`
  return new HydraError('CONFIG_INVALID', `The word list ${file}${where}: expected ${expectation}.`, {
    cause,
    metadata: { file, ...(line === undefined ? {} : { line }), key: 'words.file', expectation },
  })
}

function linesOf(bytes: Uint8Array, file: string): readonly string[] {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).split('\n')
  } catch (cause) {
    throw brokenList(file, 'UTF-8', { line: brokenLine(bytes), cause })
  }
}

/** The first line that is not UTF-8. No character of UTF-8 goes over the end of a line. */
function brokenLine(bytes: Uint8Array): number {
  let line = 1
  for (let start = 0; ; line++) {
    const end = bytes.indexOf(lineFeed, start)
    const text = new TextDecoder().decode(bytes.subarray(start, end === -1 ? undefined : end))
    // What cannot be decoded becomes U+FFFD; a list that has it by itself is broken all the same.
    if (text.includes('\ufffd') || end === -1) return line
    start = end + 1
  }
}
