import type { RoleRule } from '@hydra/persistence'
import { HydraError, pushes, type SceneInfo } from '@hydra/protocol'
import type { Clock } from '@hydra/runtime'
import type { ActorSession } from '../../actor/role-session.ts'
import { roleTopic } from '../../role/tell-role.ts'
import type { Place, RoleState } from '../../role/role.ts'
import type { Tables } from '../../tables/tables.ts'
import { placeAt, placed } from '../place.ts'
import type { Scene } from '../scene.ts'
import type { HostedScene } from './hosted-scene.ts'
import type { Placement } from './placement.ts'
import { sceneTopics } from './scene-topics.ts'
import type { SceneEnd, Scenes } from './scenes.ts'
import type { ViewerLinks } from './viewer-links.ts'

/** What the world needs. */
export interface WorldOptions {
  readonly tables: Pick<Tables, 'scenes'>
  readonly scenes: Pick<Scenes, 'open' | 'get' | 'all' | 'end'>
  readonly placement: Pick<Placement, 'serverOf'>
  readonly links: ViewerLinks
  readonly serverId: string
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly tickMs: number
}

/** A role in a scene of this server. */
export interface Present {
  readonly rid: string
  readonly uid: string
  readonly hosted: HostedScene
  readonly scene: Scene
  /** Its entity. */
  readonly entity: number
}

/** What entering answers when the scene is on another server: go there. */
export interface Elsewhere {
  readonly server: string
}

type Closed = 'moved' | 'closing' | 'left'

const closedAs: Readonly<Record<SceneEnd, Closed>> = {
  empty: 'closing',
  failed: 'closing',
  moved: 'moved',
  closing: 'closing',
}

/**
 * Which roles are in which scene of this server: what handlers of `game.scene` and the actors of roles ask and tell. It is
 * told within the role's turns, so that of one role everything comes in order. What is written into role data is theirs.
 */
export class World {
  readonly #options: WorldOptions
  readonly #present = new Map<string, Present>()
  /** Where roles were that are in memory, but in no scene; gone from there with the role. */
  readonly #places = new Map<string, Place>()
  #isClosed = false

  constructor(options: WorldOptions) {
    this.#options = options
  }

  /**
   * Brings a role into the scene of its place, and shows it to the session; a role that is in a scene stays there and is
   * shown everything anew.
   *
   * @throws HydraError `SCENE_FULL`, `SERVER_BUSY`, `SHUTTING_DOWN`.
   */
  enter(session: ActorSession, role: RoleState): SceneInfo | Elsewhere {
    const known = this.#present.get(role.rid)
    if (known !== undefined) return this.#show(known, session)
    const place = this.placeOf(role)
    const server = this.serverOf(place.scene)
    if (server !== this.#options.serverId) return { server }
    const { scenes, clock } = this.#options
    const hosted = scenes.open(place.scene)
    const { rid, uid, name, level } = role
    const at = [place.x, place.y] as const
    const { i } = hosted.scene.join({ rid, name, level, at: [...at] }, clock.monotonicMs())
    const present: Present = { rid, uid, hosted, scene: hosted.scene, entity: i }
    this.#present.set(rid, present)
    this.#places.delete(rid)
    return this.#show(present, session)
  }

  /** Where a role is, or would enter. */
  placeOf({ rid, place }: Pick<RoleState, 'rid' | 'place'>): Place {
    const known = this.#placeHere(rid) ?? place
    const { scenes } = this.#options.tables
    if (known !== null && scenes.has(known.scene)) return known
    const [first] = scenes.values()
    if (first === undefined) throw new HydraError('INTERNAL', 'The table of scenes is empty.')
    return { scene: first.id, ...first.start }
  }

  /** The server that a scene is on. @throws HydraError `SHUTTING_DOWN` when that is this one, and it stops. */
  serverOf(scene: string): string {
    const { placement, serverId } = this.#options
    const server = placement.serverOf(scene)
    if (server === serverId && this.#isClosed) {
      throw new HydraError('SHUTTING_DOWN', 'This game server is stopping; ask another.')
    }
    return server
  }

  /** Whether a scene on this server has no room for one more. */
  isFull(scene: string): boolean {
    const hosted = this.#options.scenes.get(scene)
    return hosted !== undefined && hosted.scene.players >= hosted.scene.row.playersMax
  }

  /**
   * The role of a session in its scene. A session that is newer than the one that is shown the scene is shown it from now
   * on.
   *
   * @throws HydraError `NOT_IN_SCENE`.
   */
  present(session: ActorSession & { readonly rid: string }): Present {
    const present = this.find(session.rid)
    if (present === undefined) {
      throw new HydraError('NOT_IN_SCENE', 'The role is in no scene; enter first.')
    }
    const { viewers } = present.hosted
    if (viewers.sessionOf(present.rid)?.sessionId !== session.sessionId) {
      viewers.begin(present.rid, session, present.entity)
    }
    return present
  }

  /** A role in its scene; `undefined` if it is in none of this server. */
  find(rid: string): Present | undefined {
    return this.#present.get(rid)
  }

  /** Shows a session everything around its role once more. @throws HydraError `NOT_IN_SCENE`. */
  resync(session: ActorSession & { readonly rid: string }): Present {
    const present = this.present(session)
    present.hosted.viewers.begin(present.rid, session, present.entity)
    return present
  }

  /** A role leaves its scene because its player wants to; its place is kept. Nothing happens if it is in none. */
  leave(session: ActorSession & { readonly rid: string }): void {
    const present = this.find(session.rid)
    if (present === undefined) return
    this.#keepPlace(present)
    this.#remove(present)
    this.#tellClosed(present, 'left')
    // Else its session would receive what others in the same cells do. If that fails, it does, and need not care.
    const { links } = this.#options
    void Promise.allSettled([links.joinTopics(session, [roleTopic(session.rid)], [sceneTopics])])
  }

  /** A role leaves its scene for the place that its data name by now. */
  depart(rid: string): void {
    const present = this.find(rid)
    if (present !== undefined) this.#remove(present)
    this.#places.delete(rid)
  }

  /** The connection of a role's player is lost, or back. */
  away(rid: string, isAway: boolean): void {
    this.find(rid)?.scene.away(rid, isAway)
  }

  /** How the data of a role are to be changed to say where it is, if that is known here. */
  placeRule(rid: string): RoleRule<RoleState> | undefined {
    const place = this.#placeHere(rid)
    return place === undefined ? undefined : placed(place)
  }

  /** The roles of which {@link placeRule} knows the place. */
  *rids(): Iterable<string> {
    yield* this.#present.keys()
    yield* this.#places.keys()
  }

  /** A role looks different: another name, another level. */
  changed({ rid, name, level }: Pick<RoleState, 'rid' | 'name' | 'level'>): void {
    this.find(rid)?.scene.changed({ rid, name, level })
  }

  /** Gives a role health, up to all of it; nothing happens to one that is dead, or in no scene here. */
  heal(rid: string, health: number): void {
    this.find(rid)?.scene.heal(rid, health)
  }

  /** A role is not in memory any more: whoever plays it on is elsewhere. */
  ended(rid: string): void {
    const present = this.find(rid)
    if (present !== undefined) {
      this.#remove(present)
      this.#tellClosed(present, 'left')
    }
    this.#places.delete(rid)
  }

  /** An instance has ended: those who are in it are told, and may enter again. */
  sceneEnded(hosted: HostedScene, end: SceneEnd): void {
    for (const present of this.#present.values()) {
      if (present.hosted !== hosted) continue
      this.#keepPlace(present)
      this.#remove(present)
      this.#tellClosed(present, closedAs[end])
    }
  }

  /** Ends all scenes, and begins none any more. */
  close(): void {
    this.#isClosed = true
    for (const hosted of this.#options.scenes.all()) this.#options.scenes.end(hosted, 'closing')
  }

  #show({ rid, hosted, scene, entity }: Present, session: ActorSession): SceneInfo {
    hosted.viewers.begin(rid, session, entity)
    const { row, state } = scene
    const { id, width, height, cellSize } = row
    const [x, y] = state.get(entity)?.p ?? [row.start.x, row.start.y]
    const { tickMs } = this.#options
    const { key, tick } = state
    return { scene: id, x: key, t: tick, tickMs, width, height, cellSize, self: entity, at: [x, y] }
  }

  #placeHere(rid: string): Place | undefined {
    const present = this.#present.get(rid)
    if (present === undefined) return this.#places.get(rid)
    const { row } = present.scene
    const entity = present.scene.playerOf(rid)
    if (entity === undefined) return undefined
    // Who leaves dead comes back at the start.
    return entity.s === 'd' ? { scene: row.id, ...row.start } : placeAt(row.id, entity.p)
  }

  #keepPlace({ rid }: Present): void {
    const place = this.#placeHere(rid)
    if (place !== undefined) this.#places.set(rid, place)
  }

  #remove({ rid, hosted, scene }: Present): void {
    this.#present.delete(rid)
    hosted.viewers.end(rid)
    scene.leave(rid)
  }

  #tellClosed({ rid, scene }: Present, reason: Closed): void {
    this.#options.links.publish(roleTopic(rid), pushes.game.scene.closed, { x: scene.state.key, reason })
  }
}
