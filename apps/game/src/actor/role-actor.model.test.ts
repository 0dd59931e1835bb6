import { createMetrics, silentLogger } from '@hydra/runtime'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createGameMetrics } from '../game-metrics.ts'
import { actorSettings, callerOf, createActorWorld } from '../test-support/actor-world.ts'
import { nextTurn } from '../test-support/faults.ts'
import { OwnershipRenewal } from './ownership-renewal.ts'
import type { Leave } from './role-session.ts'
import type { RoleTurn } from './role-turn.ts'

/** What can happen to one role; `back` counts sessions back from the newest one. */
type Step =
  | { readonly do: 'login' }
  | { readonly do: 'change'; readonly back: number }
  | { readonly do: 'leave'; readonly back: number; readonly grace: boolean }
  | { readonly do: 'advance'; readonly byMs: number }
  | { readonly do: 'fail'; readonly what: string }
  | { readonly do: 'lose'; readonly what: string }
  | { readonly do: 'heal' }
  | { readonly do: 'turns'; readonly count: number }
  | { readonly do: 'move'; readonly back: number }
  | { readonly do: 'renew' }
  | { readonly do: 'serve' }

const back = fc.nat(2)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('login' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('change' as const), back }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), back, grace: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      byMs: fc.constantFrom(10, 1_000, actorSettings.graceMs),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('fail' as const),
      what: fc.constantFrom('roles', 'journal', 'roles.saveAll', 'journal.release', 'sessions.release'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('lose' as const),
      what: fc.constantFrom('journal.append', 'journal.acquire', 'journal.release', 'roles.saveAll'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('heal' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('move' as const), back }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('renew' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('serve' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('turns' as const), count: fc.integer({ min: 1, max: 8 }) }),
  },
)

const ada = { rid: 'ada', uid: 'u1' }
const gain = (role: RoleTurn) => role.change((state) => ({ ...state, exp: state.exp + 1 }))
const move = (role: RoleTurn) =>
  role.change((state) => ({ ...state, lastEnterAtMs: state.lastEnterAtMs + 1 }))

describe('a role, whatever happens to its sessions and stores', () => {
  it('keeps every acknowledged change, obeys the newest session only, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.array(fc.nat(4), { minLength: 1, maxLength: 7 }),
        async (steps, delays) => play(steps, delays),
      ),
      { numRuns: 300 },
    )
  }, 60_000)
})

async function play(steps: readonly Step[], delays: readonly number[]): Promise<void> {
  const world = await createActorWorld()
  const { clock, faults } = world
  const game = await world.createServer('game-1')
  await world.addRole('ada', 'u1')
  const sessions = [await world.login('u1')]
  faults.delays = delays
  /** The newest session that the role's actor has let in; older ones must be refused from then on. */
  let newestAdmitted = -1
  let acknowledged = 0
  /** Changes that are answered from memory: some may be lost with a fenced actor, none may disturb the others. */
  let moves = 0
  const renewal = new OwnershipRenewal({
    actors: game.actors,
    ownership: game.ownership,
    clock,
    log: silentLogger,
    renewals: createGameMetrics(createMetrics({ service: 'test' })).renewals,
    intervalMs: 1_000,
    retakesParallel: 2,
  })
  const work: Promise<unknown>[] = []
  const sessionAt = (stepsBack: number) => {
    const session = sessions[Math.max(0, sessions.length - 1 - stepsBack)]
    if (session === undefined) throw new Error('there is always a session')
    return session
  }

  /** Waits for work while the time goes on. */
  const finish = async (promise: Promise<unknown>) => {
    let settled = false
    const done = promise.finally(() => (settled = true))
    await Promise.race([done, world.until(() => settled, 10).then(() => done)])
  }

  const change = async (stepsBack: number) => {
    const session = sessionAt(stepsBack)
    const admittedBefore = newestAdmitted
    const state = await game.actors.run(callerOf(session), 'ada', gain)
    newestAdmitted = Math.max(newestAdmitted, session.epoch)
    expect(session.epoch).toBeGreaterThanOrEqual(admittedBefore)
    // What was acknowledged always counts, what was refused never does, in whatever memory or store the role was.
    acknowledged++
    expect(state.exp).toBe(acknowledged)
  }
  const moveBy = async (stepsBack: number) => {
    const session = sessionAt(stepsBack)
    moves++
    await game.actors.run(callerOf(session, 10_000, 'game.test.move'), 'ada', move)
    newestAdmitted = Math.max(newestAdmitted, session.epoch)
  }
  const serve = async () => {
    const state = await game.actors.runFor({ ...ada, remainingMs: () => 10_000 }, gain)
    acknowledged++
    expect(state.exp).toBe(acknowledged)
  }
  const leave = async (stepsBack: number, grace: boolean) => {
    const session = sessionAt(stepsBack)
    const overtaken = session.epoch < newestAdmitted && game.actors.size > 0 && !endedOf(session)
    const before = game.ended.length
    const cause: Leave = { kind: 'ended', reason: 'CLIENT_CLOSED', session }
    const state = await game.actors.leave(ada, cause, grace)
    const mustYield = overtaken && before === game.ended.length
    expect(!mustYield || state === 'superseded').toBe(true)
  }
  const endedOf = (session: { epoch: number }) =>
    game.ended.some(({ leave: cause }) => (cause?.session.epoch ?? -1) >= session.epoch)

  for (const current of steps) {
    switch (current.do) {
      case 'login':
        sessions.push(await world.login('u1'))
        break
      case 'change':
        work.push(change(current.back).catch(refused))
        break
      case 'move':
        work.push(moveBy(current.back).catch(refused))
        break
      case 'renew':
        work.push(renewal.look())
        break
      case 'serve':
        work.push(serve().catch(refused))
        break
      case 'leave':
        work.push(leave(current.back, current.grace).catch(refused))
        break
      case 'advance':
        clock.advance(current.byMs)
        break
      case 'fail':
        faults.down.add(current.what)
        break
      case 'lose':
        faults.lost.add(current.what)
        break
      case 'heal':
        faults.heal()
        break
      case 'turns':
        for (let turn = 0; turn < current.count; turn++) await nextTurn()
        break
    }
  }

  faults.heal()
  await finish(Promise.all(work))
  const last: Leave = { kind: 'ended', reason: 'LOGGED_OUT', session: sessionAt(0) }
  await finish(game.actors.leave(ada, last, false))
  expect(game.actors.size).toBe(0)

  const row = await world.stored.find('ada')
  expect(row?.data['exp']).toBe(acknowledged)
  expect(row?.data['lastEnterAtMs']).toBeLessThanOrEqual(moves)
  expect(await world.memory.roleJournal.unsaved(10)).toEqual([])
  expect(await world.memory.roleJournal.acquire('ada', 'anybody')).toMatchObject({ owned: true })
  expect(await world.memory.sessions.get('u1')).toBeUndefined()
  await game.queue.close()
  expect(clock.pendingTimers).toBe(0)
  await world.close()
}

/** Requests may be refused; that they are refused for one of these reasons is part of the property. */
function refused(error: unknown): void {
  expect(error).toMatchObject({
    code: expect.stringMatching(/^(SESSION_ENDED|STORAGE_UNAVAILABLE|SERVER_BUSY)$/),
  })
}
