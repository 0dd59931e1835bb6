import { HydraError } from '@hydra/protocol'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PendingRequests } from './pending-requests.ts'
import { ManualClock } from './test-support/manual-clock.ts'

const maxPending = 5
const answer = { error: false, body: new Uint8Array(0) }
const gone = new HydraError('CONNECTION_CLOSED', 'gone')

/** The same thing kept in the plainest way: what each request must end with, decided step by step. */
class Model {
  readonly clock = new ManualClock()
  readonly pending = new PendingRequests({ maxPending, clock: this.clock })
  readonly outcomes: Promise<string>[] = []
  readonly expected: string[] = []
  readonly #open = new Map<number, { readonly index: number; readonly dueMs: number }>()

  open(timeoutMs: number): void {
    if (this.#open.size === maxPending) return this.overflow(timeoutMs)
    const request = this.pending.open('r', timeoutMs)
    expect(this.#open.has(request.id)).toBe(false)
    const index = this.outcomes.push(request.answer.then(() => 'answered', codeOf)) - 1
    this.#open.set(request.id, { index, dueMs: this.clock.monotonicMs() + timeoutMs })
  }

  overflow(timeoutMs: number): void {
    expect(() => this.pending.open('r', timeoutMs)).toThrow(expect.objectContaining({ code: 'SERVER_BUSY' }))
  }

  /** One of the open ids, or one that nobody knows. */
  settle(pick: number): void {
    const id = [...this.#open.keys(), 12_345_678][pick % (this.#open.size + 1)] ?? 0
    expect(this.pending.settle(id, answer)).toBe(this.#open.has(id))
    this.#ends(id, 'answered')
  }

  wait(ms: number): void {
    this.clock.advance(ms)
    for (const [id, { dueMs }] of this.#open) if (dueMs <= this.clock.monotonicMs()) this.#ends(id, 'TIMEOUT')
  }

  failAll(): void {
    this.pending.failAll(gone)
    for (const id of this.#open.keys()) this.#ends(id, 'CONNECTION_CLOSED')
  }

  check(): void {
    expect(this.pending.size).toBe(this.#open.size)
    expect(this.clock.timers).toBe(this.#open.size)
  }

  #ends(id: number, outcome: string): void {
    const request = this.#open.get(id)
    if (request !== undefined) this.expected[request.index] = outcome
    this.#open.delete(id)
  }
}

const step: fc.Arbitrary<(model: Model) => void> = fc.oneof(
  fc.integer({ min: 1, max: 50 }).map((timeoutMs) => (model: Model) => model.open(timeoutMs)),
  fc.nat().map((pick) => (model: Model) => model.settle(pick)),
  fc.nat(30).map((ms) => (model: Model) => model.wait(ms)),
  fc.constant((model: Model) => model.failAll()),
)

describe('PendingRequests', () => {
  test('every request ends exactly once, at its deadline at the latest, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const model = new Model()
        for (const run of steps) {
          run(model)
          model.check()
        }
        model.failAll()
        model.check()
        expect(await Promise.all(model.outcomes)).toEqual(model.expected)
      }),
    )
  })

  test('ids start at 1 and grow', () => {
    const pending = new PendingRequests({ maxPending: 3, clock: new ManualClock() })
    expect(Array.from({ length: 3 }, () => pending.open('r', 1).id)).toEqual([1, 2, 3])
  })
})

function codeOf(error: unknown): string {
  return error instanceof HydraError ? error.code : String(error)
}
