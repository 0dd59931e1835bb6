import type { HydraError, SceneAction, SceneEntity, SceneInfo, ScenePoint } from '@hydra/protocol'
import type { ClientClock } from './client-clock.ts'
import type { GameClient } from './game-client.ts'

/**
 * What has changed in a view. `scene`: it shows another scene; of what it had shown before nothing is there any more.
 * `entered`, `left`: into view, out of view, whatever the reason; who crosses a border between cells may be told as both
 * within a step.
 */
export type SceneViewChange =
  | { readonly kind: 'scene'; readonly info: SceneInfo }
  | { readonly kind: 'entered'; readonly entity: SceneEntity }
  | { readonly kind: 'changed'; readonly entity: SceneEntity; readonly former: SceneEntity }
  | { readonly kind: 'left'; readonly entity: SceneEntity }

/** Why the role is not in the scene any more. */
export type SceneClosed = 'moved' | 'closing' | 'left'

/** What a `SceneView` needs, and whom it tells. */
export interface SceneViewOptions {
  readonly client: Pick<GameClient, 'request' | 'on'>
  /** Is told of each change, in order. */
  readonly onChange?: (change: SceneViewChange) => void
  /** Something was done: who, whom, how much. Not told of what was done while the view had a gap. */
  readonly onAction?: (action: SceneAction) => void
  /** The role is out of the scene. After `moved` and `closing` the view enters again by itself. */
  readonly onClosed?: (reason: SceneClosed) => void
  /** The view cannot go on by itself: it tries again some seconds later, or at once after `enter` or `resync`. */
  readonly onError?: (error: HydraError) => void
  /** How far in the past places are shown, so that there is a next one to move towards; two steps by default. */
  readonly renderDelayMs?: number
  /** Deltas kept that came before the snapshot of their cell; one more, and all are asked for anew. 1,000 by default. */
  readonly waitingMax?: number
  /**
   * Steps after which a cell of which nothing was heard, neither changes nor a sign of life, is asked for anew. 60 by
   * default: three times as long as servers are silent.
   */
  readonly quietTicks?: number
  readonly clock?: ClientClock
  /** From 0 to 1, so that clients do not all ask at the same moment. */
  readonly random?: () => number
}

/** A scene as a client sees it. */
export interface SceneView {
  /**
   * Enters the scene of the role's place; also to be called after a reconnect that has not resumed, when the role was
   * entered. What can be tried again is, after growing pauses.
   *
   * @throws HydraError what `game.scene.enter` fails with, in the end.
   */
  enter(): Promise<SceneInfo>
  /**
   * Goes through a portal.
   *
   * @throws HydraError what `game.scene.travel` fails with, in the end; `BAD_REQUEST` while the role travels already.
   */
  travel(to: string): Promise<SceneInfo>
  /**
   * Steps to a place, which is shown as one's own at once, and corrected if the server refuses it.
   *
   * @throws HydraError what `game.scene.move` fails with; `metadata.at` of `MOVE_TOO_FAR` says where the role is.
   */
  move(to: ScenePoint): Promise<ScenePoint>
  /** The scene; `undefined` before the first, and after it was left. */
  readonly info: SceneInfo | undefined
  /** The latest step that was heard of. */
  readonly tick: number
  /** The player's own entity, at the place where its steps have led it. The last known, while the server shows none. */
  readonly self: SceneEntity | undefined
  /** Cells in view. */
  readonly cells: readonly number[]
  /** An entity in view, as the server has told it last. */
  get(id: number): SceneEntity | undefined
  /** All entities in view. */
  entities(): Iterable<SceneEntity>
  /** Digest of a cell in view (`cellDigest`); `undefined` while a snapshot is waited for. */
  digest(cell: number): number | undefined
  /** Whether all in view is known to be right, as far as one can know. */
  readonly inSync: boolean
  /**
   * Where to show an entity at `atMs` of the client's clock, by default now: on the way between places told, not rounded.
   * `undefined` if it is not in view.
   */
  placeOf(id: number, atMs?: number): [number, number] | undefined
  /** Has everything sent again, or enters if that has failed: to be called after a reconnect that has resumed. */
  resync(): void
  /** Ends it: nothing is told any more. The role stays in the scene. */
  close(): void
}
