/** Who can be sent what is published. */
export interface TopicMember {
  send(packet: Uint8Array): boolean
}

/** Who has subscribed to what: the part of uWebSockets.js that the other transports do not have. */
export class Topics {
  readonly #members = new Map<string, Set<TopicMember>>()

  join(topic: string, member: TopicMember): void {
    const members = this.#members.get(topic)
    if (members === undefined) this.#members.set(topic, new Set([member]))
    else members.add(member)
  }

  leave(topic: string, member: TopicMember): void {
    const members = this.#members.get(topic)
    members?.delete(member)
    if (members?.size === 0) this.#members.delete(topic)
  }

  subscribers(topic: string): number {
    return this.#members.get(topic)?.size ?? 0
  }

  publish(topic: string, packet: Uint8Array): void {
    for (const member of this.#members.get(topic) ?? []) member.send(packet)
  }
}

/** The topics that one connection has joined. */
export class Subscriptions {
  readonly #topics: Topics
  readonly #member: TopicMember
  readonly #joined = new Set<string>()

  constructor(topics: Topics, member: TopicMember) {
    this.#topics = topics
    this.#member = member
  }

  add(topic: string): void {
    this.#joined.add(topic)
    this.#topics.join(topic, this.#member)
  }

  remove(topic: string): void {
    this.#joined.delete(topic)
    this.#topics.leave(topic, this.#member)
  }

  clear(): void {
    for (const topic of this.#joined) this.#topics.leave(topic, this.#member)
    this.#joined.clear()
  }
}
