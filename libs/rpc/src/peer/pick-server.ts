import { HydraError, type Service } from '@hydra/protocol'
import type { Target } from '../peer.ts'
import type { Registry, ServerRecord } from '../registry/registry.ts'
import { hashText, rendezvous } from './rendezvous.ts'

interface Candidates {
  /** The registry's own list, which it replaces when anything changes: comparing it is all that reading costs. */
  readonly servers: readonly ServerRecord[]
  readonly ready: readonly { readonly id: string; readonly hash: number }[]
}

/** Chooses the server that a call goes to. */
export class ServerPicker {
  readonly #registry: Registry
  readonly #byType = new Map<Service, Candidates>()
  #turn: number

  constructor(registry: Registry, selfId: string) {
    this.#registry = registry
    // Callers start at different servers, or the first of them would get the first call of everybody.
    this.#turn = hashText(selfId)
  }

  /**
   * Resolves a target to a server that is there.
   *
   * @throws HydraError `SERVER_GONE` for a named server that is not in the registry, `NO_SERVER` when a type has no
   * server that takes new work.
   */
  pick(target: Target): { readonly id: string; readonly type: Service } {
    if ('server' in target) {
      const server = this.#registry.get(target.server)
      if (server === undefined) throw serverGone(target.server)
      return server
    }
    const { type } = target
    const ready = this.#ready(type)
    const chosen = 'key' in target ? rendezvous(target.key, ready) : ready[this.#nextTurn() % ready.length]
    if (chosen === undefined) {
      throw new HydraError('NO_SERVER', `No ${type} server is available.`, { metadata: { type } })
    }
    return { id: chosen.id, type }
  }

  /** Servers of a type that are not draining. The caller itself is one of them. */
  #ready(type: Service): Candidates['ready'] {
    const servers = this.#registry.list(type)
    const known = this.#byType.get(type)
    if (known?.servers === servers) return known.ready
    const ready = servers
      .filter(({ state }) => state === 'ready')
      .map(({ id }) => ({ id, hash: hashText(id) }))
    this.#byType.set(type, { servers, ready })
    return ready
  }

  #nextTurn(): number {
    this.#turn = (this.#turn + 1) >>> 0
    return this.#turn
  }
}

/** What calls to a server fail with once the registry no longer has it. */
export const serverGone = (server: string): HydraError =>
  new HydraError('SERVER_GONE', `The server ${server} has left the cluster.`, { metadata: { server } })
