import { pushes, type SceneDelta, type SceneViewPush } from '@hydra/protocol'
import type { ActorSession } from '../../actor/role-session.ts'
import type { SceneState } from '../state/scene-state.ts'
import { CellWatches } from './cell-watches.ts'
import type { ViewerLinks, ViewerSettings, ViewerTallies } from './viewer-links.ts'
import { Viewer, type ViewerShare } from './viewer.ts'

/** What the viewers of a scene need. */
export interface SceneViewersOptions {
  readonly state: Pick<SceneState, 'key' | 'tick' | 'grid' | 'get' | 'snapshot' | 'digest' | 'lastChange'>
  readonly links: ViewerLinks
  readonly settings: ViewerSettings
  readonly tallies: ViewerTallies
}

/**
 * Everybody who looks at a scene, and what is sent to them: after each step the deltas of the cells that somebody
 * watches, then a sign of life of those that were silent for a while, then what has newly come into anybody's view.
 *
 * @example
 * const viewers = new SceneViewers({ state, links, settings, tallies })
 * viewers.begin('r1', session, entity.i)
 * viewers.afterTick(state.endTick())
 */
export class SceneViewers {
  readonly #options: SceneViewersOptions
  readonly #watches: CellWatches
  readonly #viewers = new Map<string, Viewer>()
  readonly #share: ViewerShare
  /** What views of the present step have shown: of a crowd that comes at once, each sees the same. */
  readonly #contents = new Map<number, SceneViewPush['c'][number]>()

  constructor(options: SceneViewersOptions) {
    this.#options = options
    this.#watches = new CellWatches(options.state.key)
    this.#share = { ...options, watches: this.#watches, contentOf: (cell) => this.#contentOf(cell) }
  }

  /** Shows everything around an entity, its player's, to a session: to that one instead of any before it. */
  begin(rid: string, session: ActorSession, entity: number): void {
    const viewer = this.#viewers.get(rid) ?? new Viewer(this.#share, { rid, entity }, session)
    this.#viewers.set(rid, viewer)
    viewer.begin(session)
  }

  /** The session to which a role's view is shown, if one is. */
  sessionOf(rid: string): ActorSession | undefined {
    return this.#viewers.get(rid)?.session
  }

  /** Shows nothing any more. The session still receives its cells, until it joins others or ends. */
  end(rid: string): void {
    this.#viewers.get(rid)?.end()
    this.#viewers.delete(rid)
  }

  /** Sends what is to be sent after a step. */
  afterTick(deltas: readonly SceneDelta[]): void {
    this.#sendDeltas(deltas)
    this.#sendBeats()
    for (const viewer of this.#viewers.values()) viewer.afterTick()
    this.#contents.clear()
  }

  #sendDeltas(deltas: readonly SceneDelta[]): void {
    const { links, tallies } = this.#options
    let sent = 0
    for (const delta of deltas) {
      const watched = this.#watches.get(delta.c)
      if (watched === undefined) continue
      watched.sentTick = delta.t
      links.publish(watched.topic, pushes.game.scene.delta, delta)
      sent += 1
    }
    if (sent > 0) tallies.sent('delta', sent)
  }

  #sendBeats(): void {
    const { state, links, settings, tallies } = this.#options
    const { key, tick } = state
    let sent = 0
    for (const watched of this.#watches.all()) {
      if (tick - watched.sentTick < settings.beatTicks) continue
      const { cell, topic } = watched
      watched.sentTick = tick
      const beat = { x: key, c: cell, t: tick, p: state.lastChange(cell), d: state.digest(cell) }
      links.publish(topic, pushes.game.scene.beat, beat)
      sent += 1
    }
    if (sent > 0) tallies.sent('beat', sent)
  }

  #contentOf(cell: number): SceneViewPush['c'][number] {
    const known = this.#contents.get(cell) ?? this.#options.state.snapshot(cell)
    this.#contents.set(cell, known)
    return known
  }
}
