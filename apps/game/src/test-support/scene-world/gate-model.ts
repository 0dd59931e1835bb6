import { HydraError, type PayloadOf, type Push } from '@hydra/protocol'
import type { ActorSession } from '../../actor/role-session.ts'
import type { ViewerLinks } from '../../scene/host/viewer-links.ts'
import type { Luck } from './luck.ts'
import type { SlowNetwork } from './slow-network.ts'
import type { Story } from './story.ts'

/** Pushes kept for a session whose connection is lost. */
const keptMax = 60

type Deliver = (push: string, payload: unknown) => void

interface Sent {
  readonly push: string
  readonly payload: unknown
  /** Joins of each session at the moment of sending. */
  readonly joins: ReadonlyMap<string, number>
}

/** A session of the model's only gate. */
export interface GateSession extends ActorSession {
  readonly rid: string
  readonly topics: Set<string>
  /** Where pushes go; `undefined` while the connection is lost. */
  deliver: Deliver | undefined
  /** Pushes for a client that may come back. */
  readonly kept: Sent[]
  isOverflown: boolean
  /** How many joins were asked for; which was carried out last; how many there were when the last view was sent. */
  joins: number
  joined: number
  viewed: number
}

/** What the gate tells the test about a session. */
export interface GateListener {
  /** Something went wrong that the view has to notice. */
  onTrouble(rid: string, what: string): void
}

/** Sessions and their topics, and the pushes to them: lost, repeated and late as the story wants it. */
export class GateModel {
  readonly #network: SlowNetwork
  readonly #luck: Luck
  readonly #listener: GateListener
  readonly #sessions = new Map<string, GateSession>()
  story: Story
  #opened = 0

  constructor(parts: { network: SlowNetwork; luck: Luck; story: Story; listener: GateListener }) {
    this.#network = parts.network
    this.#luck = parts.luck
    this.#listener = parts.listener
    this.story = parts.story
  }

  open(rid: string, deliver: Deliver): GateSession {
    const sessionId = `s${++this.#opened}`
    const epoch = this.#opened
    const session: GateSession = {
      sessionId,
      gateId: 'g',
      epoch,
      rid,
      topics: new Set<string>(),
      deliver,
      kept: [],
      isOverflown: false,
      joins: 0,
      joined: 0,
      viewed: 0,
    }
    this.#sessions.set(sessionId, session)
    return session
  }

  end({ sessionId }: ActorSession): void {
    this.#sessions.delete(sessionId)
  }

  /** The client is back: it has what was kept, in order. `false`: too much was, and the session is over. */
  resume(session: GateSession, deliver: Deliver): boolean {
    if (session.isOverflown || !this.#sessions.has(session.sessionId)) return false
    session.deliver = deliver
    for (const sent of session.kept.splice(0)) this.#deliver(session, sent)
    return true
  }

  /** What one game server does with the gate: its calls, and its pushes on each topic, are in order. */
  linksOf(server: string): ViewerLinks {
    return {
      joinTopics: (session, topics, insteadOf) => this.#join(server, session, topics, insteadOf),
      publish: (topic, push, payload) => this.#publish(server, topic, push, payload),
    }
  }

  #publish<P extends Push>(server: string, topic: string, push: P, payload: PayloadOf<P>): void {
    // As it is after the wire; nobody may change what others read, too.
    const joins = new Map([...this.#sessions.values()].map((session) => [session.sessionId, session.joins]))
    const sent = { push: push.name, payload: frozen(JSON.parse(JSON.stringify(payload))), joins }
    this.#network.send(`${server} ${topic}`, () => {
      for (const session of this.#sessions.values())
        if (session.topics.has(topic)) this.#receive(session, sent)
    })
  }

  #receive(session: GateSession, sent: Sent): void {
    if (this.#luck.happens(this.story.drop)) {
      // A sign of life more or less is no loss.
      if (sent.push !== 'game.scene.beat') this.#listener.onTrouble(session.rid, `${sent.push} dropped`)
      return
    }
    if (this.#luck.happens(this.story.repeat)) {
      this.#network.later(this.#luck.int(0, 2_000), () => session.deliver?.(sent.push, sent.payload))
    }
    if (session.deliver !== undefined) this.#deliver(session, sent)
    else if (session.kept.length < keptMax) session.kept.push(sent)
    else session.isOverflown = true
  }

  #deliver(session: GateSession, { push, payload, joins }: Sent): void {
    session.deliver?.(push, payload)
    if (push === 'game.scene.view') session.viewed = joins.get(session.sessionId) ?? 0
  }

  async #join(
    server: string,
    { sessionId }: ActorSession,
    topics: readonly string[],
    insteadOf: readonly string[],
  ): Promise<{ readonly found: boolean }> {
    const fate = this.#luck.happens(this.story.fail)
      ? this.#luck.one(['before', 'after'] as const)
      : undefined
    const session = this.#sessions.get(sessionId)
    const join = session === undefined ? 0 : ++session.joins
    if (session !== undefined && fate !== undefined) {
      this.#listener.onTrouble(session.rid, `join failed ${fate} it was carried out`)
    }
    await this.#hop(`${server} calls`)
    const isThere = session !== undefined && this.#sessions.has(sessionId)
    if (isThere && fate !== 'before') {
      // One server's calls are in order, but not those of two.
      if (session.joined > join) this.#listener.onTrouble(session.rid, 'joins in the wrong order')
      session.joined = join
      for (const topic of session.topics) {
        if (insteadOf.some((prefix) => topic.startsWith(prefix))) session.topics.delete(topic)
      }
      for (const topic of topics) session.topics.add(topic)
    }
    await this.#hop(`${server} answers`)
    if (fate !== undefined) throw new HydraError('TIMEOUT', 'The gate has not answered.')
    return { found: isThere }
  }

  #hop(stream: string): Promise<void> {
    return new Promise((resolve) => this.#network.send(stream, resolve))
  }
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) frozen(each)
    Object.freeze(value)
  }
  return value
}
