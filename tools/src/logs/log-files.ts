import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseLogLine, type LogLine } from './log-line.ts'

const ending = '.log'
const firstBytes = 64 * 1_024

/**
 * The names of the logs of a cluster that a person means: all when nothing is named, `game` means every game.
 *
 * @returns sorted, and the words that mean none
 */
export async function matchingLogs(
  logsDir: string,
  words: readonly string[],
): Promise<{ readonly names: readonly string[]; readonly unknown: readonly string[] }> {
  const all = (await namesIn(logsDir)).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  const isMeant = (name: string, word: string): boolean => name === word || name.replace(/-\d+$/, '') === word
  return {
    names: words.length === 0 ? all : all.filter((name) => words.some((word) => isMeant(name, word))),
    unknown: words.filter((word) => !all.some((name) => isMeant(name, word))),
  }
}

/** The last lines of a log, oldest first; of the one before it too, where it has fewer. */
export async function lastLines(logsDir: string, name: string, count: number): Promise<readonly LogLine[]> {
  const file = join(logsDir, `${name}${ending}`)
  const texts = await lastTexts(file, count)
  const former = texts.length < count ? await lastTexts(`${file}.1`, count - texts.length) : []
  return parseLines(name, [...former, ...texts])
}

/** Lines of one log in their order. */
export function parseLines(name: string, texts: readonly string[], formerMs = 0): readonly LogLine[] {
  let timeMs = formerMs
  return texts.map((text) => {
    const line = parseLogLine(name, text, timeMs)
    timeMs = line.timeMs
    return line
  })
}

/** Lines of several logs, as they were written. */
export const inOrder = (lines: readonly LogLine[]): readonly LogLine[] =>
  lines.toSorted((a, b) => a.timeMs - b.timeMs)

async function namesIn(logsDir: string): Promise<readonly string[]> {
  try {
    const files = await readdir(logsDir)
    return files.filter((file) => file.endsWith(ending)).map((file) => file.slice(0, -ending.length))
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

async function lastTexts(file: string, count: number): Promise<readonly string[]> {
  let handle
  try {
    handle = await open(file, 'r')
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
  try {
    const { size } = await handle.stat()
    for (let bytes = firstBytes; ; bytes *= 2) {
      const length = Math.min(bytes, size)
      const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length)
      const texts = buffer.toString('utf8').split('\n')
      // What is before the first line break may be half a line.
      if (length < size) texts.shift()
      const lines = texts.filter((text) => text !== '')
      if (lines.length >= count || length === size) return count === 0 ? [] : lines.slice(-count)
    }
  } finally {
    await handle.close()
  }
}

export const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'
