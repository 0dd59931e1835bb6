import type { Registry } from '../registry/registry.ts'
import { serverSubject } from '../subjects.ts'
import type { Sender } from './frame.ts'

/** What a peer keeps about a server that it talks to. */
export interface Link {
  readonly id: string
  readonly subject: string
  /** Calls sent to it and not yet answered. */
  outstanding: number
}

/** The links to the servers of the registry. Those to strangers are not kept: made-up senders would fill the memory. */
export class Links {
  readonly #env: string
  readonly #registry: Pick<Registry, 'get'>
  readonly #links = new Map<string, Link>()

  constructor(env: string, registry: Pick<Registry, 'get'>) {
    this.#env = env
    this.#registry = registry
  }

  /** @throws HydraError `BAD_REQUEST` when the id cannot be part of a subject. */
  to({ type, id }: Sender): Link {
    const known = this.#links.get(id)
    if (known !== undefined) return known
    const link: Link = { id, subject: serverSubject(this.#env, type, id), outstanding: 0 }
    if (this.#registry.get(id)?.type === type) this.#links.set(id, link)
    return link
  }

  /** Calls under way to a server. */
  outstanding(id: string): number {
    return this.#links.get(id)?.outstanding ?? 0
  }

  /** Forgets a server that has left. */
  forget(id: string): void {
    this.#links.delete(id)
  }
}
