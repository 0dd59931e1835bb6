import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const launcher = fileURLToPath(new URL('../../bin/hydra.mjs', import.meta.url))

/** A `hydra` command that has been started. */
export interface StartedCommand {
  readonly process: ChildProcess
  /** What it has written so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** Its exit code. */
  readonly ended: Promise<number | null>
}

/** How it is started. */
export interface CommandOptions {
  /** What it reads, then the end of the input. */
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Starts a `hydra` command in a process of its own, as a shell would. */
export function startHydra(
  args: readonly string[],
  { input = '', env = {} }: CommandOptions = {},
): StartedCommand {
  const child = spawn(process.execPath, [launcher, ...args], { env: { ...process.env, ...env } })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  // A command that does not read its input may be gone before it was written.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const ended = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null))
  return { process: child, stdout: () => stdout, stderr: () => stderr, ended }
}

/** Runs a `hydra` command to its end. */
export async function runHydra(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const command = startHydra(args, options)
  const code = await command.ended
  return { code, stdout: command.stdout(), stderr: command.stderr() }
}
