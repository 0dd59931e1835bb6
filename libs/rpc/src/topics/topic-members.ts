import type { TopicMessage } from '../peer.ts'

/**
 * A gate's side of topics: which sessions have joined what. The gate is subscribed at the bus only while a topic
 * has members, so that a broadcast costs one bus message per interested gate.
 */
export interface TopicMembers {
  /** Adds a member; resolves when nothing published from now on can be missed. Joining twice does nothing. */
  join(topic: string, member: string): Promise<void>
  /** Removes a member from one topic. */
  leave(topic: string, member: string): void
  /** All topics of a member. */
  topicsOf(member: string): readonly string[]
  /** Removes a member from all of its topics, when its session ends. */
  leaveAll(member: string): void
  /** How many topics have members. */
  readonly size: number
  /** Leaves everything. */
  close(): void
}

/** Called for each message of a topic that has members. */
export type DeliverTopic = (topic: string, message: TopicMessage) => void
