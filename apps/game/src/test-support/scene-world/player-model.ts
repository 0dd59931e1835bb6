import {
  HydraError,
  type ErrorCode,
  type Push,
  type Route,
  type SceneInfo,
  type ScenePoint,
} from '@hydra/protocol'
import type { Clock } from '@hydra/runtime'
import type { GateModel, GateSession } from './gate-model.ts'
import type { HostModel } from './host-model.ts'
import type { Luck } from './luck.ts'
import type { SlowNetwork } from './slow-network.ts'

/** The part of the client's view that is played with; only tests may name the client itself. */
export interface PlayedView {
  enter(): Promise<unknown>
  travel(to: string): Promise<unknown>
  move(to: ScenePoint): Promise<unknown>
  readonly info: SceneInfo | undefined
  readonly self: { readonly i: number; readonly p: ScenePoint } | undefined
  readonly cells: readonly number[]
  readonly inSync: boolean
  get(id: number): unknown
  entities(): Iterable<{ readonly i: number }>
  digest(cell: number): number | undefined
  resync(): void
  close(): void
}

/** What a view is made with. */
export interface PlayedViewOptions {
  readonly client: { on: unknown; request: unknown }
  readonly clock: Clock
  readonly random: () => number
  readonly onError: (error: HydraError) => void
}

/** What a player is part of. */
export interface PlayerParts {
  readonly network: SlowNetwork
  readonly gate: GateModel
  readonly luck: Luck
  readonly clock: Clock
  readonly hosts: ReadonlyMap<string, HostModel>
  readonly createView: (options: PlayedViewOptions) => PlayedView
  /** Something went wrong that the view has to notice. */
  readonly onTrouble: (rid: string, what: string) => void
}

const timeoutMs = 3_000

/** A role, its client with the real view, and the server's answers to it. */
export class PlayerModel {
  readonly rid: string
  readonly view: PlayedView
  /** The scene in which the role is, whether or not it has entered. */
  scene: string
  session: GateSession
  /** Requests under way after which the view is another one. */
  asking = 0
  /** How often the view has asked for everything. */
  resyncs = 0
  readonly #parts: PlayerParts
  readonly #listeners = new Map<string, (payload: unknown) => void>()
  readonly #pending = new Set<(code: ErrorCode) => void>()

  constructor(rid: string, scene: string, parts: PlayerParts) {
    this.#parts = parts
    this.rid = rid
    this.scene = scene
    this.session = parts.gate.open(rid, this.#deliver)
    this.view = parts.createView({
      client: this,
      clock: parts.clock,
      random: parts.luck.next,
      onError: ({ code }) => parts.onTrouble(rid, `the view rests after ${code}`),
    })
    this.#enter()
  }

  get isConnected(): boolean {
    return this.session.deliver !== undefined
  }

  get host(): HostModel | undefined {
    return this.#parts.hosts.get(this.scene)
  }

  readonly on = (push: Push, listener: (payload: never) => void): (() => void) => {
    this.#listeners.set(push.name, listener as (payload: unknown) => void)
    return () => void this.#listeners.delete(push.name)
  }

  readonly request = async (route: Route, body: { to?: string & ScenePoint }): Promise<unknown> => {
    const isViewAsked = route.name !== 'game.scene.move'
    if (isViewAsked) this.asking += 1
    if (route.name === 'game.scene.resync') this.resyncs += 1
    try {
      return await this.#send(route.name, body)
    } finally {
      if (isViewAsked) this.asking -= 1
    }
  }

  /** Does what players do. */
  act(): void {
    const { luck } = this.#parts
    const { self } = this.view
    const ignore = () => {}
    if (self !== undefined && luck.happens(0.4)) {
      const to = [0, 1].map((axis) => Math.max(0, (self.p[axis] ?? 0) + luck.int(-90, 90)))
      this.view.move([Math.min(to[0] ?? 0, 1_000), Math.min(to[1] ?? 0, 900)]).catch(ignore)
    }
    if (luck.happens(0.006)) this.view.travel(luck.one([...this.#parts.hosts.keys()]) ?? '').catch(ignore)
  }

  /** The connection is lost, and comes back after a while. */
  lose(): void {
    const { network, luck, onTrouble } = this.#parts
    this.session.deliver = undefined
    onTrouble(this.rid, 'connection lost')
    for (const fail of Array.from(this.#pending)) fail('CONNECTION_CLOSED')
    network.later(luck.int(100, 5_000), () => this.#comeBack())
  }

  #comeBack(): void {
    const { gate, luck, onTrouble } = this.#parts
    onTrouble(this.rid, 'connection is back')
    if (luck.happens(0.7) && gate.resume(this.session, this.#deliver)) return this.view.resync()
    gate.end(this.session)
    // Either the grace of its former session is over by now, or not.
    if (luck.happens(0.5)) this.host?.leave(this.rid)
    this.session = gate.open(this.rid, this.#deliver)
    this.#enter()
  }

  #enter(): void {
    this.view.enter().catch(({ code }: HydraError) => {
      const { network, onTrouble } = this.#parts
      onTrouble(this.rid, `not entered: ${code}`)
      network.later(1_000, () => this.isConnected && this.#enter())
    })
  }

  readonly #deliver = (push: string, payload: unknown): void => this.#listeners.get(push)?.(payload)

  #send(name: string, body: { to?: string & ScenePoint }): Promise<unknown> {
    const { network, gate, luck, onTrouble } = this.#parts
    const { session } = this
    if (!this.isConnected) return Promise.reject(new HydraError('CONNECTION_CLOSED', 'It is closed.'))
    const fate = luck.happens(gate.story.fail) ? luck.one(['busy', 'lost', 'unanswered'] as const) : undefined
    if (fate !== undefined) onTrouble(this.rid, `${name} ${fate}`)
    return new Promise((resolve, reject) => {
      const fail = (code: ErrorCode) => {
        this.#pending.delete(fail)
        reject(new HydraError(code, `${name} failed.`))
      }
      this.#pending.add(fail)
      if (fate === 'lost' || fate === 'unanswered') network.later(timeoutMs, () => fail('TIMEOUT'))
      if (fate === 'lost') return
      const answer = (value: unknown) => {
        if (fate === 'unanswered') return
        network.send(`answers ${session.sessionId}`, () => {
          if (!this.#pending.delete(fail)) return
          if (value instanceof HydraError) reject(value)
          else resolve(value)
        })
      }
      network.send(`to servers ${session.sessionId}`, () => {
        if (session !== this.session) return
        if (fate === 'busy') answer(new HydraError('SERVER_BUSY', 'Busy.'))
        else this.#handle(name, body, answer)
      })
    })
  }

  #handle(name: string, { to }: { to?: string & ScenePoint }, answer: (value: unknown) => void): void {
    const { rid, session, host } = this
    if (host === undefined) throw new Error(`there is no scene ${this.scene}`)
    try {
      if (name === 'game.scene.enter') return answer(host.join(rid, session))
      if (name === 'game.scene.resync') return answer(host.resync(rid, session))
      if (name === 'game.scene.move' && to !== undefined) return answer(host.move(rid, to))
      if (name === 'game.scene.travel' && to !== undefined) return this.#travel(host, to, answer)
    } catch (error) {
      if (error instanceof HydraError) return answer(error)
      throw error
    }
    throw new Error(`unexpected request ${name}`)
  }

  /** The scene left tells the gate who has the next one, and the gate asks there. */
  #travel(from: HostModel, to: string, answer: (value: unknown) => void): void {
    const { network, hosts } = this.#parts
    const { rid, session } = this
    if (!from.players.has(rid)) throw new HydraError('NOT_IN_SCENE', 'The role is in no scene.')
    if (to === from.id) return answer(from.join(rid, session))
    from.leave(rid)
    this.scene = to
    const arrive = () => {
      const host = hosts.get(to)
      if (session === this.session && this.scene === to && host !== undefined) answer(host.join(rid, session))
    }
    network.send('to gate', () => network.send('to servers', arrive))
  }
}
