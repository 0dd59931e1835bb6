import { serviceOf, type HydraError, type Route } from '@hydra/protocol'
import type { Registry, RpcPeer, Target } from '@hydra/rpc'
import type { Binding, Session } from '../session/session.ts'

/** What choosing needs. */
export interface ServerChooserOptions {
  readonly peer: Pick<RpcPeer, 'pick'>
  readonly registry: Pick<Registry, 'get' | 'list'>
}

/** Where a request goes, and what to count it on. */
export interface Choice {
  readonly to: Target
  readonly binding: Binding | undefined
}

/** Finds the server that must answer a request: game is sticky for each session, chat goes by account. */
export class ServerChooser {
  readonly #options: ServerChooserOptions

  constructor(options: ServerChooserOptions) {
    this.#options = options
  }

  /** @throws HydraError `NO_SERVER`. */
  choose(session: Session, route: Route): Choice {
    const type = serviceOf(route.name)
    if (type !== 'game') return { to: { type, key: keyOf(session) }, binding: undefined }
    const binding = this.#gameOf(session)
    return { to: { server: binding.server }, binding }
  }

  /**
   * Follows the answer of a game server that says that another must handle this session: the one that owns the role,
   * or, when `from` takes no new work, the next. Answers whether there is another.
   */
  follow(session: Session, from: Binding, error: HydraError): boolean {
    const { registry } = this.#options
    let server: string | undefined
    if (error.code === 'ROLE_ELSEWHERE') {
      const owner = error.metadata?.['server']
      if (typeof owner === 'string' && registry.get(owner)?.type === 'game') server = owner
    } else if (error.code === 'SHUTTING_DOWN') {
      // A request before this one may have found the way already.
      server = session.game === from ? this.#next(session, from.server) : session.game?.server
    }
    if (server === undefined || server === from.server) return false
    this.#bind(session, server)
    return true
  }

  /** The registry's view may not show yet that the present one is draining, so it is passed over by name. */
  #next(session: Session, present: string): string | undefined {
    try {
      const picked = this.#options.peer.pick({ type: 'game', key: keyOf(session) })
      if (picked !== present) return picked
    } catch {
      // There is none: the client gets the error that it was about.
      return undefined
    }
    return this.#options.registry.list('game').find(({ id, state }) => id !== present && state === 'ready')
      ?.id
  }

  #gameOf(session: Session): Binding {
    const bound = session.game
    if (bound !== undefined) {
      const record = this.#options.registry.get(bound.server)
      // A draining server still saves the role that it has; a session without one has nothing to stay for.
      const hasRole = session.rid !== undefined || session.enteringRid !== undefined
      if (record?.state === 'ready' || (record !== undefined && hasRole)) return bound
    }
    return this.#bind(session, this.#options.peer.pick({ type: 'game', key: keyOf(session) }))
  }

  /**
   * Binds the session to a server. Messages that come from now on wait until the former one has answered what it was
   * sent: its answers may still send earlier requests this way, and order must not change.
   */
  #bind(session: Session, server: string): Binding {
    const former = session.game
    if (former?.server === server) return former
    if (former !== undefined && former.inFlight > 0) {
      former.onIdle = session.queue.hold()
    }
    const binding: Binding = { server, inFlight: 0, onIdle: undefined }
    session.game = binding
    return binding
  }
}

const keyOf = (session: Session): string => session.user?.uid ?? session.sessionId
