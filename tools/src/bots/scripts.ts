import { readFileSync } from 'node:fs'
import {
  behaviour,
  dropOut,
  gather,
  hunt,
  inTurn,
  oneOf,
  rest,
  takeBreak,
  talk,
  teamUp,
  villager,
  wander,
  type Behaviour,
  type Portals,
} from '@hydra/bots'
import { routes } from '@hydra/protocol'

/** What bots can be told to do, each with a line of help. */
export const scripts = {
  villager: {
    help: 'a bit of everything: fights, loot, trade, talk, teams, travel, lost connections',
    make: (portals) => villager({ portals }),
  },
  wander: {
    help: 'walks somewhere, rests a while',
    make: () => inTurn(wander(), rest(500, 2_000)),
  },
  walk: { help: 'walks without a pause: ten steps a second', make: () => wander() },
  hunt: { help: 'fights monsters and picks up what they leave', make: () => inTurn(hunt(), gather()) },
  chat: { help: 'says something in the world channel every few seconds', make: () => chatter() },
  team: { help: 'invites, joins and leaves teams', make: () => inTurn(teamUp(), rest(500, 1_500)) },
  churn: {
    help: 'loses its connection, logs out, comes back',
    make: () =>
      inTurn(
        oneOf([
          [2, dropOut()],
          [1, takeBreak()],
        ]),
        rest(1_000, 3_000),
      ),
  },
  idle: { help: 'is there, and asks for the time every few seconds', make: () => idle() },
} as const satisfies Record<string, { help: string; make: (portals: Portals) => Behaviour }>

/** One of {@link scripts}. */
export type ScriptName = keyof typeof scripts

/** Whether there is a script of this name. */
export const isScriptName = (name: string): name is ScriptName => Object.hasOwn(scripts, name)

/**
 * The portals of the scenes of a design table, as a client knows them; none where there is no such table.
 *
 * @throws Error when the file is no JSON.
 */
export function readPortals(file: string): Portals {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return {}
  }
  const scenes = JSON.parse(text) as readonly {
    readonly id: string
    readonly portals?: readonly {
      readonly at: { readonly x: number; readonly y: number }
      readonly to: string
    }[]
  }[]
  return Object.fromEntries(
    scenes.map(({ id, portals = [] }) => [
      id,
      portals.map(({ at, to }) => ({ at: [at.x, at.y] as [number, number], to })),
    ]),
  )
}

/** Within what a gate lets one session say. */
const chatter = (): Behaviour => inTurn(talk({ channel: 'world' }), rest(1_000, 3_000))

const idle = (): Behaviour =>
  behaviour('idle', async (me) => {
    await me.request(routes.game.role.ping, {})
    await me.pause(2_000 + me.random() * 4_000)
  })
