import type { Counter, Gauge, Histogram, Metrics } from '@hydra/runtime'

/** What the chat service measures; calls are measured by the library. */
export interface ChatMetrics {
  readonly messages: Counter
  readonly deleted: Counter
  readonly publishFailures: Counter
  readonly batchSizes: Histogram
  readonly archived: Counter
  readonly archiveFailures: Counter
  readonly historyReads: Counter
  readonly joins: Counter
  readonly leaves: Counter
  readonly presenceSwept: Counter
  readonly presenceRejoined: Counter
  /** Shows how many messages wait to be stored. */
  observeWaiting(count: () => number): void
  readonly words: Gauge
  readonly wordReloadFailures: Counter
}

/** Names every metric. Label values are few: no role, session or free text becomes one. */
export function createChatMetrics(metrics: Metrics): ChatMetrics {
  return {
    messages: metrics.counter({
      name: 'hydra_chat_messages_total',
      help: 'Messages stored, by kind of channel.',
      labels: ['kind'],
    }),
    deleted: metrics.counter({
      name: 'hydra_chat_messages_deleted_total',
      help: 'Messages deleted by moderators and services, by kind of channel.',
      labels: ['kind'],
    }),
    publishFailures: metrics.counter({
      name: 'hydra_chat_publish_failures_total',
      help: 'Pushes that could not leave; clients find what they told in the history, or by asking.',
    }),
    batchSizes: metrics.histogram({
      name: 'hydra_chat_batch_messages',
      help: 'Messages of one channel stored in one step.',
      buckets: [1, 2, 5, 10, 20, 50, 100],
    }),
    archived: metrics.counter({
      name: 'hydra_chat_archived_total',
      help: 'Messages carried from the log to the archive, those carried again included.',
    }),
    archiveFailures: metrics.counter({
      name: 'hydra_chat_archive_failures_total',
      help: 'Looks at the log whose messages could not be archived; they are tried again.',
    }),
    historyReads: metrics.counter({
      name: 'hydra_chat_history_reads_total',
      help: 'Pages of history read.',
    }),
    joins: metrics.counter({
      name: 'hydra_chat_joins_total',
      help: 'Sessions that came, by what became of it.',
      labels: ['outcome'],
    }),
    leaves: metrics.counter({
      name: 'hydra_chat_leaves_total',
      help: 'Sessions that went, by what became of it.',
      labels: ['outcome'],
    }),
    presenceSwept: metrics.counter({
      name: 'hydra_chat_presence_swept_total',
      help: 'Roles that were noted as online and were not, by what had gone: the gate, or the session.',
      labels: ['gone'],
    }),
    presenceRejoined: metrics.counter({
      name: 'hydra_chat_presence_rejoined_total',
      help: 'Roles that were noted as online and received nothing, and were joined to their channels again.',
    }),
    observeWaiting(collect) {
      metrics.gauge({
        name: 'hydra_chat_waiting_messages',
        help: 'Messages that wait on this server to be stored.',
        collect,
      })
    },
    words: metrics.gauge({
      name: 'hydra_chat_words',
      help: 'Words that the word filter looks for.',
    }),
    wordReloadFailures: metrics.counter({
      name: 'hydra_chat_word_reload_failures_total',
      help: 'Changes of the word list that could not be used; the former list stayed.',
    }),
  }
}
