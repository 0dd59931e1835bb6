import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A command that goes on while others run. */
export interface Background {
  /** Its first line. */
  readonly first: string
  /** What it printed after that. @throws Error when its exit code is not 0. */
  readonly rest: () => Promise<string>
}

/**
 * Starts a command and waits for its first line.
 *
 * @throws Error when it ends before.
 * @example const { rest } = await background(['sh', '-c', 'echo ready; sleep 1; echo done'], signal)
 */
export async function background(
  [command = '', ...args]: readonly string[],
  signal: AbortSignal,
): Promise<Background> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], signal })
  const ended = once(child, 'close')
  const lines: string[] = []
  const reader = createInterface(child.stdout)
  reader.on('line', (line) => lines.push(line))
  const rest = async (): Promise<string> => {
    const [code] = await ended
    if (code !== 0)
      throw new Error(`${[command, ...args].join(' ')} ended with ${String(code)}: ${lines.join(' ')}`)
    return lines.slice(1).join('\n')
  }
  await Promise.race([once(reader, 'line'), rest()])
  const [first] = lines
  if (first === undefined) throw new Error(`${[command, ...args].join(' ')} ended without a word.`)
  return { first, rest }
}
