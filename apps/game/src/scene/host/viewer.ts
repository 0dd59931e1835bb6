import { pushes, type SceneViewPush } from '@hydra/protocol'
import type { ActorSession } from '../../actor/role-session.ts'
import { roleTopic } from '../../role/tell-role.ts'
import type { SceneState } from '../state/scene-state.ts'
import type { CellWatches } from './cell-watches.ts'
import { cellTopic, sceneTopics } from './scene-topics.ts'
import type { ViewerLinks, ViewerSettings, ViewerTallies } from './viewer-links.ts'

/** What the viewers of one scene share. */
export interface ViewerShare {
  readonly state: Pick<SceneState, 'key' | 'tick' | 'grid' | 'get'>
  readonly watches: CellWatches
  readonly links: ViewerLinks
  readonly settings: ViewerSettings
  readonly tallies: ViewerTallies
  /** Content of a cell, as it was at the end of the step. */
  readonly contentOf: (cell: number) => SceneViewPush['c'][number]
}

/** A call to the gate that is under way. */
interface Joining {
  readonly cells: readonly number[]
}

/**
 * One player's window on a scene: has its session receive the cells around it, and tells it what is in those that it did
 * not see before. One call to the gate at a time, because two could overtake each other and leave the session with the
 * cells of the earlier one.
 *
 * A session that its gate does not know any more, or that could not be joined several times in a row, is left alone until
 * {@link begin} is called again.
 */
export class Viewer {
  readonly #rid: string
  readonly #entity: number
  readonly #share: ViewerShare
  #session: ActorSession
  /** The cell from which it sees. */
  #centre: number
  /** What its session receives for sure, and what it counts as watched: also what it may receive soon, or still. */
  #joined: readonly number[] = []
  #watched: readonly number[] = []
  #joining: Joining | undefined
  /** Whether the session has to be joined once more although nothing has moved. */
  #again = false
  /** What the session has been told that it sees. */
  #shown: ReadonlySet<number> = new Set()
  /** Whether what was shown is in doubt, so that the next view has all of it. */
  #isInDoubt = true
  #isViewDue = false
  #isStopped = false
  #failures = 0
  #retryTick: number | undefined

  constructor(
    share: ViewerShare,
    viewer: { readonly rid: string; readonly entity: number },
    session: ActorSession,
  ) {
    this.#share = share
    this.#rid = viewer.rid
    this.#entity = viewer.entity
    this.#session = session
    this.#centre = this.#here(0)
  }

  get session(): ActorSession {
    return this.#session
  }

  /** Shows everything, to this session from now on. */
  begin(session: ActorSession): void {
    if (session.sessionId !== this.#session.sessionId) {
      // What the former session is answered does not concern this one.
      this.#joining = undefined
      this.#joined = []
    }
    this.#session = session
    this.#isStopped = false
    this.#isInDoubt = true
    this.#isViewDue = false
    this.#failures = 0
    this.#centre = this.#here(this.#centre)
    if (this.#joining === undefined) this.#join()
    else this.#again = true
  }

  /** Watches nothing any more. */
  end(): void {
    this.#stop()
  }

  /** After each step, when its deltas were sent: what is due of views and joins. */
  afterTick(): void {
    if (this.#isStopped) return
    if (this.#isViewDue) this.#sendView()
    if (this.#joining !== undefined) return
    const centre = this.#here(this.#centre)
    const isMoved = centre !== this.#centre
    this.#centre = centre
    const { tick } = this.#share.state
    if (this.#retryTick === undefined ? isMoved : tick >= this.#retryTick) this.#join()
  }

  #here(centre: number): number {
    const { state } = this.#share
    const place = state.get(this.#entity)?.p
    if (place === undefined) return centre
    return this.#watched.length === 0 ? state.grid.cellOf(place) : state.grid.recentred(place, centre)
  }

  #join(): void {
    const cells = this.#share.state.grid.around(this.#centre)
    const joining: Joining = { cells }
    this.#joining = joining
    this.#again = false
    this.#retryTick = undefined
    // From the answer on nothing may be missed, so they are watched before.
    this.#watch([...new Set([...this.#joined, ...cells])])
    void this.#call(joining)
  }

  async #call(joining: Joining): Promise<void> {
    const { links, state } = this.#share
    const topics = [...joining.cells.map((cell) => cellTopic(state.key, cell)), roleTopic(this.#rid)]
    try {
      const { found } = await links.joinTopics(this.#session, topics, [sceneTopics])
      if (this.#joining === joining) this.#onJoined(joining, found)
    } catch (error) {
      if (this.#joining === joining) this.#onFailed(error)
    }
  }

  #onJoined({ cells }: Joining, found: boolean): void {
    this.#joining = undefined
    if (!found && !this.#again) return this.#stop()
    this.#failures = 0
    this.#joined = found ? cells : []
    this.#watch(this.#joined)
    if (this.#again) this.#join()
    else this.#isViewDue = true
  }

  #onFailed(error: unknown): void {
    const { settings, state, tallies } = this.#share
    this.#joining = undefined
    // The session may have left cells that it had, so what it knows of them may be out of date.
    this.#isInDoubt = true
    this.#failures += 1
    const isGivenUp = this.#failures >= settings.joinAttemptsMax
    tallies.joinFailed({ rid: this.#rid, session: this.#session }, error, isGivenUp)
    if (isGivenUp) this.#stop()
    else this.#retryTick = state.tick + settings.joinRetryTicks * 2 ** (this.#failures - 1)
  }

  #sendView(): void {
    const { state, links, tallies, contentOf } = this.#share
    const cells = this.#joined
    const fresh = this.#isInDoubt ? cells : cells.filter((cell) => !this.#shown.has(cell))
    this.#isViewDue = false
    this.#isInDoubt = false
    this.#shown = new Set(cells)
    const view = { x: state.key, t: state.tick, v: [...cells], c: fresh.map(contentOf) }
    links.publish(roleTopic(this.#rid), pushes.game.scene.view, view)
    tallies.sent('view', 1)
  }

  #stop(): void {
    this.#isStopped = true
    this.#joining = undefined
    this.#again = false
    this.#isViewDue = false
    this.#retryTick = undefined
    this.#joined = []
    this.#watch([])
  }

  #watch(cells: readonly number[]): void {
    const { watches, state } = this.#share
    watches.replace(this.#watched, cells, state.tick)
    this.#watched = cells
  }
}
