import type { Service } from '@hydra/protocol'
import type { Logger } from '@hydra/runtime'
import { ClusterError } from '../cluster-error.ts'
import type { ClusterFolder } from '../cluster-folder.ts'
import { writeClusterState, type ClusterState } from '../cluster-state.ts'
import type { RestartRequest, UpRequest } from '../messages.ts'
import { Backends } from './backends.ts'
import { planCluster } from './plan.ts'
import { ServiceFailure, ServicePool } from './service-pool.ts'

/** Tells a person what is going on. */
export type Say = (text: string) => void

/** What a supervisor says of itself in the state. */
export type SupervisorState = Pick<ClusterState, 'version' | 'startedAtMs' | 'supervisor' | 'guard'>

/** A command came while another one was under way, or everything was being stopped: it has changed nothing. */
export class CommandRefused extends ClusterError {}

/** So many services start at the same time. */
const startsParallel = 4
/** Who stops together, and who after whom: gates hand roles to game, which tells chat who has left. */
const stopOrder: readonly (readonly Service[])[] = [['gate', 'http'], ['game'], ['chat']]

/** Owns the processes of a local cluster. One command at a time changes it. */
export class Supervisor {
  readonly #folder: ClusterFolder
  readonly #log: Logger
  readonly #backends: Backends
  readonly #pool: ServicePool
  #base: SupervisorState
  #phase: ClusterState['phase'] = 'starting'
  #request: UpRequest | undefined
  /** What is going on; `stop` ends it. */
  #busy: { readonly abort: AbortController; readonly ended: Promise<unknown> } | undefined
  #stopping: Promise<void> | undefined
  #forgotten = false

  constructor(folder: ClusterFolder, base: SupervisorState, log: Logger) {
    this.#folder = folder
    this.#base = base
    this.#log = log
    const onChange = (): void => this.#save()
    this.#backends = new Backends(folder, onChange)
    this.#pool = new ServicePool(folder, onChange)
  }

  /** Whether a command has made it run. */
  get isUp(): boolean {
    return this.#phase === 'running'
  }

  get state(): ClusterState {
    const services = this.#pool.states
    const urls = this.#urls()
    const httpUrl = services.find(({ service, stage }) => service === 'http' && stage !== 'exited')?.url
    return {
      ...this.#base,
      phase: this.#phase,
      stopTimeoutMs: this.#request?.stopTimeoutMs ?? 0,
      env: this.#request?.env ?? '',
      keyPrefix: this.#request?.keyPrefix ?? '',
      ...(httpUrl === undefined ? {} : { httpUrl }),
      gateUrls: services.flatMap(({ service, url, stage }) =>
        service === 'gate' && url !== undefined && stage !== 'exited' ? [url] : [],
      ),
      ...urls,
      wanted: this.#request?.wanted ?? { gate: 0, http: 0, game: 0, chat: 0 },
      backends: [...this.#backends.states],
      services: [...services],
    }
  }

  /** Writes no state from now on: its file is removed. */
  forget(): void {
    this.#forgotten = true
  }

  /** Notes what is known of the supervisor itself only by now. */
  note(change: Partial<SupervisorState>): void {
    this.#base = { ...this.#base, ...change }
    this.#save()
  }

  /**
   * Starts what is missing or has ended, then drains what is surplus. When the first such command fails, nothing of the
   * cluster is left; a later one leaves what ran before it.
   *
   * @throws ClusterError, HydraError; the reason of `signal`
   */
  up(request: UpRequest, say: Say, signal: AbortSignal): Promise<void> {
    return this.#exclusively(signal, async (stop) => {
      const { programs: former } = this.#request ?? { programs: {} }
      this.#request = { ...request, programs: { ...former, ...request.programs } }
      await this.#backends.start(request, say)
      const settings = { request: this.#request, urls: this.#backends.urls }
      const { start, drain } = planCluster(request.wanted, this.#pool.states)
      const failures: unknown[] = []
      await inParallel(startsParallel, start, async ({ name, service }) => {
        // Once one has failed, there is no use in starting more.
        if (failures.length > 0) return
        const begin = performance.now()
        try {
          await this.#pool.start(name, service, settings, stop)
          say(`${name.padEnd(8)} ready in ${Math.round(performance.now() - begin)} ms`)
        } catch (error) {
          failures.push(error)
        }
      })
      if (failures.length > 0) throw failures[0]
      await this.#drain(drain, say)
      // Of those that nobody asks for any more it does not matter how they have ended.
      const all = this.#pool.states.map((state) => ({ ...state, stage: 'ready' }))
      for (const name of planCluster(request.wanted, all).drain) this.#pool.forget(name)
      this.#phase = 'running'
      this.#save()
    })
  }

  /**
   * Restarts one process. Of game and chat the new one is ready before the old one is drained; of gate
   * and http it comes after, since it takes over the port.
   *
   * @throws ClusterError; where the new one of game and chat does not start, the old one stays
   */
  restart(request: RestartRequest, say: Say, signal: AbortSignal): Promise<void> {
    return this.#exclusively(signal, async (stop) => {
      const former = this.#request
      if (former === undefined || this.#phase !== 'running')
        throw new ClusterError('The cluster is not up yet.')
      const programs = { ...former.programs, ...request.programs }
      this.#request = { ...former, programs, settings: request.settings, tls: request.tls }
      const settings = { request: this.#request, urls: this.#backends.urls }
      const { name } = request
      const known = this.#pool.states.find((state) => state.name === name)
      if (known === undefined) throw new ClusterError(`There is no ${name}.`)
      const begin = performance.now()
      const old = this.#pool.running(name)
      const stopOld = async (): Promise<void> => {
        for (const each of old) await this.#pool.stop(each, former.stopTimeoutMs)
      }
      if (known.service === 'game' || known.service === 'chat') {
        await this.#pool.start(name, known.service, settings, stop)
        await stopOld()
      } else {
        await stopOld()
        await this.#pool.start(name, known.service, settings, stop, known.ports)
      }
      say(`${name.padEnd(8)} restarted in ${Math.round(performance.now() - begin)} ms`)
    })
  }

  /**
   * Drains and stops everything. May be called at any time, and again.
   *
   * @throws the first of what may be unsaved; each is told, and everything has ended all the same
   */
  stop(say: Say): Promise<void> {
    this.#stopping ??= this.#stop(say)
    return this.#stopping
  }

  async #stop(say: Say): Promise<void> {
    this.#phase = 'stopping'
    this.#busy?.abort.abort(new ClusterError('The cluster is being stopped.'))
    await this.#busy?.ended
    this.#save()
    const failures: unknown[] = []
    for (const group of stopOrder) {
      const names = this.#pool.runningOf(group).map(({ name }) => name)
      await this.#drain(names, say).catch((error: unknown) => failures.push(error))
    }
    await this.#pool.killAll()
    await this.#backends.stop().catch((error: unknown) => failures.push(error))
    if (this.#backends.states.length > 0) say('the servers have ended; their data stays')
    if (failures.length > 0) throw failures[0]
  }

  async #drain(names: readonly string[], say: Say): Promise<void> {
    const timeoutMs = this.#request?.stopTimeoutMs ?? 0
    const draining = [...new Set(names)].flatMap((name) => this.#pool.running(name))
    const results = await Promise.allSettled(
      draining.map(async (each) => {
        const begin = performance.now()
        try {
          await this.#pool.stop(each, timeoutMs)
        } catch (error) {
          say(error instanceof Error ? error.message : String(error))
          throw error
        }
        say(`${each.name.padEnd(8)} drained and stopped in ${Math.round(performance.now() - begin)} ms`)
      }),
    )
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  async #exclusively(signal: AbortSignal, work: (stop: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#stopping !== undefined) throw new CommandRefused('The cluster is being stopped.')
    if (this.#busy !== undefined) {
      throw new CommandRefused('Another command is changing the cluster; try again when it has ended.')
    }
    const abort = new AbortController()
    const running = work(AbortSignal.any([signal, abort.signal]))
    const ended = running.catch((err: unknown) => {
      const name = err instanceof ServiceFailure ? { name: err.processName } : {}
      this.#log.warn({ err, ...name }, 'a command failed')
    })
    this.#busy = { abort, ended }
    try {
      await running
    } finally {
      this.#busy = undefined
    }
  }

  #urls(): Pick<ClusterState, 'mysqlUrl' | 'redisUrl' | 'natsUrl' | 'etcdUrl'> {
    try {
      const { mysql, redis, nats, etcd } = this.#backends.urls
      return { mysqlUrl: mysql, redisUrl: redis, natsUrl: nats, etcdUrl: etcd }
    } catch (error) {
      if (error instanceof ClusterError) return {}
      throw error
    }
  }

  /** What cannot be noted, because the disk is full for example, must not keep anything from being stopped. */
  #save(): void {
    if (this.#forgotten) return
    try {
      writeClusterState(this.#folder, this.state)
    } catch (err) {
      this.#log.error({ err }, 'the state could not be written')
    }
  }
}

async function inParallel<T>(
  parallel: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items]
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: parallel }, worker))
}
