import { OpenLineError } from './line-error.ts'

/** How the value of a word is written. */
export type WordForm =
  /** `Ada`, `12`, `a,b` */
  | 'bare'
  /** `"Ada L."` with the escapes of JSON, or `'Ada L.'` without any */
  | 'quoted'
  /** `{…}` or `[…]` */
  | 'json'

/** A word of a line: a value, with `name=` before it where that was written. */
export interface Word {
  readonly key: string | undefined
  /** Without its quotes. */
  readonly value: string
  readonly form: WordForm
  /** Where it lies in the line. */
  readonly start: number
  readonly end: number
}

const keyPattern = /^[A-Za-z_][\w.]*=/
const bracketOf: Readonly<Record<string, string>> = { '{': '}', '[': ']' }

/**
 * Splits a line at its blanks. Quotes and brackets keep blanks together where a value begins with them; inside of a bare
 * word they are characters like others.
 *
 * @throws OpenLineError when a quote or a bracket is open.
 * @example splitWords('role.create name="Ada L."')[1] // { key: 'name', value: 'Ada L.', form: 'quoted', … }
 */
export function splitWords(line: string): readonly Word[] {
  const words: Word[] = []
  let at = 0
  for (;;) {
    at += /^\s*/.exec(line.slice(at))?.[0].length ?? 0
    if (at >= line.length) return words
    const key = keyPattern.exec(line.slice(at))?.[0]
    const from = at + (key?.length ?? 0)
    const end = endOfValue(line, from)
    const text = line.slice(from, end)
    words.push({ key: key?.slice(0, -1), ...valueOf(text), start: at, end })
    at = end
  }
}

/** Whether a quote or a bracket of the line is open. */
export function isOpenLine(line: string): boolean {
  try {
    splitWords(line)
    return false
  } catch (error) {
    if (error instanceof OpenLineError) return true
    throw error
  }
}

function endOfValue(line: string, from: number): number {
  const first = line.charAt(from)
  if (first === '"') return endOfQuoted(line, from)
  if (first === "'") {
    const end = line.indexOf("'", from + 1)
    if (end === -1) throw new OpenLineError("A ' is open.")
    return end + 1
  }
  if (first in bracketOf) return endOfJson(line, from)
  return from + (/^\S*/.exec(line.slice(from))?.[0].length ?? 0)
}

function endOfQuoted(line: string, from: number): number {
  for (let at = from + 1; at < line.length; at++) {
    if (line[at] === '\\') at++
    else if (line[at] === '"') return at + 1
  }
  throw new OpenLineError('A " is open.')
}

function endOfJson(line: string, from: number): number {
  const open: string[] = []
  for (let at = from; at < line.length; at++) {
    const char = line.charAt(at)
    const closing = bracketOf[char]
    if (char === '"') at = endOfQuoted(line, at) - 1
    else if (closing !== undefined) open.push(closing)
    else if (char === open.at(-1)) open.pop()
    if (open.length === 0) return at + 1
  }
  throw new OpenLineError(`A ${open.at(-1)} is missing.`)
}

function valueOf(text: string): Pick<Word, 'value' | 'form'> {
  if (text.startsWith("'")) return { value: text.slice(1, -1), form: 'quoted' }
  if (text.startsWith('"')) return { value: unescaped(text), form: 'quoted' }
  return { value: text, form: text.charAt(0) in bracketOf ? 'json' : 'bare' }
}

function unescaped(text: string): string {
  try {
    return JSON.parse(text) as string
  } catch {
    // A control character, or an escape that JSON does not have: taken as it is written.
    return text.slice(1, -1)
  }
}
