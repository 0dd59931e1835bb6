import { perSecond, quantile, sum, type Row } from '../panel.ts'

/** Messages, archive, presence. */
export const chat: Row = {
  title: 'Chat',
  panels: [
    {
      title: 'Messages',
      description: 'Stored, by kind of channel.',
      unit: 'ops',
      queries: [{ expr: perSecond('hydra_chat_messages_total', 'kind'), legend: '{{kind}}' }],
    },
    {
      title: 'Waiting messages',
      description: 'At [channel] waitingMax more are refused with SERVER_BUSY.',
      unit: 'short',
      queries: [{ expr: sum('hydra_chat_waiting_messages', 'instance'), legend: '{{instance}}' }],
    },
    {
      title: 'Messages in a batch, p99',
      description: 'Large batches: Redis is the limit.',
      unit: 'short',
      queries: [{ expr: quantile(0.99, 'hydra_chat_batch_messages', 'instance'), legend: '{{instance}}' }],
    },
    {
      title: 'Archive',
      description: 'Messages carried to the database, and looks at the log that failed.',
      unit: 'ops',
      queries: [
        { expr: perSecond('hydra_chat_archived_total', 'service'), legend: 'archived' },
        { expr: perSecond('hydra_chat_archive_failures_total', 'service'), legend: 'failed' },
      ],
    },
    {
      title: 'Presence',
      description: 'Swept: noted as online and were not. Rejoined: a chat server died while they came.',
      unit: 'ops',
      queries: [
        { expr: perSecond('hydra_chat_joins_total', 'outcome'), legend: 'came: {{outcome}}' },
        { expr: perSecond('hydra_chat_leaves_total', 'outcome'), legend: 'went: {{outcome}}' },
        { expr: perSecond('hydra_chat_presence_swept_total', 'gone'), legend: 'swept: {{gone}}' },
        { expr: perSecond('hydra_chat_presence_rejoined_total', 'service'), legend: 'rejoined' },
      ],
    },
    {
      title: 'Faults',
      description: 'Pushes that could not leave, and word lists that could not be used.',
      unit: 'ops',
      queries: [
        { expr: perSecond('hydra_chat_publish_failures_total', 'service'), legend: 'not pushed' },
        { expr: perSecond('hydra_chat_word_reload_failures_total', 'service'), legend: 'word list' },
      ],
    },
  ],
}
