/** How bad a story is; chances are per event. */
export interface Story {
  readonly seed: number
  /** Milliseconds that anything takes from one place to the next, at most; below half a step everything is there in time. */
  readonly delayMaxMs: number
  /** A push does not reach a session. */
  readonly drop: number
  /** A push reaches a session once more, some time later. */
  readonly repeat: number
  /** A request, or a call to the gate, fails; with or without effect. */
  readonly fail: number
  /** A player's connection is lost, per step. */
  readonly loss: number
  /** A scene goes to another server, per step: in order, or because its own has died. */
  readonly relocation: number
}

/** Milliseconds between two steps. */
export const tickMs = 100

/** Steps at the end of a story in which nothing goes wrong any more. */
export const calmTicks = 300
/** The last of them, in which players stand still, so that no view is about to change in the end. */
export const stillTicks = 40

/**
 * Within so many steps after the last thing that went wrong for a player, its view is right again: silence is noticed
 * after 60 steps, looked at each 20, and asked about within 5 s of pause, 10 s of rest and 3 s of a request without answer.
 */
export const recoveryTicks = 60 + 20 + 50 + 100 + 30
