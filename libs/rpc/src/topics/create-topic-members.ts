import { HydraError } from '@hydra/protocol'
import { createSparseLog, type Clock, type Logger, type Metrics, type SparseLog } from '@hydra/runtime'
import type { Bus, BusSubscription } from '../bus/bus.ts'
import { topicSubject } from '../subjects.ts'
import type { DeliverTopic, TopicMembers } from './topic-members.ts'
import { decodeTopicMessage } from './topic-message.ts'
import { TopicSequences } from './topic-sequences.ts'

/** What a gate's topics need. */
export interface TopicMembersOptions {
  readonly bus: Bus
  readonly env: string
  /** Called for each message of a topic that has members here. */
  readonly deliver: DeliverTopic
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Topics with members at one time; `SERVER_BUSY` beyond. 100,000 when absent. */
  readonly maxTopics?: number
  /** Topics of one member; `RATE_LIMITED` beyond. 256 when absent. */
  readonly maxTopicsPerMember?: number
}

interface Topic {
  readonly members: Set<string>
  readonly subscription: Promise<BusSubscription>
  readonly sequences: TopicSequences
}

/**
 * Makes a gate's side of topics.
 *
 * @example
 * const topics = createTopicMembers({ bus, env: 'dev', clock, log, metrics, deliver: (topic, message) => app.publish(topic, message) })
 * await topics.join('chat-world', sessionId)
 */
export function createTopicMembers(options: TopicMembersOptions): TopicMembers {
  return new BusTopicMembers(options)
}

class BusTopicMembers implements TopicMembers {
  readonly #options: TopicMembersOptions
  readonly #maxTopics: number
  readonly #maxTopicsPerMember: number
  readonly #topics = new Map<string, Topic>()
  readonly #topicsOf = new Map<string, Set<string>>()
  readonly #warn: SparseLog
  readonly #received
  readonly #dropped
  readonly #late
  #closed = false

  constructor(options: TopicMembersOptions) {
    this.#options = options
    this.#maxTopics = options.maxTopics ?? 100_000
    this.#maxTopicsPerMember = options.maxTopicsPerMember ?? 256
    this.#warn = createSparseLog(options.log, options.clock)
    const { metrics } = options
    metrics.gauge({
      name: 'hydra_topic_active',
      help: 'Topics that have members on this gate.',
      collect: () => this.size,
    })
    this.#received = metrics.counter({
      name: 'hydra_topic_messages_total',
      help: 'Topic messages received for members of this gate.',
    })
    this.#dropped = metrics.counter({
      name: 'hydra_topic_messages_dropped_total',
      help: 'Topic messages that could not be read or delivered.',
    })
    this.#late = metrics.counter({
      name: 'hydra_topic_messages_late_total',
      help: 'Topic messages left out because one of the same number, or a later one, had been delivered before.',
    })
  }

  get size(): number {
    return this.#topics.size
  }

  async join(name: string, member: string): Promise<void> {
    if (this.#closed) throw new HydraError('SHUTTING_DOWN', 'The gate is closing; no topic can be joined.')
    const own = this.#topicsOf.get(member) ?? new Set()
    if (!own.has(name) && own.size >= this.#maxTopicsPerMember) {
      throw new HydraError(
        'RATE_LIMITED',
        `A session may join ${this.#maxTopicsPerMember} topics; "${name}" is one more.`,
      )
    }
    const topic = this.#topics.get(name) ?? this.#open(name)
    topic.members.add(member)
    own.add(name)
    this.#topicsOf.set(member, own)
    try {
      await topic.subscription
    } catch (error) {
      if (this.#topics.get(name) === topic) this.leave(name, member)
      throw error
    }
  }

  leave(name: string, member: string): void {
    const own = this.#topicsOf.get(member)
    if (own?.delete(name) !== true) return
    if (own.size === 0) this.#topicsOf.delete(member)
    const topic = this.#topics.get(name)
    topic?.members.delete(member)
    if (topic?.members.size === 0) this.#drop(name, topic)
  }

  topicsOf(member: string): readonly string[] {
    return [...(this.#topicsOf.get(member) ?? [])]
  }

  leaveAll(member: string): void {
    for (const name of this.topicsOf(member)) this.leave(name, member)
  }

  close(): void {
    this.#closed = true
    for (const [name, topic] of this.#topics) this.#drop(name, topic)
    this.#topicsOf.clear()
  }

  #open(name: string): Topic {
    const { bus, env } = this.#options
    if (this.#topics.size >= this.#maxTopics) {
      throw new HydraError('SERVER_BUSY', `This gate serves ${this.#maxTopics} topics, as many as it may.`)
    }
    const subject = topicSubject(env, name)
    const topic: Topic = {
      members: new Set(),
      subscription: bus.subscribe(subject, (payload) => {
        // A topic that was left and joined again has two subscriptions for a moment; only one may deliver.
        if (this.#topics.get(name) === topic) this.#receive(name, topic, payload)
      }),
      sequences: new TopicSequences(),
    }
    this.#topics.set(name, topic)
    return topic
  }

  #drop(name: string, topic: Topic): void {
    this.#topics.delete(name)
    // Whoever awaits the join is told when subscribing fails; here there is nothing left to undo then.
    topic.subscription.then(
      (subscription) => subscription.unsubscribe(),
      () => undefined,
    )
  }

  #receive(name: string, { sequences }: Topic, payload: Uint8Array): void {
    try {
      const message = decodeTopicMessage(payload)
      this.#received.inc()
      if (message.order !== undefined && !sequences.isNext(message.order)) {
        this.#late.inc()
        return
      }
      this.#options.deliver(name, message)
    } catch (err) {
      this.#dropped.inc()
      this.#warn({ topic: name, err }, 'a topic message was dropped')
    }
  }
}
