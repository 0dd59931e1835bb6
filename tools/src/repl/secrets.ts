import { argumentsOf, secretArguments } from './callables.ts'
import { LineError } from './line-error.ts'
import { findCall, parseLine } from './parse-line.ts'
import { splitWords } from './words.ts'

/** How the calls begin that take a password or a token, and what looks like one of them. */
const begin = /^\s*\.?(?:gate[. ]+)?(?:session[. ]+)?(?:reg|log)\w*/i

/**
 * A line without the passwords and tokens in it, to be shown and kept: what comes after them is gone too.
 *
 * @example withoutSecrets('login ada "correct horse"') // 'login ada'
 */
export function withoutSecrets(line: string): string {
  try {
    const parsed = parseLine(line)
    if (parsed.kind !== 'call') return line
    const { callable, bound, body } = parsed
    const secret = bound.find(({ argument }) => secretArguments.has(argument))
    if (secret !== undefined) return line.slice(0, secret.word.start).trimEnd()
    return bound.length === 0 && Object.keys(body).some((name) => secretArguments.has(name))
      ? callable.name
      : line
  } catch (error) {
    if (!(error instanceof LineError)) throw error
    return takesSecrets(line) ? (begin.exec(line)?.[0].trim() ?? '') : line
  }
}

/** Of a line that makes no sense: whether it was to be one with a password, as far as can be told. */
function takesSecrets(line: string): boolean {
  if (begin.test(line)) return true
  try {
    const { callable } = findCall(splitWords(line))
    return argumentsOf(callable).some(([name]) => secretArguments.has(name))
  } catch (error) {
    if (error instanceof LineError) return false
    throw error
  }
}
