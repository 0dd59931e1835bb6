import { spawn } from 'node:child_process'
import { once } from 'node:events'

const stopTimeoutMs = 5_000
const outputCharsMax = 2_000_000

/** A command line and how to run it. */
export interface ProcessOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** `inherit` shows the output as it comes; `capture` keeps it (its last 2 million characters). */
  readonly output: 'inherit' | 'capture'
  /** Ends the process and all that it started: SIGTERM, after 5 s SIGKILL. */
  readonly signal: AbortSignal
}

/** How a process ended. */
export interface ProcessResult {
  /** The exit code; 128 + n after signal n is told as `null`. */
  readonly exitCode: number | null
  readonly output: string
}

/**
 * Runs a command in a process group of its own, so that a Ctrl-C of the terminal reaches the runner only and the runner
 * decides what ends in which order.
 *
 * @throws Error when the command cannot be started
 * @throws the signal's reason when it was aborted, after the process has ended
 * @example await runProcess({ command: 'tsc', args: ['-b'], env: process.env, output: 'inherit', signal })
 */
export const runProcess = async ({
  command,
  args,
  env,
  output,
  signal,
}: ProcessOptions): Promise<ProcessResult> => {
  signal.throwIfAborted()
  const stdio = output === 'inherit' ? 'inherit' : 'pipe'
  const child = spawn(command, args, { detached: true, stdio: ['ignore', stdio, stdio], env })
  let text = ''
  const collect = (chunk: string): void => {
    text = (text + chunk).slice(-outputCharsMax)
  }
  child.stdout?.setEncoding('utf8').on('data', collect)
  child.stderr?.setEncoding('utf8').on('data', collect)

  let patience: NodeJS.Timeout | undefined
  const end = (): void => {
    signalGroup(child.pid, 'SIGTERM')
    patience = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), stopTimeoutMs)
  }
  signal.addEventListener('abort', end, { once: true })
  try {
    const [exitCode] = await once(child, 'close')
    signal.throwIfAborted()
    return { exitCode: typeof exitCode === 'number' ? exitCode : null, output: text }
  } finally {
    signal.removeEventListener('abort', end)
    clearTimeout(patience)
  }
}

const signalGroup = (pid: number | undefined, name: NodeJS.Signals): void => {
  if (pid === undefined) return
  try {
    process.kill(-pid, name)
  } catch (error) {
    // The whole group has ended meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
