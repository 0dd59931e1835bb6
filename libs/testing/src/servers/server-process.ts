import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerKind } from '../test-env.ts'
import { TestServerError } from '../test-server-error.ts'
import type { Launch, ServerExit, ServerOwner } from './test-server.ts'

const startTimeoutMs = 30_000
const stopTimeoutMs = 10_000
const pauseTimeoutMs = 2_000
const lookEveryMs = 5
const logCharsMax = 4_000

/** Where a server runs and who cleans up after it. */
export interface ServerProcessOptions {
  readonly kind: ServerKind
  readonly launch: Launch
  readonly dir: string
  readonly owner: ServerOwner
  /** What it writes is added to this file. */
  readonly logFile: string
  /** Called each time it has ended, wanted or not. */
  readonly onExit?: (exit: ServerExit) => void
}

/** The life of one server process: start, orderly end, crash, freeze. Ports and data are the caller's. */
export class ServerProcess {
  readonly #options: ServerProcessOptions
  #child: ChildProcess | undefined
  #exited: Promise<unknown> = Promise.resolve()

  constructor(options: ServerProcessOptions) {
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  log(): string {
    return readFileSync(this.#options.logFile, 'utf8').slice(-logCharsMax)
  }

  async start(): Promise<void> {
    const { kind, launch, dir, owner, logFile, onExit } = this.#options
    // A file, not a pipe: the server's output must not depend on this process reading it.
    const log = openSync(logFile, 'a')
    const child = spawn(launch.command, launch.args, {
      cwd: dir,
      stdio: ['ignore', log, log],
      // A group of its own: a terminal's Ctrl-C must not end the servers before the tests.
      detached: true,
      windowsHide: true,
      env: { PATH: process.env['PATH'], HOME: dir, TMPDIR: dir, ...launch.env, ...owner.env },
    })
    closeSync(log)
    // Servers never keep their owner alive; should it end early, others see to them.
    child.unref()
    const { pid } = child
    if (pid === undefined) {
      const [cause] = await once(child, 'error')
      throw new TestServerError('START_FAILED', `${kind}: ${launch.command} did not start.`, { cause })
    }
    owner.watch(pid)
    this.#child = child
    child.once('exit', (code, signal) => {
      owner.forget(pid)
      this.#child = undefined
      onExit?.({ pid, code, signal })
    })
    this.#exited = once(child, 'exit')
    await this.#untilReady(pid)
  }

  async stop(): Promise<void> {
    // A frozen process takes no SIGTERM before it is continued.
    await this.#end(process.platform === 'win32' ? ['SIGTERM'] : ['SIGTERM', 'SIGCONT'])
  }

  async kill(): Promise<void> {
    await this.#end(['SIGKILL'])
  }

  async pause(): Promise<void> {
    const pid = this.#runningPid('paused')
    process.kill(pid, 'SIGSTOP')
    const deadline = performance.now() + pauseTimeoutMs
    while (!isStopped(pid)) {
      if (performance.now() > deadline) {
        throw new TestServerError('STATE_WRONG', `${this.#options.kind} did not stop on SIGSTOP.`)
      }
      await sleep(1)
    }
  }

  resume(): void {
    process.kill(this.#runningPid('resumed'), 'SIGCONT')
  }

  async #untilReady(pid: number): Promise<void> {
    const { kind, launch } = this.#options
    const deadline = performance.now() + startTimeoutMs
    for (;;) {
      let failure: unknown
      try {
        await launch.checkReady(pid)
      } catch (error) {
        failure = error
      }
      if (this.#child?.pid !== pid) {
        throw new TestServerError('START_FAILED', `${kind} ended while starting. Its log:\n${this.log()}`)
      }
      if (failure === undefined) return
      if (performance.now() > deadline) {
        await this.kill()
        const text = `${kind} was not ready after ${startTimeoutMs} ms. Its log:\n${this.log()}`
        throw new TestServerError('START_FAILED', text, { cause: failure })
      }
      await sleep(lookEveryMs)
    }
  }

  async #end(signals: readonly NodeJS.Signals[]): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    child.ref()
    for (const signal of signals) child.kill(signal)
    const patience = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
    await this.#exited
    clearTimeout(patience)
  }

  #runningPid(what: string): number {
    const pid = this.pid
    if (pid !== undefined) return pid
    throw new TestServerError('STATE_WRONG', `${this.#options.kind} does not run and cannot be ${what}.`)
  }
}

/** Whether the signal has taken effect; where there is no /proc (macOS) it is taken to act at once. */
const isStopped = (pid: number): boolean => {
  if (process.platform !== 'linux') return true
  // The name in parentheses may contain anything, the state follows the last one.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T')
}
