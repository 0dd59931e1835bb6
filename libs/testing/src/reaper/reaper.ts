import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { dirVariable } from '../test-env.ts'
import { TestServerError } from '../test-server-error.ts'

/** Owns the temporary folder and the processes of a test run. */
export interface Reaper {
  /** Everything a run writes goes in here. */
  readonly dir: string
  /** Process id of the watchdog. */
  readonly watchdogPid: number | undefined
  /**
   * Environment for the processes of the run. On Linux every process that carries it is ended with the run, whoever
   * started it.
   */
  readonly env: Readonly<Record<string, string>>
  /** Tells of a process, so that it is ended even if it hides its environment, as Redis does. */
  watch(pid: number): void
  /** Tells that it ended, so that its number may be used by others. */
  forget(pid: number): void
  /**
   * Ends all processes that are left (SIGTERM, after 3 s SIGKILL) and removes the folder. May be called again.
   *
   * @throws TestServerError `CLEANUP_FAILED` when the folder is still there
   */
  close(): Promise<void>
}

const watchdogFile = fileURLToPath(new URL('watchdog.mjs', import.meta.url))

/**
 * Starts a small detached process which cleans up when this one is gone for whatever reason: normal end, exception,
 * Ctrl-C, SIGKILL. It also makes the folder, so that there is no moment in which the folder exists unwatched.
 *
 * @throws TestServerError `START_FAILED` when the watchdog cannot make its folder
 * @example
 * const reaper = await startReaper()
 * spawn('redis-server', ['--dir', reaper.dir], { detached: true, env: { ...process.env, ...reaper.env } })
 * await reaper.close()
 */
export const startReaper = async (parent: string = process.env[dirVariable] ?? tmpdir()): Promise<Reaper> => {
  const watchdog = startWatchdog('create', parent)
  const dir = await firstLine(watchdog)
  // From here on nothing but the pipe connects the two; the owner may end without waiting for the watchdog.
  watchdog.unref()
  const watched = new Set<number>()
  const cleanUp = async (): Promise<void> => {
    await endWatchdog(watchdog)
    if (existsSync(dir)) {
      // The watchdog itself was killed: let another one do its work.
      const substitute = startWatchdog('adopt', dir)
      await firstLine(substitute)
      for (const pid of watched) tell(substitute, `+${pid}`)
      await endWatchdog(substitute)
    }
    if (existsSync(dir)) {
      throw new TestServerError('CLEANUP_FAILED', `${dir} could not be removed; remove it by hand.`)
    }
  }
  let closing: Promise<void> | undefined
  return {
    dir,
    watchdogPid: watchdog.pid,
    env: { [dirVariable]: dir },
    watch: (pid) => {
      watched.add(pid)
      tell(watchdog, `+${pid}`)
    },
    forget: (pid) => {
      watched.delete(pid)
      tell(watchdog, `-${pid}`)
    },
    close: () => (closing ??= cleanUp()),
  }
}

const startWatchdog = (mode: 'create' | 'adopt', path: string): ChildProcess => {
  // Without the mark of an outer run: that run's watchdog must not end this one before it did its work.
  const { [dirVariable]: _outer, NODE_OPTIONS: _options, ...env } = process.env
  const watchdog = spawn(process.execPath, [watchdogFile, mode, path], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env,
  })
  // A watchdog that was killed shows in close(); until then a broken pipe is no reason to end the tests.
  watchdog.stdin.on('error', () => undefined)
  return watchdog
}

const tell = ({ stdin }: ChildProcess, line: string): void => {
  if (stdin?.writable === true) stdin.write(`${line}\n`)
}

const firstLine = async (watchdog: ChildProcess): Promise<string> => {
  const { stdout, stderr } = watchdog
  if (stdout === null || stderr === null)
    throw new TestServerError('START_FAILED', 'The watchdog has no pipes.')
  let complaint = ''
  stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-2_000)))
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: stdout }).once('line', resolve)
    watchdog.once('error', (cause) =>
      reject(
        new TestServerError('START_FAILED', 'The watchdog of the test servers did not start.', { cause }),
      ),
    )
    watchdog.once('close', () =>
      reject(
        new TestServerError('START_FAILED', `The watchdog of the test servers ended at once: ${complaint}`),
      ),
    )
  })
  stdout.destroy()
  stderr.destroy()
  return line
}

const endWatchdog = async (watchdog: ChildProcess): Promise<void> => {
  if (watchdog.exitCode !== null || watchdog.signalCode !== null) return
  watchdog.ref()
  const exited = once(watchdog, 'exit')
  watchdog.stdin?.end()
  await exited
}
