import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { renamed, type RoleState } from '../role/role.ts'
import { callerOf, createActorWorld } from '../test-support/actor-world.ts'
import { nextTurn } from '../test-support/faults.ts'
import type { RoleTurn } from './role-turn.ts'

type World = Awaited<ReturnType<typeof createActorWorld>>
type Server = Awaited<ReturnType<World['createServer']>>

const levelUp = (state: RoleState): RoleState => ({ ...state, level: state.level + 1 })
const gain = (state: RoleState): RoleState => ({ ...state, exp: state.exp + 1 })

describe('a change of a role', () => {
  let world: World
  let game: Server
  let session: Awaited<ReturnType<World['login']>>

  beforeEach(async () => {
    world = await createActorWorld()
    game = await world.createServer('game-1')
    await world.addRole('ada', 'u1')
    session = await world.login('u1')
  })
  afterEach(() => world.close())

  const run = <T>(job: (role: RoleTurn) => Promise<T>, route = 'game.test.gain') =>
    game.actors.run(callerOf(session, 10_000, route), 'ada', job)
  const told = () =>
    game.told.map(({ before, after }) => [before, after].map(({ name, level }) => [name, level]))

  it.each(['game.test.gain', 'game.test.move'])(
    'that others see is told once, before and after, on route %s',
    async (route) => {
      await run((role) => role.change(levelUp), route)
      await run((role) => role.changeDurably((state) => renamed(state, 'Grace')), route)
      await run((role) => role.change((state) => renamed(levelUp(state), 'Ada')), route)
      expect(told()).toEqual([
        [
          ['ada', 1],
          ['ada', 2],
        ],
        [
          ['ada', 2],
          ['Grace', 2],
        ],
        [
          ['Grace', 2],
          ['Ada', 3],
        ],
      ])
    },
  )

  it('that others do not see is not told', async () => {
    await run((role) => role.change(gain))
    await run((role) => role.changeDurably((state) => renamed(state, 'ada')))
    await run((role) => role.change(gain), 'game.test.move')
    expect(told()).toEqual([])
  })

  it.each(['game.test.gain', 'game.test.move'])('is told when it is stored, on route %s', async (route) => {
    await run((role) => role.change(gain))
    world.faults.hung.add('journal.append')
    let answered = false
    void Promise.resolve(run((role) => role.change(levelUp), route)).then(() => (answered = true))
    for (let turn = 0; turn < 20; turn++) await nextTurn()
    expect(answered).toBe(false)
    expect(told()).toEqual([])
  })

  it('that could not be stored is not told', async () => {
    await run((role) => role.change(gain))
    world.faults.down.add('journal').add('roles')
    await expect(run((role) => role.change(levelUp))).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    expect(told()).toEqual([])
    world.faults.heal()
    await run((role) => role.change(gain))
    expect(told()).toEqual([])
  })
})
