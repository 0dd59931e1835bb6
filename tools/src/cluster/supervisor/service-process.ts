import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Service } from '@hydra/protocol'
import type { ServiceState } from '../cluster-state.ts'
import { markOf } from '../process-mark.ts'

/** What to run as which service. */
export interface ServiceProcessOptions {
  readonly name: string
  readonly service: Service
  readonly main: string
  readonly builtAtMs: number
  readonly env: Readonly<Record<string, string>>
  readonly logFile: string
  readonly opsUrl: string
  readonly url: string | undefined
  readonly ports: readonly number[]
  /** Called at each change of {@link ServiceProcess.state}. */
  readonly onChange: () => void
}

/** So long after what is configured a service that does not stop is killed. */
const stopMarginMs = 3_000

/** One service as a child of the supervisor. */
export class ServiceProcess {
  readonly name: string
  readonly service: Service
  readonly ports: readonly number[]
  /** Fulfils when it has ended. */
  readonly exited: Promise<unknown>
  readonly #child: ChildProcess
  readonly #onChange: () => void
  #state: ServiceState

  /** @throws Error when the system starts no process */
  constructor(options: ServiceProcessOptions) {
    const { name, service, main, builtAtMs, env, logFile, opsUrl, url, ports, onChange } = options
    this.name = name
    this.service = service
    this.ports = ports
    this.#onChange = onChange
    mkdirSync(dirname(logFile), { recursive: true })
    // A file, not a pipe: it can be written to also after the supervisor was killed, which is when it tells most.
    const log = openSync(logFile, 'a')
    this.#child = spawn(process.execPath, ['--enable-source-maps', main], {
      // A group of its own: no signal of a terminal reaches it, only its parent stops it.
      detached: process.platform !== 'win32',
      windowsHide: true,
      env: { ...withoutSettings(process.env), ...env },
      stdio: ['ignore', log, log, 'ipc'],
    })
    closeSync(log)
    const { pid } = this.#child
    // Not by `once` of node:events, which rejects when there is an error: nobody may be there to hear of it.
    this.exited = new Promise((resolve) => this.#child.once('exit', resolve))
    // Told below; whoever waits for the end sees it then.
    this.#child.on('error', () => undefined)
    if (pid === undefined) throw new Error(`${name}: the system starts no process for ${main}.`)
    this.#state = {
      name,
      service,
      pid,
      startedAtMs: Date.now(),
      stage: 'starting',
      opsUrl,
      ...(url === undefined ? {} : { url }),
      ports: [...ports],
      builtAtMs,
    }
    this.#child.once('exit', (code, signal) =>
      this.#change({ stage: 'exited', exit: { code, signal, atMs: Date.now() } }),
    )
    void this.#note(pid)
  }

  get state(): ServiceState {
    return this.#state
  }

  get isRunning(): boolean {
    return this.#state.stage !== 'exited'
  }

  ready(): void {
    if (this.#state.stage === 'starting') this.#change({ stage: 'ready' })
  }

  /**
   * Has it save and end, and waits for that. One that takes much longer than it may is killed.
   *
   * @param timeoutMs what it gives itself, `[service] stopTimeoutMs`
   */
  async stop(timeoutMs: number): Promise<void> {
    if (!this.isRunning) return
    this.#change({ stage: 'draining' })
    // The channel is closed when the process is ending already.
    if (this.#child.connected) this.#child.send('shutdown', () => undefined)
    const patience = setTimeout(() => this.kill(), timeoutMs + stopMarginMs)
    await this.exited
    clearTimeout(patience)
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  async #note(pid: number): Promise<void> {
    const mark = await markOf(pid)
    if (mark !== undefined && this.isRunning) this.#change({ mark })
  }

  #change(change: Partial<ServiceState>): void {
    this.#state = { ...this.#state, ...change }
    this.#onChange()
  }
}

/** The settings of whoever started the supervisor may be older than those of the latest command. */
const withoutSettings = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('HYDRA_')))
