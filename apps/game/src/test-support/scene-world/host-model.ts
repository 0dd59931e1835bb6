import { HydraError, pushes, type SceneEntity, type SceneInfo, type ScenePoint } from '@hydra/protocol'
import type { ActorSession } from '../../actor/role-session.ts'
import { roleTopic } from '../../role/tell-role.ts'
import type { ViewerLinks, ViewerTallies } from '../../scene/host/viewer-links.ts'
import { SceneViewers } from '../../scene/host/viewers.ts'
import { Grid } from '../../scene/state/grid.ts'
import { SceneState } from '../../scene/state/scene-state.ts'
import type { Luck } from './luck.ts'
import { tickMs } from './story.ts'

const size = { width: 1_000, height: 900, cellSize: 200 }
const settings = { beatTicks: 20, joinAttemptsMax: 3, joinRetryTicks: 2 }

/** One scene on one server: the real state and the real viewers, and instead of rules a bustle. */
export class HostModel {
  readonly id: string
  readonly state: SceneState
  readonly viewers: SceneViewers
  readonly players = new Map<string, number>()
  readonly #links: ViewerLinks
  readonly #luck: Luck
  /** Digests that cells have had, by the step from which on. */
  readonly #digests = new Map<number, { readonly tick: number; readonly digest: number }[]>()

  constructor(parts: { id: string; key: number; links: ViewerLinks; luck: Luck; tallies: ViewerTallies }) {
    const { id, key, links, luck, tallies } = parts
    this.id = id
    this.#links = links
    this.#luck = luck
    this.state = new SceneState({ key, grid: new Grid(size) })
    this.viewers = new SceneViewers({ state: this.state, links, settings, tallies })
    for (let i = 0; i < 25; i++) this.#spawn()
  }

  /** Whether a cell has had this digest at one of the steps since `sinceTick`. */
  hadDigest(cell: number, digest: number, sinceTick = 0): boolean {
    const known = this.#digests.get(cell) ?? []
    if (digest === 0 && sinceTick < (known[0]?.tick ?? Infinity)) return true
    return known.some(
      (entry, index) => entry.digest === digest && (known[index + 1]?.tick ?? Infinity) > sinceTick,
    )
  }

  join(rid: string, session: ActorSession): SceneInfo {
    const entity =
      this.players.get(rid) ?? this.state.add({ k: 'p', p: this.#place(), n: rid, r: rid, l: 1 }).i
    this.players.set(rid, entity)
    this.viewers.begin(rid, session, entity)
    const at = this.state.get(entity)?.p ?? [0, 0]
    return { scene: this.id, x: this.state.key, t: this.state.tick, tickMs, ...size, self: entity, at }
  }

  leave(rid: string): void {
    const entity = this.players.get(rid)
    this.players.delete(rid)
    this.viewers.end(rid)
    if (entity !== undefined) this.state.remove(entity)
  }

  move(rid: string, to: ScenePoint): { at: [number, number]; t: number } {
    const entity = this.state.get(this.players.get(rid) ?? 0)
    if (entity === undefined) throw new HydraError('NOT_IN_SCENE', 'The role is in no scene.')
    const isFar = Math.hypot(to[0] - entity.p[0], to[1] - entity.p[1]) > 150
    if (isFar) throw new HydraError('MOVE_TOO_FAR', 'Too far.', { metadata: { at: entity.p } })
    this.state.change(entity.i, { p: [to[0], to[1]] })
    return { at: [to[0], to[1]], t: this.state.tick }
  }

  resync(rid: string, session: ActorSession): { x: number; t: number } {
    const entity = this.players.get(rid)
    if (entity === undefined) throw new HydraError('NOT_IN_SCENE', 'The role is in no scene.')
    this.viewers.begin(rid, session, entity)
    return { x: this.state.key, t: this.state.tick }
  }

  /** Its server ends: everybody is told to come again, elsewhere; nobody, if it has died. */
  close(hasDied: boolean): void {
    for (const rid of this.players.keys()) {
      const reason = this.#luck.happens(0.5) ? 'moved' : 'closing'
      if (!hasDied)
        this.#links.publish(roleTopic(rid), pushes.game.scene.closed, { x: this.state.key, reason })
      this.viewers.end(rid)
    }
    this.players.clear()
  }

  /** @param areKilled whether players die now and then, and come back to life far away. */
  tick(areKilled: boolean): void {
    for (const entity of Array.from(this.state.entities())) if (entity.k !== 'p') this.#bustle(entity)
    for (const id of this.players.values()) {
      if (areKilled && this.#luck.happens(0.002)) this.state.change(id, { p: this.#place(), h: [100, 100] })
    }
    if (this.state.size < 40 && this.#luck.happens(0.2)) this.#spawn()
    const deltas = this.state.endTick()
    for (const { c } of deltas) {
      const digests = this.#digests.get(c) ?? []
      digests.push({ tick: this.state.tick, digest: this.state.digest(c) })
      this.#digests.set(c, digests)
    }
    this.viewers.afterTick(deltas)
  }

  /** Half of the scene is busy, the rest mostly silent, so that gaps there show with the next sign of life only. */
  #bustle({ i, p }: SceneEntity): void {
    const { state } = this
    const luck = this.#luck
    if (p[0] > 500 && !luck.happens(0.03)) return
    const walk = (far: number) => state.change(i, { p: this.#near(p, far) })
    if (luck.happens(0.5)) walk(40)
    if (luck.happens(0.05)) state.change(i, { h: [luck.int(0, 9), 9] })
    if (luck.happens(0.03)) state.change(i, { s: luck.one(['d', 'a', null] as const) ?? null })
    if (luck.happens(0.03)) state.change(i, { o: luck.one(['r1', null]) ?? null })
    if (luck.happens(0.03)) state.act([i, i, luck.int(0, 9)])
    if (luck.happens(0.02)) walk(300)
    // There and back, within a step: nothing of it may show.
    if (luck.happens(0.05)) state.change(i, { p: [p[0], p[1]] })
    if (luck.happens(0.01)) state.remove(i)
    if (luck.happens(0.01)) state.remove(state.add({ k: 'l', p: this.#place(), n: 'pelt', q: 1 }).i)
  }

  #spawn(): void {
    const loot = { k: 'l', p: this.#place(), n: 'pelt', q: 2, o: 'r2' } as const
    this.state.add(this.#luck.happens(0.3) ? loot : { k: 'm', p: this.#place(), n: 'wolf', l: 2, h: [9, 9] })
  }

  #place(): [number, number] {
    return [this.#luck.int(0, size.width), this.#luck.int(0, size.height)]
  }

  #near([x, y]: ScenePoint, far: number): [number, number] {
    const within = (value: number, max: number) =>
      Math.min(max, Math.max(0, value + this.#luck.int(-far, far)))
    return [within(x, size.width), within(y, size.height)]
  }
}
