import type { Actor } from '../actor.ts'

/**
 * Something that a bot does, of any size: a step, a fight, a whole script. What the server refuses may be thrown; the bot
 * counts it and goes on with its next round.
 */
export interface Behaviour {
  /** For whoever watches. */
  readonly name: string
  run(me: Actor): Promise<void>
}

/**
 * Makes a behaviour of a function.
 *
 * @example const ping = behaviour('ping', (me) => me.request(routes.game.role.ping, {}))
 */
export function behaviour(name: string, run: (me: Actor) => Promise<unknown>): Behaviour {
  return Object.freeze({
    name,
    async run(me: Actor) {
      me.note(name)
      await run(me)
    },
  })
}
