import { HydraError } from '@hydra/protocol'
import type { Clock, Logger } from '@hydra/runtime'
import type { Tables } from '../../tables/tables.ts'
import { Scene } from '../scene.ts'
import type { SceneSettings } from '../scene-settings.ts'
import { HostedScene } from './hosted-scene.ts'
import type { SceneMetrics } from './scene-metrics.ts'
import { TickLoop } from './tick-loop.ts'
import type { ViewerLinks, ViewerSettings, ViewerTallies } from './viewer-links.ts'
import { SceneViewers } from './viewers.ts'

/** Why an instance ends: nobody is in it, it failed too often, its scene is on another server now, this server stops. */
export type SceneEnd = 'empty' | 'failed' | 'moved' | 'closing'

/** Times and bounds of the scenes of a server. */
export interface ScenesSettings extends ViewerSettings {
  readonly tickMs: number
  /** Steps that a late server makes in a row; see {@link TickLoop}. */
  readonly catchUpMax: number
  /** Instances at one time; `SERVER_BUSY` to who wants to enter a further one. */
  readonly instancesMax: number
  /** How long an instance goes on without players. */
  readonly emptyMs: number
  /** For how long another server has to be the one for a scene before it is given up here. */
  readonly moveAfterMs: number
  readonly rules: SceneSettings
}

/** What the scenes of a server need. */
export interface ScenesOptions {
  readonly tables: Tables
  readonly clock: Clock
  /** 0 to 1, the latter excluded. */
  readonly random: () => number
  readonly log: Logger
  readonly settings: ScenesSettings
  readonly links: ViewerLinks
  readonly tallies: ViewerTallies
  readonly metrics: Pick<SceneMetrics, 'tickSeconds' | 'skipped' | 'closed'>
  /** Whether a scene belongs on this server, as far as it knows. */
  readonly isHere: (scene: string) => boolean
  /** An instance ends: nobody steps it any more, and the next one to enter begins another. Must not throw. */
  readonly onEnd: (hosted: HostedScene, end: SceneEnd) => void
}

/** An instance whose steps fail is given up after so many in a row. */
const failuresMax = 10

/** Between two looks at whether scenes are on the right servers. */
const lookMs = 1_000

const keyBits = 48

/**
 * The instances of scenes on this server, and what has them go on: one loop steps them all, one after another. An instance
 * begins when somebody enters and ends some time after the last has left. One that fails does not stop the others.
 */
export class Scenes {
  readonly #options: ScenesOptions
  readonly #instances = new Map<string, HostedScene>()
  readonly #loop: TickLoop
  #lookedAtMs = 0

  constructor(options: ScenesOptions) {
    this.#options = options
    const { clock, settings, metrics } = options
    const { tickMs, catchUpMax } = settings
    this.#loop = new TickLoop({
      clock,
      tickMs,
      catchUpMax,
      step: (dueMs) => this.#step(dueMs),
      onSkipped: (count) => metrics.skipped.inc({}, count),
    })
  }

  /** How many there are. */
  get size(): number {
    return this.#instances.size
  }

  all(): Iterable<HostedScene> {
    return this.#instances.values()
  }

  get(id: string): HostedScene | undefined {
    return this.#instances.get(id)
  }

  /** The instance of a scene, which begins if there is none. @throws HydraError `SERVER_BUSY`, `INTERNAL`: no such scene. */
  open(id: string): HostedScene {
    const known = this.#instances.get(id)
    if (known !== undefined) return known
    const { settings, clock, log } = this.#options
    if (this.#instances.size >= settings.instancesMax) {
      throw new HydraError('SERVER_BUSY', `This game server has ${this.size} scenes, as many as it may.`)
    }
    const hosted = this.#create(id, clock.monotonicMs())
    this.#instances.set(id, hosted)
    this.#loop.start()
    log.info({ scene: id, key: hosted.scene.state.key }, 'a scene begins')
    return hosted
  }

  /** Ends an instance. */
  end(hosted: HostedScene, end: SceneEnd): void {
    if (this.#instances.get(hosted.id) !== hosted) return
    const { log, metrics, onEnd } = this.#options
    const { players, state } = hosted.scene
    this.#instances.delete(hosted.id)
    if (this.#instances.size === 0) this.#loop.stop()
    metrics.closed.inc({ reason: end })
    log.info({ scene: hosted.id, key: state.key, end, players }, 'a scene ends')
    onEnd(hosted, end)
  }

  #create(id: string, nowMs: number): HostedScene {
    const { tables, random, settings, links, tallies } = this.#options
    const row = tables.scenes.get(id)
    if (row === undefined) throw new HydraError('INTERNAL', `There is no scene "${id}" in the tables.`)
    const key = Math.floor(random() * 2 ** keyBits)
    const { tickMs, rules } = settings
    const scene = new Scene({ row, tables, key, random, tickMs, nowMs, settings: rules })
    return new HostedScene(scene, new SceneViewers({ state: scene.state, links, settings, tallies }), nowMs)
  }

  #step(nowMs: number): void {
    for (const hosted of this.#instances.values()) this.#stepOne(hosted, nowMs)
    if (nowMs - this.#lookedAtMs < lookMs) return
    this.#lookedAtMs = nowMs
    for (const hosted of this.#instances.values()) this.#look(hosted, nowMs)
  }

  #stepOne(hosted: HostedScene, nowMs: number): void {
    const { clock, log, metrics } = this.#options
    const startMs = clock.monotonicMs()
    try {
      for (const { error: err, ...fault } of hosted.step(nowMs).faults) {
        log.error({ scene: hosted.id, ...fault, err }, 'a monster was taken out because it failed')
      }
      hosted.failures = 0
    } catch (err) {
      hosted.failures += 1
      log.error({ scene: hosted.id, failures: hosted.failures, err }, 'a step of a scene failed')
      if (hosted.failures >= failuresMax) this.end(hosted, 'failed')
    }
    metrics.tickSeconds.observe((clock.monotonicMs() - startMs) / 1_000, { scene: hosted.id })
  }

  #look(hosted: HostedScene, nowMs: number): void {
    const { settings, isHere } = this.#options
    const { times } = hosted
    if (times.emptySinceMs !== undefined && nowMs - times.emptySinceMs >= settings.emptyMs) {
      return this.end(hosted, 'empty')
    }
    if (isHere(hosted.id)) {
      times.elsewhereSinceMs = undefined
      return
    }
    // A registry that changes its mind within the time moves nobody.
    times.elsewhereSinceMs ??= nowMs
    if (nowMs - times.elsewhereSinceMs >= settings.moveAfterMs) this.end(hosted, 'moved')
  }
}
