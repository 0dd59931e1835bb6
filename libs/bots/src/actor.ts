import type { ClientClock, SceneView } from '@hydra/client'
import type { RequestOf, ResponseOf, Route, RouteName, ScenePoint } from '@hydra/protocol'
import type { Companions } from './companions.ts'

/** A route that takes the number of an operation. */
export type OperationRoute = Route<RouteName, 'request'> & {
  readonly request: { readonly _zod: { readonly input: { readonly operation: number } } }
}

/** What a behaviour sees of the world. */
export type Surroundings = Pick<SceneView, 'info' | 'self' | 'get' | 'entities'>

/** What a behaviour plays with: the bot, as far as decisions need it. */
export interface Actor {
  /** Of the account and of the role. */
  readonly name: string
  /** Its role; `''` before it has entered for the first time. */
  readonly rid: string
  /** Where all decisions come from: the numbers of the present round depend on the seed and the round alone. */
  readonly random: () => number
  readonly clock: ClientClock
  /** Aborted when the round is to end; a behaviour comes to an end soon then. */
  readonly signal: AbortSignal
  readonly companions: Companions

  /**
   * Calls a route, in the game: connects, logs in and enters before, where that is needed.
   *
   * @throws HydraError as `GameClient.request`, and what coming into the game answers.
   */
  request<R extends Route<RouteName, 'request'>>(route: R, body: RequestOf<R>): Promise<ResponseOf<R>>

  /**
   * Makes an operation exactly once: gives it a number, and sends it again with the same one where an answer was lost.
   * `undefined`: it had been made, and the answer is lost for good.
   *
   * @throws HydraError of a refusal, or the last failure after some tries.
   */
  operate<R extends OperationRoute>(
    route: R,
    body: Omit<RequestOf<R>, 'operation'>,
  ): Promise<ResponseOf<R> | undefined>

  /** The world around the role; enters it where needed. @throws HydraError as {@link request}. */
  scene(): Promise<Surroundings>

  /** One step to a place. @throws HydraError as `game.scene.move`. */
  step(to: ScenePoint): Promise<void>

  /** Goes through a portal. @throws HydraError as `game.scene.travel`. */
  travel(to: string): Promise<void>

  /** Waits, or less when the round is to end. */
  pause(ms: number): Promise<void>

  /** Loses the connection without a word; the next request brings the bot back. */
  drop(): Promise<void>

  /** Logs out, which saves the role; the next request brings the bot back. */
  logOut(): Promise<void>

  /** Says what is being done, for whoever watches. */
  note(what: string): void
}
