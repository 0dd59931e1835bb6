import * as z from 'zod'
import { definePush, defineRoute } from '../../define-route.ts'
import { limits } from '../../limits.ts'
import { id, roleName, timestampMs } from '../shared.ts'

/** `world`, or a kind and an id: `alliance-42`. Part of a topic name, hence the narrow alphabet. */
export const channelName = z
  .string()
  .max(limits.channelNameMaxChars)
  .regex(/^[a-z]+(?:-[A-Za-z0-9_-]+)?$/, 'a channel such as "world" or "alliance-42"')
  .describe('`world`, or a kind and an id: `alliance-42`.')

/** One chat message as stored and as pushed. */
export const chatMessage = z.object({
  channel: channelName,
  seq: z.number().int().min(1).describe('Counts from 1 in each channel, without gaps.'),
  from: z.object({ rid: id, name: roleName }),
  text: z.string(),
  sentAtMs: timestampMs,
})

/** Type of {@link chatMessage}. */
export type ChatMessage = z.output<typeof chatMessage>

const text = z
  .string()
  .trim()
  .min(1)
  .max(limits.chatTextMaxChars)
  .refine((value) => !/\p{Cc}/u.test(value.replaceAll('\n', '')), 'no control characters')
  .describe('Blanks at the ends are removed; line breaks are the only control characters.')

/** Posts a message. */
export const send = defineRoute({
  name: 'chat.channel.send',
  code: 301,
  kind: 'request',
  auth: 'role',
  request: z.object({ channel: channelName, text }),
  response: z.object({ seq: z.number().int().min(1), sentAtMs: timestampMs }),
  errors: ['CHANNEL_UNKNOWN', 'CHAT_NOT_JOINED'],
  summary: 'Post to a joined channel. Everybody in it, the sender included, receives chat.channel.message.',
})

/** Reads earlier messages. */
export const history = defineRoute({
  name: 'chat.channel.history',
  code: 302,
  kind: 'request',
  auth: 'role',
  request: z.object({
    channel: channelName,
    beforeSeq: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('Only messages with a smaller number; absent: the latest.'),
    limit: z.number().int().min(1).max(limits.chatHistoryPageMax).default(20),
  }),
  response: z.object({ messages: z.array(chatMessage), hasMore: z.boolean() }),
  errors: ['CHANNEL_UNKNOWN', 'CHAT_NOT_JOINED'],
  summary: 'A page of a joined channel, oldest first.',
})

/** Joins a channel again. */
export const join = defineRoute({
  name: 'chat.channel.join',
  code: 303,
  kind: 'request',
  auth: 'role',
  request: z.object({ channel: channelName }),
  response: z.object({ lastSeq: z.number().int().nonnegative() }),
  errors: ['CHANNEL_UNKNOWN'],
  summary:
    'Join a channel. Entering joins "world" by itself; this is for a client that was told CHAT_NOT_JOINED.',
})

/** A message in a joined channel. */
export const message = definePush({
  name: 'chat.channel.message',
  code: 351,
  payload: chatMessage,
  summary: 'Somebody spoke in a channel that this role has joined.',
})
