import { allPushes, badRequest, HydraError, type BodyCodec, type PayloadOf, type Push } from '@hydra/protocol'
import type { IssueLog } from './client-issue.ts'

interface Subscription {
  readonly push: Push
  /** Replaced, never changed: a listener may add and remove others while a push is delivered. */
  listeners: readonly ((payload: unknown) => void)[]
}

const knownPushes = new Set<string>(allPushes.map(({ name }) => name))

/** Who wants which push. Bodies are decoded and checked once, and only where somebody listens. */
export class PushListeners {
  readonly #byName = new Map<string, Subscription>()
  readonly #issues: IssueLog
  readonly #validate: boolean

  constructor(options: { issues: IssueLog; validate: boolean }) {
    this.#issues = options.issues
    this.#validate = options.validate
  }

  /** Listens to a push; the returned function ends it. */
  add<P extends Push>(push: P, listener: (payload: PayloadOf<P>) => void): () => void {
    const subscription = this.#byName.get(push.name) ?? { push, listeners: [] }
    this.#byName.set(push.name, subscription)
    // A wrapper of its own for each call: the same function given twice is two listeners.
    const wrapped = (payload: unknown) => listener(payload as PayloadOf<P>)
    subscription.listeners = [...subscription.listeners, wrapped]
    return () => {
      subscription.listeners = subscription.listeners.filter((each) => each !== wrapped)
    }
  }

  /** Delivers a push that arrived. */
  dispatch(route: string, body: Uint8Array, codec: BodyCodec): void {
    const subscription = this.#byName.get(route)
    if (subscription === undefined || subscription.listeners.length === 0) {
      if (!knownPushes.has(route)) this.#issues.report({ kind: 'unknown-push', route })
      return
    }
    let payload: unknown
    try {
      payload = this.#parse(subscription.push, codec.decode(body))
    } catch (error) {
      this.#issues.report({ kind: 'invalid-push', route, error: HydraError.from(error) })
      return
    }
    for (const listener of subscription.listeners) this.#issues.run(() => listener(payload))
  }

  #parse(push: Push, payload: unknown): unknown {
    if (!this.#validate) return payload
    const parsed = push.payload.safeParse(payload)
    if (!parsed.success) throw badRequest(push.name, parsed.error)
    return parsed.data
  }
}
