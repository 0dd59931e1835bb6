import type { SessionStore } from '@hydra/persistence'
import { bodyCodec, HydraError, routes, type RequestOf, type ResponseOf, type Route } from '@hydra/protocol'
import type { ClusterDrivers, ForwardedReply, RpcPeer, SessionIdentity } from '@hydra/rpc'
import type { SessionTopics } from './session-topics.ts'

/** A player's session as a gate holds it: what the gate writes into each envelope. */
export type TestSession = SessionIdentity & { readonly uid: string; readonly epoch: number; rid?: string }

/** The gate's part of a cluster, on a real peer: sessions, forwarded requests, and the end of sessions. */
export class TestGate {
  readonly peer: RpcPeer
  readonly cluster: ClusterDrivers & { close(): Promise<void> }
  /** What its sessions receive. */
  readonly topics: SessionTopics
  readonly #sessions: SessionStore

  constructor(options: {
    readonly peer: RpcPeer
    readonly cluster: ClusterDrivers & { close(): Promise<void> }
    readonly sessions: SessionStore
    readonly topics: SessionTopics
  }) {
    this.topics = options.topics
    this.peer = options.peer
    this.cluster = options.cluster
    this.#sessions = options.sessions
  }

  /** Logs an account in; its former session is fenced off. */
  async login(uid: string): Promise<TestSession> {
    const gateId = this.peer.id
    const sessionId = `s${(count += 1)}`
    const { epoch } = await this.#sessions.bind({ uid, gateId, sessionId })
    const serializer = count % 2 === 0 ? 'json' : 'msgpack'
    this.topics.open(sessionId, serializer)
    return { uid, gateId, sessionId, epoch, serializer }
  }

  /** Forwards a request and notes what the answer has the gate note. @throws HydraError the error it answers. */
  async request<R extends Route>(
    session: TestSession,
    route: R,
    body: RequestOf<R>,
    server: string,
  ): Promise<ResponseOf<R>> {
    const codec = bodyCodec(session.serializer)
    const forwarded = { route: route.name, session: { ...session }, body: codec.encode(body) }
    const reply = await new Promise<ForwardedReply>((resolve, reject) => {
      this.peer.forward(forwarded, { to: { server } }, { onReply: resolve, onFailure: reject })
    })
    const answer = codec.decode(reply.body)
    if (reply.error) throw HydraError.fromBody(answer)
    if (typeof reply.update?.rid === 'string') session.rid = reply.update.rid
    return route.response.parse(answer) as ResponseOf<R>
  }

  /** Tells a game server that a session ended. */
  async leave(
    { uid, sessionId, epoch, rid }: TestSession,
    grace: boolean,
    server: string,
  ): Promise<ResponseOf<typeof routes.game.role.leave>['state']> {
    if (rid === undefined) throw new Error('This session has not entered a role.')
    const body = { rid, uid, sessionId, sessionEpoch: epoch, reason: 'CLIENT_CLOSED', grace } as const
    const { state } = await this.peer.call(routes.game.role.leave, body, { to: { server } })
    return state
  }
}

let count = 0
