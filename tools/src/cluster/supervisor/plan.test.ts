import { describe, expect, test } from 'vitest'
import { opsPortOf, planCluster } from './plan.ts'

const none = { gate: 0, http: 0, game: 0, chat: 0 }
const game = (name: string, stage: string) => ({ name, stage, service: 'game' }) as const

describe('what up has to do', () => {
  test('everything at first', () => {
    const { start, drain } = planCluster({ gate: 2, http: 1, game: 1, chat: 0 }, [])
    expect(start.map(({ name }) => name)).toEqual(['gate-1', 'gate-2', 'http-1', 'game-1'])
    expect(drain).toEqual([])
  })

  test('nothing when all runs, also what is being replaced', () => {
    const known = [game('game-1', 'ready'), game('game-1', 'draining')]
    expect(planCluster({ ...none, game: 1 }, known)).toEqual({ start: [], drain: [] })
  })

  test('what has ended is started again under its name', () => {
    const known = [game('game-1', 'exited'), game('game-2', 'ready')]
    expect(planCluster({ ...none, game: 2 }, known)).toEqual({
      start: [{ name: 'game-1', service: 'game' }],
      drain: [],
    })
  })

  test('the surplus with the highest numbers is drained, and what has ended is not', () => {
    const known = ['game-1', 'game-2', 'game-10'].map((name) => game(name, 'ready'))
    expect(planCluster({ ...none, game: 1 }, [...known, game('game-3', 'exited')])).toEqual({
      start: [],
      drain: ['game-2', 'game-10'],
    })
  })
})

test('operations ports: the first of each at its own, the others after all of those', () => {
  const configured = { gate: 9_101, game: 9_102, chat: 9_103, http: 9_104 }
  expect(opsPortOf('gate-1', 'gate', configured)).toEqual({ own: 9_101, next: 9_105 })
  expect(opsPortOf('http-1', 'http', configured)).toEqual({ own: 9_104, next: 9_105 })
  expect(opsPortOf('gate-2', 'gate', configured)).toEqual({ next: 9_105 })
})
