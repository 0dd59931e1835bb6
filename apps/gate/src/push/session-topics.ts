import type { TopicMembers } from '@hydra/rpc'
import { PushReader, type ReplayLog } from '../resume/replay-log.ts'
import type { Session } from '../session/session.ts'
import { nativeTopic } from './topic-variants.ts'

/** One that receives topics without a connection: its client may come back for what it missed. */
export interface AbsentMember {
  readonly sessionId: string
  readonly reader: PushReader
}

/**
 * Which session is sent which topic. Three must agree on that: the cluster, which sends this gate what has members here;
 * the transport, which copies it to connections; and the log of what clients that come back may have missed.
 */
export class SessionTopics {
  readonly #members: TopicMembers
  readonly #log: ReplayLog

  constructor(members: TopicMembers, log: ReplayLog) {
    this.#members = members
    this.#log = log
  }

  /** Resolves when nothing published from now on can be missed. @throws HydraError of {@link TopicMembers.join}. */
  async join(session: Session, topic: string): Promise<void> {
    const { connection, sessionId, resumable } = session
    // First the connection, then the cluster: whatever arrives from then on has somewhere to go.
    connection.subscribe(nativeTopic(topic, session))
    if (resumable) this.#log.join((session.reader ??= new PushReader()), topic)
    try {
      await this.#members.join(topic, sessionId)
    } catch (error) {
      this.leave(session, topic)
      throw error
    }
  }

  leave(session: Session, topic: string): void {
    const { connection, sessionId, reader } = session
    connection.unsubscribe(nativeTopic(topic, session))
    if (reader !== undefined) this.#log.leave(reader, topic)
    this.#members.leave(topic, sessionId)
  }

  /** What the member of a lost connection is to be sent when it is back. @throws as {@link join}. */
  async joinAbsent({ sessionId, reader }: AbsentMember, topic: string): Promise<void> {
    this.#log.join(reader, topic)
    try {
      await this.#members.join(topic, sessionId)
    } catch (error) {
      this.#log.leave(reader, topic)
      throw error
    }
  }

  leaveAbsent({ sessionId, reader }: AbsentMember, topic: string): void {
    this.#log.leave(reader, topic)
    this.#members.leave(topic, sessionId)
  }

  /** What a session or an absent member receives. */
  of({ sessionId }: { readonly sessionId: string }): readonly string[] {
    return this.#members.topicsOf(sessionId)
  }

  /**
   * Lets a session go on with the topics of an absent one. What is published after the call is sent to its connection
   * as it comes; resolves as {@link join} does.
   */
  async adopt(session: Session, { sessionId, reader }: AbsentMember): Promise<void> {
    session.reader = reader
    const joins = [...reader.open.keys()].map((topic) => {
      session.connection.subscribe(nativeTopic(topic, session))
      return this.#members.join(topic, session.sessionId)
    })
    this.#members.leaveAll(sessionId)
    await Promise.all(joins)
  }

  /** Ends all memberships of a session, with its connection or without. */
  release({
    sessionId,
    reader,
  }: {
    readonly sessionId: string
    readonly reader: PushReader | undefined
  }): void {
    this.#members.leaveAll(sessionId)
    if (reader !== undefined) this.#log.forget(reader)
  }
}
