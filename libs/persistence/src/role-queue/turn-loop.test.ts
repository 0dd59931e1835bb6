import { expect, test } from 'vitest'
import { TurnLoop } from './turn-loop.ts'

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

test('what comes up in one turn is done in one step, one step after the other', async () => {
  const todo: number[] = []
  const steps: number[][] = []
  const loop = new TurnLoop({ due: () => todo.length > 0, step: async () => void steps.push(todo.splice(0)) })
  const add = (number: number) => {
    todo.push(number)
    loop.start()
  }
  add(1)
  add(2)
  await loop.idle()
  add(3)
  await loop.idle()
  expect(steps).toEqual([[1, 2], [3]])
  expect(loop.running).toBe(false)
})

test('starting with nothing to do ends, and can be repeated', async () => {
  let done = 0
  const loop = new TurnLoop({ due: () => false, step: async () => {}, done: () => (done += 1) })
  for (let round = 1; round <= 3; round++) {
    loop.start()
    expect(loop.running).toBe(true)
    await loop.idle()
    expect([loop.running, done]).toEqual([false, round])
  }
})

test('work that is due at the last moment is not missed', async () => {
  let due = 1
  let steps = 0
  const loop = new TurnLoop({
    due: () => due > 0,
    step: async () => {
      due -= 1
      steps += 1
    },
    done() {
      if (steps < 3) {
        due = 1
        loop.start()
      }
    },
  })
  loop.start()
  while (loop.running) await loop.idle()
  expect(steps).toBe(3)
})

test('the event loop turns between steps that need no time', async () => {
  let isDue = true
  setImmediate(() => setImmediate(() => (isDue = false)))
  const loop = new TurnLoop({ due: () => isDue, step: async () => {} })
  loop.start()
  await loop.idle()
  await nextTurn()
  expect(isDue).toBe(false)
})
