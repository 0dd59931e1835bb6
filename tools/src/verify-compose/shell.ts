import { runProcess } from '../test/run-process.ts'

/** How to run a command. */
export interface ShellOptions {
  readonly signal: AbortSignal
  readonly env?: NodeJS.ProcessEnv
}

/**
 * Runs a command and answers what it printed.
 *
 * @throws Error with the end of its output when its exit code is not 0.
 * @example await shell(['docker', 'ps', '-q'], { signal })
 */
export async function shell(
  [command = '', ...args]: readonly string[],
  options: ShellOptions,
): Promise<string> {
  const { signal, env = process.env } = options
  const { exitCode, output } = await runProcess({ command, args, env, output: 'capture', signal })
  if (exitCode !== 0) {
    const end = output.trim().split('\n').slice(-25).join('\n')
    throw new Error(`${[command, ...args].join(' ')} ended with ${exitCode ?? 'a signal'}:\n${end}`)
  }
  return output.trim()
}
