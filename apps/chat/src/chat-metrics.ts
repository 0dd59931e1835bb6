import type { Counter, Metrics } from '@hydra/runtime'

/** What the chat service measures; calls are measured by the library. */
export interface ChatMetrics {
  readonly messages: Counter
  readonly publishFailures: Counter
  readonly historyReads: Counter
  readonly joins: Counter
  readonly leaves: Counter
}

/** Names every metric. Label values are few: no role, session or free text becomes one. */
export function createChatMetrics(metrics: Metrics): ChatMetrics {
  return {
    messages: metrics.counter({
      name: 'hydra_chat_messages_total',
      help: 'Messages stored.',
    }),
    publishFailures: metrics.counter({
      name: 'hydra_chat_publish_failures_total',
      help: 'Messages stored that could not be pushed; clients find them in the history.',
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
  }
}
