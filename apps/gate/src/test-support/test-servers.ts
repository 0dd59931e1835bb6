import {
  allRoutes,
  HydraError,
  serviceOf,
  type DisconnectReason,
  type RoleView,
  type Service,
} from '@hydra/protocol'
import {
  createRpcPeer,
  type Announcement,
  type ClientCallContext,
  type ClusterDrivers,
  type RpcPeer,
  type ServiceHandlers,
  type SessionIdentity,
} from '@hydra/rpc'
import { createCountingIds, createMetrics, silentLogger, systemClock } from '@hydra/runtime'

/** A request as it arrived at a server. */
export interface Call {
  readonly route: string
  readonly session: SessionIdentity | undefined
  readonly body: unknown
}

/** What a gate told a game server when a session ended. */
export interface Leave {
  readonly rid: string
  readonly uid: string
  readonly sessionId: string
  readonly sessionEpoch: number
  readonly reason: DisconnectReason
  readonly grace: boolean
}

/** A server of the test cluster: a real peer in the real registry, with handlers that do no more than the test needs. */
export interface TestServer<S extends Service> {
  readonly id: string
  readonly service: S
  readonly peer: RpcPeer
  readonly calls: readonly Call[]
  readonly announcement: Announcement
  /** Resolves when so many calls have arrived. */
  readonly called: (count: number) => Promise<void>
  /** Answers a route in another way from now on. */
  readonly replace: <R extends keyof ServiceHandlers<S>>(route: R, handler: ServiceHandlers<S>[R]) => void
  /** Gone from the registry and from the bus, as after a crash that etcd has noticed. */
  readonly die: () => Promise<void>
}

/** Where servers meet. */
export interface Meeting {
  readonly drivers: ClusterDrivers
  readonly env: string
}

/** Starts a server, announces it and notes each call. */
export async function startServer<S extends 'game' | 'chat'>(
  { drivers, env }: Meeting,
  service: S,
  id: string,
  handlers: (peer: RpcPeer) => ServiceHandlers<S>,
): Promise<TestServer<S>> {
  const { bus, registry } = drivers
  const calls: Call[] = []
  const waiting: (() => void)[] = []
  const peer = await createRpcPeer({
    self: { id, type: service },
    env,
    bus,
    registry,
    // The machine's, also where the gate's stands still: closing must not wait for a test to move it.
    clock: systemClock,
    ids: createCountingIds(id),
    log: silentLogger,
    metrics: createMetrics({ service }),
  })
  const current: { -readonly [R in keyof ServiceHandlers<S>]: ServiceHandlers<S>[R] } = { ...handlers(peer) }
  const recorded = Object.fromEntries(
    Object.keys(current).map((route) => [
      route,
      (context: Partial<ClientCallContext>, body: never) => {
        calls.push({ route, session: context.session, body })
        for (const wake of waiting.splice(0)) wake()
        const handle = current[route as keyof ServiceHandlers<S>] as (
          context: unknown,
          body: never,
        ) => unknown
        return handle(context, body)
      },
    ]),
  )
  // The same handlers under the same names; only their calls are noted on the way.
  await peer.serve(service, recorded as unknown as ServiceHandlers<S>)
  const announcement = await registry.announce({
    id,
    type: service,
    zone: 'test',
    host: 'localhost',
    state: 'ready',
    metadata: {},
    startedAtMs: systemClock.nowMs(),
    protocol: 1,
  })
  return {
    id,
    service,
    peer,
    calls,
    announcement,
    async called(count) {
      while (calls.length < count) {
        await new Promise<void>((resolve) => void waiting.push(resolve))
      }
    },
    replace(route, handler) {
      current[route] = handler
    },
    async die() {
      await announcement.withdraw()
      await peer.close(1)
    },
  }
}

/** A role as these servers answer it. */
export const roleView = (rid: string): RoleView => ({
  rid,
  name: `Role ${rid}`,
  level: 1,
  exp: 0,
  createdAtMs: 1,
  lastEnterAtMs: 1,
  version: 1,
})

/** A table that refuses every route of a service. */
function refuseAll<S extends Service>(service: S): ServiceHandlers<S> {
  const refuse = () => {
    throw new HydraError('INTERNAL', 'No test of the gate calls this.')
  }
  const names = allRoutes.map(({ name }) => name).filter((name) => serviceOf(name) === service)
  // The compiler cannot know that these are the names of this service.
  return Object.fromEntries(names.map((name) => [name, refuse])) as unknown as ServiceHandlers<S>
}

/** A game server that lets everybody in; tests replace single handlers. */
export const gameHandlers = (change: Partial<ServiceHandlers<'game'>> = {}): ServiceHandlers<'game'> => ({
  ...refuseAll('game'),
  'game.role.list': () => ({ roles: [] }),
  'game.role.create': () => {
    throw new HydraError('NAME_TAKEN', 'There is a role of this name.', { metadata: { name: 'Ada' } })
  },
  'game.role.enter': ({ updateSession }, { rid }) => {
    updateSession({ rid })
    return { role: roleView(rid) }
  },
  'game.role.rename': ({ session }, { name }) => ({ role: { ...roleView(session.rid), name } }),
  'game.role.get': ({ session }) => ({ role: roleView(session.rid) }),
  'game.role.ping': (_context, { clientTimeMs }) => ({
    serverTimeMs: 1,
    ...(clientTimeMs === undefined ? {} : { clientTimeMs }),
  }),
  'game.role.leave': (_context, { grace }) => ({ state: grace ? 'grace' : 'saved' }),
  'game.settings.get': () => ({ settings: {}, version: 1 }),
  'game.settings.set': () => ({ settings: {}, version: 2 }),
  ...change,
})

/** A chat server that keeps nothing; tests replace single handlers. */
export const chatHandlers = (change: Partial<ServiceHandlers<'chat'>> = {}): ServiceHandlers<'chat'> => ({
  ...refuseAll('chat'),
  'chat.channel.send': () => ({ seq: 1, sentAtMs: 1 }),
  'chat.channel.history': () => ({ messages: [], hasMore: false, lastSeq: 0 }),
  'chat.channel.join': (_context, { channel }) => ({ channel, lastSeq: 0 }),
  ...change,
})
