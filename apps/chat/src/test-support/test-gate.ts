import {
  bodyCodec,
  chatMessage,
  HydraError,
  routes,
  type ChatMessage,
  type PayloadOf,
  type Push,
  type RequestOf,
  type ResponseOf,
  type Route,
  type Serializer,
} from '@hydra/protocol'
import type {
  ForwardedReply,
  RoleSession,
  RpcPeer,
  ServiceHandlers,
  TopicMembers,
  TopicMessage,
} from '@hydra/rpc'

/** A push as a session received it. */
export interface ReceivedPush {
  readonly push: string
  readonly payload: unknown
}

/** A gate's part in chat, on a real peer and real topics: sessions, what they joined, and what they received. */
export class TestGate {
  readonly peer: RpcPeer
  /** What each session received, in order. */
  readonly received = new Map<string, ChatMessage[]>()
  /** All that each session received, messages included. */
  readonly pushes = new Map<string, ReceivedPush[]>()
  /** Pages of sessions that this gate was asked for. */
  asked = 0
  /** Whether it fails to answer which sessions are present. */
  isBroken = false
  /** How each session is written to. */
  readonly #serializers = new Map<string, Serializer>()
  /** What each session plays. */
  readonly #roles = new Map<string, string>()
  readonly #members: TopicMembers
  readonly #joined = new Map<string, Set<string>>()
  #waiters: { readonly done: () => boolean; readonly resolve: () => void }[] = []

  constructor(options: {
    readonly peer: RpcPeer
    readonly topics: (deliver: (topic: string, message: TopicMessage) => void) => TopicMembers
  }) {
    this.peer = options.peer
    this.#members = options.topics((topic, message) => this.#deliver(topic, message))
  }

  /** A connection that has logged in and entered a role. */
  open(uid: string, rid: string, epoch: number): RoleSession {
    const sessionId = `s${(count += 1)}`
    this.received.set(sessionId, [])
    this.pushes.set(sessionId, [])
    this.#roles.set(sessionId, rid)
    const serializer = count % 2 === 0 ? 'json' : 'msgpack'
    this.#serializers.set(sessionId, serializer)
    return { uid, rid, epoch, sessionId, gateId: this.peer.id, serializer }
  }

  /** The session plays another role from now on. */
  play(session: RoleSession, rid: string): RoleSession {
    this.#roles.set(session.sessionId, rid)
    return { ...session, rid }
  }

  /** What a session receives from now on, by its topics. */
  topicsOf({ sessionId }: RoleSession): readonly string[] {
    return [...(this.#joined.get(sessionId) ?? [])].sort()
  }

  /** The session receives nothing, as if nobody had ever joined it to its topics. */
  forget({ sessionId }: RoleSession): void {
    this.#members.leaveAll(sessionId)
    this.#joined.delete(sessionId)
  }

  /** The connection is gone. */
  close({ sessionId }: RoleSession): void {
    this.#members.leaveAll(sessionId)
    this.received.delete(sessionId)
    this.pushes.delete(sessionId)
    this.#roles.delete(sessionId)
    this.#serializers.delete(sessionId)
    this.#joined.delete(sessionId)
  }

  /** Tells chat, as game does, that the session has entered its role. */
  async enter(session: RoleSession, name: string, level = 1): Promise<readonly string[]> {
    const { rid, uid, gateId, sessionId, epoch: sessionEpoch } = session
    const body = { rid, uid, name, level, gateId, sessionId, sessionEpoch }
    return (await this.peer.call(routes.chat.presence.enter, body, { to: toChat(session) })).channels
  }

  /** Tells chat, as game does, that the session has left its role. */
  async leave(session: RoleSession): Promise<void> {
    const { rid, sessionId, epoch: sessionEpoch } = session
    await this.peer.call(
      routes.chat.presence.leave,
      { rid, sessionId, sessionEpoch },
      { to: toChat(session) },
    )
  }

  /** Forwards a request. @throws HydraError the error it answers. */
  async request<R extends Route>(
    session: RoleSession,
    route: R,
    body: RequestOf<R>,
    server?: string,
  ): Promise<ResponseOf<R>> {
    const codec = bodyCodec(session.serializer)
    const to = server === undefined ? toChat(session) : { server }
    const forwarded = { route: route.name, session, body: codec.encode(body) }
    const reply = await new Promise<ForwardedReply>((resolve, reject) => {
      this.peer.forward(forwarded, { to }, { onReply: resolve, onFailure: reject })
    })
    const answer = codec.decode(reply.body)
    if (reply.error) throw HydraError.fromBody(answer)
    return route.response.parse(answer) as ResponseOf<R>
  }

  /** Resolves when a session has received so many messages. */
  async receives({ sessionId }: RoleSession, messages: number): Promise<readonly ChatMessage[]> {
    const received = () => this.received.get(sessionId) ?? []
    await this.#until(() => received().length >= messages)
    return received()
  }

  /** Resolves when a session has received so many pushes of a kind; answers what they say. */
  async receivesPushes<P extends Push>(
    session: RoleSession,
    push: P,
    count: number,
  ): Promise<readonly PayloadOf<P>[]> {
    await this.#until(() => this.payloads(session, push).length >= count)
    return this.payloads(session, push)
  }

  /** What a session has received of a kind of pushes by now. */
  payloads<P extends Push>({ sessionId }: RoleSession, push: P): readonly PayloadOf<P>[] {
    const all = this.pushes.get(sessionId) ?? []
    return all
      .filter((one) => one.push === push.name)
      .map(({ payload }) => push.payload.parse(payload) as PayloadOf<P>)
  }

  handlers(): ServiceHandlers<'gate'> {
    const notHere = () => {
      throw new HydraError('INTERNAL', 'Chat never calls this.')
    }
    return {
      'gate.session.login': notHere,
      'gate.session.logout': notHere,
      'gate.session.renew': notHere,
      'gate.session.kick': notHere,
      'gate.session.update': notHere,
      'gate.session.get': notHere,
      'gate.session.present': (_context, { sessions }) => {
        this.asked += 1
        if (this.isBroken) throw new HydraError('SERVER_BUSY', 'This gate is broken.')
        return {
          present: sessions.map(({ sessionId, rid }) => this.#roles.get(sessionId) === rid),
          receives: sessions.map(
            ({ sessionId, topic = '' }) => this.#joined.get(sessionId)?.has(topic) ?? false,
          ),
        }
      },
      'gate.account.kick': notHere,
      'gate.account.ban': notHere,
      'gate.topic.join': async (_context, { sessionId, topics, insteadOf = [] }) => {
        if (!this.received.has(sessionId)) return { found: false }
        for (const topic of this.#members.topicsOf(sessionId)) {
          if (topics.includes(topic) || !insteadOf.some((beginning) => topic.startsWith(beginning))) continue
          this.#members.leave(topic, sessionId)
          this.#joined.get(sessionId)?.delete(topic)
        }
        const before = this.#members.topicsOf(sessionId)
        const outcomes = await Promise.allSettled(topics.map((topic) => this.#members.join(topic, sessionId)))
        const failed = outcomes.find((outcome) => outcome.status === 'rejected')
        if (failed !== undefined) {
          for (const topic of topics) if (!before.includes(topic)) this.#members.leave(topic, sessionId)
          throw failed.reason
        }
        const joined = this.#joined.get(sessionId) ?? new Set()
        for (const topic of topics) joined.add(topic)
        this.#joined.set(sessionId, joined)
        return { found: true }
      },
      'gate.topic.leave': (_context, { sessionId, topics }) => {
        for (const topic of topics) {
          this.#members.leave(topic, sessionId)
          this.#joined.get(sessionId)?.delete(topic)
        }
        return { found: this.received.has(sessionId) }
      },
    }
  }

  #deliver(topic: string, { push, bodies }: TopicMessage): void {
    const payloads = {
      json: bodyCodec('json').decode(bodies.json),
      msgpack: bodyCodec('msgpack').decode(bodies.msgpack),
    }
    for (const [sessionId, topics] of this.#joined) {
      if (!topics.has(topic)) continue
      const payload = payloads[this.#serializers.get(sessionId) ?? 'msgpack']
      this.pushes.get(sessionId)?.push({ push, payload })
      if (push === 'chat.channel.message') this.received.get(sessionId)?.push(chatMessage.parse(payload))
    }
    this.#wake()
  }

  async #until(done: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#waiters.push({ done, resolve })
      this.#wake()
    })
  }

  #wake(): void {
    for (const { done, resolve } of this.#waiters) if (done()) resolve()
    this.#waiters = this.#waiters.filter(({ done }) => !done())
  }
}

const toChat = ({ uid }: RoleSession) => ({ type: 'chat', key: uid }) as const

let count = 0
