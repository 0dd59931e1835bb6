import {
  bodyCodec,
  chatMessage,
  HydraError,
  routes,
  type ChatMessage,
  type RequestOf,
  type ResponseOf,
  type Route,
} from '@hydra/protocol'
import type {
  ForwardedReply,
  RoleSession,
  RpcPeer,
  ServiceHandlers,
  TopicMembers,
  TopicMessage,
} from '@hydra/rpc'

/** A gate's part in chat, on a real peer and real topics: sessions, what they joined, and what they received. */
export class TestGate {
  readonly peer: RpcPeer
  /** What each session received, in order. */
  readonly received = new Map<string, ChatMessage[]>()
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
    return {
      uid,
      rid,
      epoch,
      sessionId,
      gateId: this.peer.id,
      serializer: count % 2 === 0 ? 'json' : 'msgpack',
    }
  }

  /** The connection is gone. */
  close({ sessionId }: RoleSession): void {
    this.#members.leaveAll(sessionId)
    this.received.delete(sessionId)
    this.#joined.delete(sessionId)
  }

  /** Tells chat, as game does, that the session has entered its role. */
  async enter(session: RoleSession, name: string): Promise<readonly string[]> {
    const { rid, uid, gateId, sessionId, epoch: sessionEpoch } = session
    const body = { rid, uid, name, gateId, sessionId, sessionEpoch }
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
    await new Promise<void>((resolve) => {
      this.#waiters.push({ done: () => received().length >= messages, resolve })
      this.#wake()
    })
    return received()
  }

  handlers(): ServiceHandlers<'gate'> {
    const notHere = () => {
      throw new HydraError('INTERNAL', 'Chat never calls this.')
    }
    return {
      'gate.session.login': notHere,
      'gate.session.logout': notHere,
      'gate.session.kick': notHere,
      'gate.session.update': notHere,
      'gate.session.get': notHere,
      'gate.account.kick': notHere,
      'gate.account.ban': notHere,
      'gate.topic.join': async (_context, { sessionId, topics }) => {
        if (!this.received.has(sessionId)) return { found: false }
        await Promise.all(topics.map((topic) => this.#members.join(topic, sessionId)))
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
    if (push !== 'chat.channel.message') throw new Error(`Nobody expects the push ${push}.`)
    const message = chatMessage.parse(bodyCodec('msgpack').decode(bodies.msgpack))
    for (const [sessionId, topics] of this.#joined) {
      if (topics.has(topic)) this.received.get(sessionId)?.push(message)
    }
    this.#wake()
  }

  #wake(): void {
    for (const { done, resolve } of this.#waiters) if (done()) resolve()
    this.#waiters = this.#waiters.filter(({ done }) => !done())
  }
}

const toChat = ({ uid }: RoleSession) => ({ type: 'chat', key: uid }) as const

let count = 0
