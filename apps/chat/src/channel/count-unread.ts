import type { ChannelEnd } from '@hydra/persistence'

/**
 * How many messages a role has not read. Numbers that a loss of the log has passed over are no messages, and a marker
 * that was lost with it does not make them any. Where the archive tells the end, as many are unread at most as it has and
 * counts.
 */
export const countUnread = ({ lastSeq, baseSeq }: ChannelEnd, readSeq: number): number =>
  Math.max(0, lastSeq - Math.max(readSeq, baseSeq))
