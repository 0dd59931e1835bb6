import { bodyCodec, HydraError, type PayloadOf, type Push, type Serializer } from '@hydra/protocol'
import type { DeliverTopic, ServiceHandlers, TopicMembers, TopicMessage } from '@hydra/rpc'

/** Is told of a push, as its session can read it. */
type PushListener = (payload: unknown) => void

/** A gate's part in topics, on a real bus: which session has joined what, and what it receives. */
export class SessionTopics {
  readonly #members: TopicMembers
  readonly #sessions = new Map<string, Serializer>()
  readonly #listeners = new Map<string, Map<string, Set<PushListener>>>()
  readonly #codecs = { json: bodyCodec('json'), msgpack: bodyCodec('msgpack') }
  /** How often sessions were joined to topics, or tried to be. */
  joins = 0
  /** Whether calls that join fail. */
  isBroken = false

  constructor(topics: (deliver: DeliverTopic) => TopicMembers) {
    this.#members = topics((topic, message) => this.#deliver(topic, message))
  }

  /** A session is there from now on. */
  open(sessionId: string, serializer: Serializer): void {
    this.#sessions.set(sessionId, serializer)
    this.#listeners.set(sessionId, new Map())
  }

  /** A session is gone. */
  close(sessionId: string): void {
    this.#members.leaveAll(sessionId)
    this.#sessions.delete(sessionId)
    this.#listeners.delete(sessionId)
  }

  /** What a session receives, by its topics. */
  of(sessionId: string): readonly string[] {
    return [...this.#members.topicsOf(sessionId)].sort()
  }

  /** Tells of each push of a kind that a session receives from now on; answers how to stop that. */
  on<P extends Push>(sessionId: string, push: P, listener: (payload: PayloadOf<P>) => void): () => void {
    const byPush = this.#listeners.get(sessionId)
    if (byPush === undefined) throw new Error(`There is no session ${sessionId}.`)
    const tell: PushListener = (payload) => listener(push.payload.parse(payload) as PayloadOf<P>)
    const listeners = byPush.get(push.name) ?? new Set()
    byPush.set(push.name, listeners.add(tell))
    return () => void listeners.delete(tell)
  }

  handlers(): ServiceHandlers<'gate'> {
    const notHere = () => {
      throw new HydraError('INTERNAL', 'Game never calls this.')
    }
    return {
      'gate.session.login': notHere,
      'gate.session.logout': notHere,
      'gate.session.renew': notHere,
      'gate.session.kick': notHere,
      'gate.session.update': notHere,
      'gate.session.get': notHere,
      'gate.session.present': notHere,
      'gate.account.kick': notHere,
      'gate.account.ban': notHere,
      'gate.topic.join': async (_context, { sessionId, topics, insteadOf = [] }) => {
        this.joins += 1
        if (this.isBroken) throw new HydraError('SERVER_BUSY', 'This gate is broken.')
        if (!this.#sessions.has(sessionId)) return { found: false }
        for (const topic of this.of(sessionId)) {
          if (topics.includes(topic) || !insteadOf.some((beginning) => topic.startsWith(beginning))) continue
          this.#members.leave(topic, sessionId)
        }
        await Promise.all(topics.map((topic) => this.#members.join(topic, sessionId)))
        return { found: this.#sessions.has(sessionId) }
      },
      'gate.topic.leave': (_context, { sessionId, topics }) => {
        for (const topic of topics) this.#members.leave(topic, sessionId)
        return { found: this.#sessions.has(sessionId) }
      },
    }
  }

  #deliver(topic: string, { push, bodies }: TopicMessage): void {
    for (const [sessionId, serializer] of this.#sessions) {
      if (!this.#members.topicsOf(sessionId).includes(topic)) continue
      const payload: unknown = this.#codecs[serializer].decode(bodies[serializer])
      this.#listeners
        .get(sessionId)
        ?.get(push)
        ?.forEach((tell) => tell(payload))
    }
  }
}
