import * as z from 'zod'
import { defineInternal, definePush, defineRoute } from '../../define-route.ts'
import { limits } from '../../limits.ts'
import { plainText } from '../../text.ts'
import { empty, id, roleName, timestampMs } from '../shared.ts'

/** The kinds of channels; the name of a channel begins with its kind. */
export const channelKinds = ['world', 'alliance', 'team', 'private', 'system'] as const
/** One of {@link channelKinds}. */
export type ChannelKind = (typeof channelKinds)[number]

/** A kind alone, or with an id. Part of a topic name, hence the narrow alphabet. */
export const channelName = z
  .string()
  .max(limits.channelNameMaxChars)
  .regex(/^[a-z]+(?:-[A-Za-z0-9_-]+)?$/, 'a channel such as "world" or "alliance-42"')
  .describe(
    "`world`, `alliance` or `team` for one's own, `private-<rid>` for talking to a role, `system`; in answers with the id: `alliance-42`.",
  )

/** Number of a message in its channel. */
export const messageSeq = z.number().int().min(1)

/** One chat message as clients see it. */
export const chatMessage = z.object({
  channel: channelName,
  seq: messageSeq.describe(
    'Counts from 1 in each channel, without gaps, whichever server took the message; after a loss of the log it goes on behind every number given out before.',
  ),
  from: z.object({ rid: id, name: roleName }).describe('Of system messages: rid `system`.'),
  text: z.string().describe('Empty when the message was deleted.'),
  sentAtMs: timestampMs,
  data: z
    .record(
      z.string().max(64),
      z.union(
        [z.string().max(limits.messageDataValueMaxChars), z.number(), z.boolean()],
        `a text of at most ${limits.messageDataValueMaxChars} characters, a number, true or false`,
      ),
    )
    .refine(
      (data) => Object.keys(data).length <= limits.messageDataMax,
      `at most ${limits.messageDataMax} values`,
    )
    .optional()
    .describe(
      'What a service has added for the client to show, for example ids and numbers to be formatted.',
    ),
  deleted: z.literal(true).optional().describe('A moderator has deleted it; number and sender stay.'),
})

/** Type of {@link chatMessage}. */
export type ChatMessage = z.output<typeof chatMessage>

/** What players write. */
export const chatText = plainText({ minGraphemes: 1, maxGraphemes: limits.chatTextMaxGraphemes, lines: true })

const messageId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,36}$/, '1 to 36 letters, digits, "-" or "_"')
  .describe(
    '1 to 36 letters, digits, `-` or `_`, made by the client, another one for each message. Sent again with the same one, within two minutes, a message is stored once.',
  )

/** Posts a message. */
export const send = defineRoute({
  name: 'chat.channel.send',
  code: 301,
  kind: 'request',
  auth: 'role',
  request: z.object({ channel: channelName, text: chatText, messageId: messageId.optional() }),
  response: z.object({
    seq: messageSeq,
    sentAtMs: timestampMs,
    text: z
      .string()
      .optional()
      .describe(
        'As it is stored, when that is not what was sent: the word filter has changed it, or the messageId was that of another text.',
      ),
  }),
  errors: ['CHANNEL_UNKNOWN', 'CHANNEL_READ_ONLY', 'CHAT_NOT_JOINED', 'SILENCED', 'MUTED', 'RATE_LIMITED'],
  summary:
    'Post to a channel. Everybody in it, the sender included, receives chat.channel.message. What is in the channel up to it counts as read. A private message is kept for a role that is offline.',
})

/** Reads the history. */
export const history = defineRoute({
  name: 'chat.channel.history',
  code: 302,
  kind: 'request',
  auth: 'role',
  request: z
    .object({
      channel: channelName,
      beforeSeq: messageSeq.optional().describe('Only messages with a smaller number: the latest of these.'),
      afterSeq: z
        .number()
        .int()
        .nonnegative()
        .optional()
        .describe('Only messages with a larger number: the earliest of these.'),
      limit: z.number().int().min(1).max(limits.chatHistoryPageMax).default(20),
    })
    .refine(({ beforeSeq, afterSeq }) => beforeSeq === undefined || afterSeq === undefined, {
      path: ['afterSeq'],
      message: 'not together with beforeSeq',
    }),
  response: z.object({
    messages: z.array(chatMessage).describe('In order of their numbers, whichever way one pages.'),
    hasMore: z.boolean().describe('Whether there are more in the direction of paging.'),
    lastSeq: z.number().int().nonnegative().describe('Number of the newest message of the channel.'),
    baseSeq: z
      .number()
      .int()
      .nonnegative()
      .optional()
      .describe(
        'After a loss of the log numbers go on behind this one: of those up to it that are missing here, not all were given out.',
      ),
  }),
  errors: ['CHANNEL_UNKNOWN', 'CHAT_NOT_JOINED'],
  summary:
    'A page of a channel: the latest, or those before or after a number. A number that is missing in between has left the history for good.',
})

/** Joins a channel again. */
export const join = defineRoute({
  name: 'chat.channel.join',
  code: 303,
  kind: 'request',
  auth: 'role',
  request: z.object({ channel: channelName }),
  response: z.object({ channel: channelName, lastSeq: z.number().int().nonnegative() }),
  errors: ['CHANNEL_UNKNOWN', 'CHAT_NOT_JOINED', 'ROLE_NOT_FOUND', 'SESSION_ENDED'],
  summary:
    "Join all of the role's channels. Entering does so by itself; this is for a client that was told CHAT_NOT_JOINED.",
})

/** A channel in the list. */
export const channelState = z.object({
  channel: channelName,
  kind: z.enum(channelKinds),
  lastSeq: z.number().int().nonnegative(),
  readSeq: z.number().int().nonnegative().describe('Up to here the role has read, on whatever device.'),
  unread: z.number().int().nonnegative(),
})

/** Lists the role's channels. */
export const list = defineRoute({
  name: 'chat.channel.list',
  code: 304,
  kind: 'request',
  auth: 'role',
  request: empty,
  response: z.object({ channels: z.array(channelState) }),
  errors: ['CHAT_NOT_JOINED'],
  summary: `The role's channels and its latest ${limits.chatConversationsMax} private conversations, with what is unread.`,
})

/** Moves the read marker. */
export const read = defineRoute({
  name: 'chat.channel.read',
  code: 305,
  kind: 'request',
  auth: 'role',
  request: z.object({
    channel: channelName,
    seq: messageSeq.describe('Everything up to this number has been read.'),
  }),
  response: z.object({
    readSeq: z.number().int().nonnegative(),
    unread: z.number().int().nonnegative(),
  }),
  errors: ['CHANNEL_UNKNOWN', 'CHAT_NOT_JOINED'],
  summary:
    'Note up to where the role has read. The marker only moves forward, and never past the newest message.',
})

/** Deletes a message. */
export const del = defineRoute({
  name: 'chat.channel.delete',
  code: 306,
  kind: 'request',
  auth: 'role',
  request: z.object({ channel: channelName, seq: messageSeq }),
  response: empty,
  errors: ['CHANNEL_UNKNOWN', 'CHAT_NOT_JOINED', 'MESSAGE_UNKNOWN', 'NOT_MODERATOR'],
  summary:
    'Delete a message: its text is gone for good, its number stays. For moderators (session data `moderator: true`), and in an alliance for those whose rank allows it; in private conversations for nobody.',
})

/** One message on its way to the server that numbers its channel. */
export const post = defineInternal({
  name: 'chat.channel.post',
  request: z.object({
    channel: z
      .string()
      .max(limits.channelKeyMaxChars)
      .regex(/^[a-z]+(?:-[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)?)?$/, 'a channel as it is stored')
      .describe('As it is stored, see `channel.ts` of the chat service.'),
    from: z.object({ rid: id, name: roleName }),
    text: z.string().max(limits.chatTextMaxGraphemes * 10),
    data: chatMessage.shape.data,
    messageId: z.string().max(limits.channelKeyMaxChars).optional(),
    askedAtMs: timestampMs.describe(
      'When the message was first taken; much later it is not stored any more.',
    ),
  }),
  response: z.object({ seq: messageSeq, sentAtMs: timestampMs, text: z.string(), repeated: z.boolean() }),
  errors: ['CHANNEL_UNKNOWN', 'TIMEOUT'],
  summary:
    'Number, store and push a message that has passed all checks. Sent to the one chat server that has the channel, so that its pushes are in order.',
})

/** A message in a channel of this role. */
export const message = definePush({
  name: 'chat.channel.message',
  code: 351,
  payload: chatMessage,
  summary:
    'Somebody spoke in a channel of this role. Of one channel they come in order; a gap is in the history.',
})

/** A message was deleted. */
export const deleted = definePush({
  name: 'chat.channel.deleted',
  code: 352,
  payload: z.object({ channel: channelName, seq: messageSeq }),
  summary: 'A moderator has deleted a message: show it no longer.',
})
