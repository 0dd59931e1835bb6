import type { LabelledValue } from '@hydra/runtime'
import { addressGroup } from '../socket/remote-address.ts'
import type { Session } from './session.ts'

/** How many connections a gate holds. */
export interface ConnectionLimits {
  readonly maxConnections: number
  /** Per IPv4 address, or /64 of IPv6. */
  readonly maxConnectionsPerIp: number
}

/** Every session of this gate, by id; connections that have not logged in are sessions too. */
export class Sessions {
  readonly #limits: ConnectionLimits
  readonly #byId = new Map<string, Session>()
  readonly #countByGroup = new Map<string, number>()
  readonly #emptyWaiters: (() => void)[] = []

  constructor(limits: ConnectionLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#byId.size
  }

  /** How many there are of each transport and serializer. */
  counts(): readonly LabelledValue[] {
    const counts = new Map<string, { labels: Record<string, string>; value: number }>()
    for (const { connection, serializer, phase } of this) {
      const labels = {
        transport: connection.transport,
        serializer: phase === 'awaiting-handshake' ? 'none' : serializer,
      }
      const key = `${labels.transport}/${labels.serializer}`
      const count = counts.get(key) ?? { labels, value: 0 }
      count.value++
      counts.set(key, count)
    }
    return [...counts.values()]
  }

  /** What clients have not taken yet. */
  backpressure(): { readonly connections: number; readonly bytes: number } {
    let [connections, bytes] = [0, 0]
    for (const { connection } of this) {
      const { bufferedBytes } = connection
      if (bufferedBytes > 0) connections++
      bytes += bufferedBytes
    }
    return { connections, bytes }
  }

  /** Resolves when there is none any more. */
  async whenEmpty(): Promise<void> {
    if (this.size > 0) await new Promise<void>((resolve) => void this.#emptyWaiters.push(resolve))
  }

  get(sessionId: string): Session | undefined {
    return this.#byId.get(sessionId)
  }

  /** Whether one more connection from this address fits the limits. */
  hasRoomFor(remoteAddress: string): boolean {
    const { maxConnections, maxConnectionsPerIp } = this.#limits
    return (
      this.size < maxConnections &&
      (this.#countByGroup.get(addressGroup(remoteAddress)) ?? 0) < maxConnectionsPerIp
    )
  }

  add(session: Session): void {
    this.#byId.set(session.sessionId, session)
    const group = addressGroup(session.connection.remoteAddress)
    this.#countByGroup.set(group, (this.#countByGroup.get(group) ?? 0) + 1)
  }

  remove(session: Session): void {
    if (!this.#byId.delete(session.sessionId)) return
    const group = addressGroup(session.connection.remoteAddress)
    const left = (this.#countByGroup.get(group) ?? 1) - 1
    if (left === 0) this.#countByGroup.delete(group)
    else this.#countByGroup.set(group, left)
    if (this.size === 0) for (const wake of this.#emptyWaiters.splice(0)) wake()
  }

  /** Logs a session out; it goes on under another id. */
  renew(session: Session, sessionId: string): void {
    const known = this.#byId.delete(session.sessionId)
    session.logOut(sessionId)
    if (known) this.#byId.set(sessionId, session)
  }

  [Symbol.iterator](): IterableIterator<Session> {
    return this.#byId.values()
  }
}
