import type { PayloadOf, Push } from '@hydra/protocol'
import type { ActorSession } from '../actor/role-session.ts'
import type { ViewerIdentity, ViewerLinks, ViewerTallies } from '../scene/host/viewer-links.ts'
import { deferred } from './faults.ts'

/** A call to a gate that a test answers when it likes. */
export interface TestJoin {
  readonly session: ActorSession
  readonly topics: readonly string[]
  readonly insteadOf: readonly string[]
  answer(found?: boolean): Promise<void>
  fail(): Promise<void>
}

/** Links that keep what is sent, and calls until the test answers them. */
export class TestLinks implements ViewerLinks {
  readonly joins: TestJoin[] = []
  readonly sent: { readonly topic: string; readonly push: string; readonly payload: unknown }[] = []
  readonly failures: { readonly viewer: ViewerIdentity; readonly isGivenUp: boolean }[] = []
  readonly counts = { delta: 0, beat: 0, view: 0 }
  readonly joinTopics: ViewerLinks['joinTopics'] = (session, topics, insteadOf) => {
    const { promise, resolve } = deferred<Promise<{ readonly found: boolean }>>()
    const settle = async (outcome: Promise<{ readonly found: boolean }>) => {
      resolve(outcome)
      // What waits for the outcome has run when the test goes on.
      await new Promise((done) => setImmediate(done))
    }
    this.joins.push({
      session,
      topics,
      insteadOf,
      answer: (found = true) => settle(Promise.resolve({ found })),
      fail: () => settle(Promise.reject(new Error('The test has the gate fail.'))),
    })
    return promise.then((outcome) => outcome)
  }

  publish<P extends Push>(topic: string, push: P, payload: PayloadOf<P>): void {
    this.sent.push({ topic, push: push.name, payload })
  }

  /** Notes what viewers tell of. */
  readonly tallies: ViewerTallies = {
    sent: (kind, count) => void (this.counts[kind] += count),
    joinFailed: (viewer, _error, isGivenUp) => void this.failures.push({ viewer, isGivenUp }),
  }

  /** What was sent of a kind since it was last asked for, in order. */
  take<P extends Push>(push: P): PayloadOf<P>[] {
    const taken = this.sent.filter((each) => each.push === push.name)
    this.sent.splice(0, this.sent.length, ...this.sent.filter((each) => each.push !== push.name))
    return taken.map(({ payload }) => push.payload.parse(payload) as PayloadOf<P>)
  }
}
