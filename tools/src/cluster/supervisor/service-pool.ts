import type { Service } from '@hydra/protocol'
import { exitCode } from '@hydra/runtime'
import { ClusterError } from '../cluster-error.ts'
import type { ClusterFolder } from '../cluster-folder.ts'
import type { ServiceState } from '../cluster-state.ts'
import type { UpRequest } from '../messages.ts'
import { tailOf } from './log-tail.ts'
import { opsPortOf } from './plan.ts'
import { PortBook } from './port-book.ts'
import { serviceEnv, type BackendUrls } from './service-env.ts'
import { ServiceProcess } from './service-process.ts'
import { untilReady } from './until-ready.ts'

/** A service did not start, or did not stop as it should: its log tells more. */
export class ServiceFailure extends ClusterError {
  /** Of the process, and of its log. */
  readonly processName: string

  constructor(processName: string, message: string) {
    super(`${processName} ${message}`)
    this.processName = processName
  }
}

/** What starting a service needs to know. */
export interface PoolSettings {
  readonly request: UpRequest
  readonly urls: BackendUrls
}

const portAttemptsMax = 3

/** The service processes of a cluster: those that run, and the latest of each name that has ended. */
export class ServicePool {
  readonly #folder: ClusterFolder
  readonly #onChange: () => void
  readonly #ports = new PortBook()
  readonly #processes = new Set<ServiceProcess>()

  constructor(folder: ClusterFolder, onChange: () => void) {
    this.#folder = folder
    this.#onChange = onChange
  }

  get states(): readonly ServiceState[] {
    return [...this.#processes].map(({ state }) => state)
  }

  /** Running ones, of this name. While one is replaced there are two. */
  running(name: string): readonly ServiceProcess[] {
    return [...this.#processes].filter((each) => each.name === name && each.isRunning)
  }

  /** Running ones, of these services. */
  runningOf(services: readonly Service[]): readonly ServiceProcess[] {
    return [...this.#processes].filter((each) => services.includes(each.service) && each.isRunning)
  }

  /**
   * Starts a process and waits until it is ready; takes other ports when somebody else was quicker.
   *
   * @param ports those of a predecessor, to be used again
   * @throws ServiceFailure; the signal's reason. Then the process has ended.
   */
  async start(
    name: string,
    service: Service,
    settings: PoolSettings,
    signal: AbortSignal,
    ports?: readonly number[],
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const started = await this.#spawn(
        name,
        service,
        settings,
        attempt === 1 ? ports : undefined,
        attempt > 1,
      )
      try {
        await this.#untilReady(started, settings.request.readyTimeoutMs, signal)
        return
      } catch (error) {
        started.kill()
        await started.exited
        this.#ports.giveBack(started.ports)
        if (attempt === portAttemptsMax || !(await this.#lostItsPort(started))) throw error
      }
    }
  }

  /**
   * Has a process save and end.
   *
   * @throws ServiceFailure when something may be unsaved
   */
  async stop(stopping: ServiceProcess, timeoutMs: number): Promise<void> {
    await stopping.stop(timeoutMs)
    this.#processes.delete(stopping)
    this.#ports.giveBack(stopping.ports)
    this.#onChange()
    const { exit } = stopping.state
    if (exit?.code === 0) return
    const how = exit?.signal === 'SIGKILL' ? 'had to be killed' : `ended with ${exit?.signal ?? exit?.code}`
    throw new ServiceFailure(stopping.name, `${how}: something may be unsaved.`)
  }

  /** Ends all that is left, at once. */
  async killAll(): Promise<void> {
    const left = [...this.#processes].filter((each) => each.isRunning)
    for (const each of left) each.kill()
    await Promise.all(left.map(({ exited }) => exited))
  }

  /** Forgets how processes of this name have ended. */
  forget(name: string): void {
    for (const each of this.#processes) {
      if (each.name !== name || each.isRunning) continue
      this.#processes.delete(each)
      this.#ports.giveBack(each.ports)
    }
  }

  async #spawn(
    name: string,
    service: Service,
    { request, urls }: PoolSettings,
    ports: readonly number[] | undefined,
    anyPorts: boolean,
  ): Promise<ServiceProcess> {
    const program = request.programs[service]
    if (program === undefined) throw new ServiceFailure(name, 'has not been built.')
    // First, so that it comes back where the one before it was, which clients know.
    this.forget(name)
    const take = (first: number): Promise<number> =>
      anyPorts ? this.#ports.takeAny() : this.#ports.take(first)
    const isFront = service === 'gate' || service === 'http'
    const port = isFront ? (ports?.[0] ?? (await take(request.ports[service]))) : undefined
    const { own, next } = opsPortOf(name, service, request.ports.ops)
    const opsPort = own === undefined || anyPorts ? await take(next) : await this.#ports.takeOwn(own, next)
    const started = new ServiceProcess({
      name,
      service,
      ...program,
      env: serviceEnv({ service, urls, request, port, opsPort }),
      logFile: this.#folder.logFile(name),
      opsUrl: `http://127.0.0.1:${opsPort}`,
      url: isFront ? `${schemeOf(service, request.tls)}://127.0.0.1:${port}` : undefined,
      ports: [port, opsPort].filter((each) => each !== undefined),
      onChange: this.#onChange,
    })
    this.#processes.add(started)
    this.#onChange()
    return started
  }

  async #untilReady(started: ServiceProcess, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const ended = new AbortController()
    void started.exited.then(() => ended.abort())
    let complaint: string | undefined
    try {
      complaint = await untilReady({
        opsUrl: started.state.opsUrl,
        timeoutMs,
        signal: AbortSignal.any([signal, ended.signal]),
      })
    } catch (error) {
      signal.throwIfAborted()
      const { exit } = started.state
      if (exit === undefined) throw error
      const how = exit.signal === null ? `exit code ${exit.code}` : exit.signal
      throw new ServiceFailure(started.name, `ended with ${how} before it was ready${meaning(exit.code)}.`)
    }
    if (complaint !== undefined) {
      throw new ServiceFailure(
        started.name,
        `was not ready after ${Math.round(timeoutMs / 1_000)} s (${complaint}).`,
      )
    }
    started.ready()
  }

  async #lostItsPort({ name, state }: ServiceProcess): Promise<boolean> {
    if (state.exit?.code !== exitCode.unavailable) return false
    return /EADDRINUSE|port .* is taken/i.test((await tailOf(this.#folder.logFile(name))).slice(-4_000))
  }
}

const meaning = (code: number | null): string =>
  code === exitCode.config ? ': its configuration is wrong' : ''

const schemeOf = (service: 'gate' | 'http', tls: UpRequest['tls']): string =>
  `${service === 'gate' ? 'ws' : 'http'}${tls[service] ? 's' : ''}`
