import { HydraError, type Service } from '@hydra/protocol'
import type { Target } from '../peer.ts'
import type { Registry, ServerRecord } from '../registry/registry.ts'
import { hashText, rendezvous } from './rendezvous.ts'

/** A target that leaves the choice of the server open. */
export type RoutedTarget = Exclude<Target, { readonly server: string }>

/**
 * A rule of one's own for the servers of a type: it is given those that take new work, ordered by id, and chooses one
 * of them; `undefined` when none will do. Targets that name a server are not asked about.
 *
 * @example
 * const nearby: Router = (servers) => servers.find((server) => server.zone === zone) ?? servers[0]
 */
export type Router = (servers: readonly ServerRecord[], target: RoutedTarget) => ServerRecord | undefined

/** Routers by type of server; types without one go by their targets. */
export type Routers = Readonly<Partial<Record<Service, Router>>>

/** What choosing servers needs. */
export interface ServerPickerOptions {
  readonly registry: Pick<Registry, 'get' | 'list'>
  readonly selfId: string
  readonly routers?: Routers | undefined
  /** Calls of this peer to a server that are not answered yet. */
  readonly outstanding: (id: string) => number
}

interface Candidate {
  readonly id: string
  readonly hash: number
}

interface Candidates {
  /** The registry's own list, which it replaces when anything changes: comparing it is all that reading costs. */
  readonly servers: readonly ServerRecord[]
  readonly ready: readonly Candidate[]
  readonly records: readonly ServerRecord[]
}

/** Chooses the server that a call goes to. Servers that are draining get nothing new, unless they are named. */
export class ServerPicker {
  readonly #options: ServerPickerOptions
  readonly #byType = new Map<Service, Candidates>()
  #turn: number

  constructor(options: ServerPickerOptions) {
    this.#options = options
    // Callers start at different servers, or the first of them would get the first call of everybody.
    this.#turn = hashText(options.selfId)
  }

  /**
   * Resolves a target to a server that is there.
   *
   * @throws HydraError `SERVER_GONE` for a named server that is not in the registry, `NO_SERVER` when a type has no
   * server that takes new work, `INTERNAL` when a router answers something else than it was offered.
   */
  pick(target: Target): { readonly id: string; readonly type: Service } {
    if ('server' in target) {
      const server = this.#options.registry.get(target.server)
      if (server === undefined) throw serverGone(target.server)
      return server
    }
    const { type } = target
    const chosen = this.#choose(target)
    if (chosen === undefined) {
      throw new HydraError('NO_SERVER', `No ${type} server is available.`, { metadata: { type } })
    }
    return { id: chosen.id, type }
  }

  #choose(target: RoutedTarget): { readonly id: string } | undefined {
    const { ready, records } = this.#candidates(target.type)
    const router = this.#options.routers?.[target.type]
    if (router !== undefined) return routed(router, records, target)
    if ('key' in target) return rendezvous(target.key, ready)
    return 'by' in target ? this.#leastLoaded(ready) : ready[this.#nextTurn() % ready.length]
  }

  /** All are looked at: clusters have tens of servers of a type, and the idlest is worth that to whoever asks for it. */
  #leastLoaded(ready: readonly Candidate[]): Candidate | undefined {
    // Of those that are equally idle each gets its turn.
    const start = this.#nextTurn()
    let best: Candidate | undefined
    let bestLoad = Number.POSITIVE_INFINITY
    for (let index = 0; index < ready.length; index++) {
      const candidate = ready[(start + index) % ready.length]
      const load = candidate === undefined ? bestLoad : this.#options.outstanding(candidate.id)
      if (load < bestLoad) {
        best = candidate
        bestLoad = load
      }
    }
    return best
  }

  /** Servers of a type that are not draining. The caller itself is one of them. */
  #candidates(type: Service): Candidates {
    const servers = this.#options.registry.list(type)
    const known = this.#byType.get(type)
    if (known?.servers === servers) return known
    const records = servers.filter(({ state }) => state === 'ready')
    const ready = records.map(({ id }) => ({ id, hash: hashText(id) }))
    const candidates = { servers, ready, records }
    this.#byType.set(type, candidates)
    return candidates
  }

  #nextTurn(): number {
    this.#turn = (this.#turn + 1) >>> 0
    return this.#turn
  }
}

function routed(
  router: Router,
  records: readonly ServerRecord[],
  target: RoutedTarget,
): ServerRecord | undefined {
  const chosen = router(records, target)
  if (chosen === undefined || records.includes(chosen)) return chosen
  throw new HydraError(
    'INTERNAL',
    `The router of ${target.type} answered a server that takes no new work; it must choose from the list it is given.`,
    { metadata: { server: chosen.id } },
  )
}

/** What calls to a server fail with once the registry no longer has it. */
export const serverGone = (server: string): HydraError =>
  new HydraError('SERVER_GONE', `The server ${server} has left the cluster.`, { metadata: { server } })
