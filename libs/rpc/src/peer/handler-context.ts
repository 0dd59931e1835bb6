import { badRequest, HydraError, limits, sessionDataChange, type SessionDataChange } from '@hydra/protocol'
import type { Clock } from '@hydra/runtime'
import type { ClientCallContext } from '../peer.ts'
import type { SessionIdentity, SessionUpdate } from '../session-identity.ts'
import { formatTraceparent } from './traceparent.ts'

/** What a context is made of. */
export interface HandlerContextOptions {
  readonly from: string
  readonly route: string
  readonly trace: Uint8Array
  /** By the monotonic clock. */
  readonly deadlineMs: number
  readonly clock: Clock
  /** The client's; a handler of an internal route has none, and its type does not let it ask. */
  readonly session: SessionIdentity | undefined
}

/** What a handler sees of its call. One is made for each call, so it computes nothing before it is asked. */
export class HandlerContext implements ClientCallContext {
  /** What the handler has noted on the session. */
  update: SessionUpdate | undefined
  readonly #options: HandlerContextOptions

  constructor(options: HandlerContextOptions) {
    this.#options = options
  }

  get from(): string {
    return this.#options.from
  }

  get route(): string {
    return this.#options.route
  }

  get traceparent(): string {
    return formatTraceparent(this.#options.trace)
  }

  get session(): SessionIdentity {
    // Present for every route whose context type has it, see `authorize`.
    return this.#options.session as SessionIdentity
  }

  // Functions and not methods, so that handlers may take them out of the context.
  get remainingMs(): () => number {
    return () => Math.max(0, this.#options.deadlineMs - this.#options.clock.monotonicMs())
  }

  get updateSession(): (change: SessionUpdate) => void {
    return (change) => {
      const data = change.data && { ...this.update?.data, ...checked(change.data) }
      this.update = { ...this.update, ...change, ...(data === undefined ? {} : { data }) }
    }
  }
}

/** @throws HydraError `INTERNAL`: the mistake is the handler's, not the client's. */
function checked(change: SessionDataChange): SessionDataChange {
  const parsed = sessionDataChange.safeParse(change)
  if (!parsed.success) {
    const cause = badRequest('updateSession', parsed.error)
    throw new HydraError('INTERNAL', `Session data of another form: ${cause.message}`, { cause })
  }
  if (JSON.stringify(change).length > limits.sessionDataMaxChars) {
    throw new HydraError(
      'INTERNAL',
      `Session data are more than ${limits.sessionDataMaxChars} characters of JSON.`,
    )
  }
  return parsed.data
}
