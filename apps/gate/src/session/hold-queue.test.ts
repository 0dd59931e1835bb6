import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HoldQueue } from './hold-queue.ts'

describe('HoldQueue', () => {
  it('does work at once while nothing holds it', () => {
    const queue = new HoldQueue()
    const done: number[] = []
    expect(queue.isHolding).toBe(false)
    queue.push(() => done.push(1))
    expect([done, queue.size]).toEqual([[1], 0])
  })

  it('keeps work back until all holds are released, each once', () => {
    const queue = new HoldQueue()
    const done: number[] = []
    const [a, b] = [queue.hold(), queue.hold()]
    queue.push(() => done.push(1))
    queue.push(() => done.push(2))
    a()
    a()
    expect([done, queue.size, queue.isHolding]).toEqual([[], 2, true])
    b()
    expect([done, queue.size, queue.isHolding]).toEqual([[1, 2], 0, false])
  })

  it('stops again when work that it lets go on holds it', () => {
    const queue = new HoldQueue()
    const done: string[] = []
    const release = queue.hold()
    let again = () => {}
    queue.push(() => {
      done.push('login')
      again = queue.hold()
    })
    queue.push(() => done.push('after'))
    release()
    expect(done).toEqual(['login'])
    again()
    expect(done).toEqual(['login', 'after'])
  })

  it('keeps order when work is pushed from inside of work', () => {
    const queue = new HoldQueue()
    const done: string[] = []
    const release = queue.hold()
    queue.push(() => {
      queue.push(() => done.push('third'))
      done.push('first')
    })
    queue.push(() => done.push('second'))
    release()
    expect(done).toEqual(['first', 'second', 'third'])
  })

  it('goes on after work that throws', () => {
    const queue = new HoldQueue()
    const done: number[] = []
    const release = queue.hold()
    queue.push(() => {
      throw new Error('defect')
    })
    queue.push(() => done.push(2))
    expect(release).toThrow('defect')
    queue.push(() => done.push(3))
    expect(done).toEqual([2, 3])
  })

  it('does everything once and in order, however holds come and go', () => {
    const step = fc.constantFrom('push', 'push and hold', 'hold', 'release')
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new HoldQueue()
        const done: number[] = []
        const holds: (() => void)[] = []
        let pushed = 0
        for (const one of steps) {
          if (one === 'hold') holds.push(queue.hold())
          else if (one === 'release') holds.shift()?.()
          else {
            const item = pushed++
            queue.push(() => {
              done.push(item)
              if (one === 'push and hold') holds.push(queue.hold())
            })
          }
        }
        while (holds.length > 0) holds.shift()?.()
        expect(done).toEqual(Array.from({ length: pushed }, (_, i) => i))
        expect(queue.isHolding).toBe(false)
      }),
    )
  })
})
