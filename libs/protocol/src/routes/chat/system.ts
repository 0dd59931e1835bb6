import * as z from 'zod'
import { defineInternal } from '../../define-route.ts'
import { limits } from '../../limits.ts'
import { channelName, chatMessage, messageSeq } from './channel.ts'

/** Sends a system message. */
export const announce = defineInternal({
  name: 'chat.system.announce',
  request: z.object({
    channel: channelName
      .default('system')
      .describe('`system`: everybody who is online; or `alliance-<id>`, `team-<id>`, `world-<zone>-<n>`.'),
    text: z
      .string()
      .min(1)
      .max(limits.chatTextMaxGraphemes * 10)
      // SQLite ends a text there.
      .refine((text) => !text.includes('\0'), 'no U+0000'),
    data: chatMessage.shape.data,
    messageId: z
      .string()
      .max(36)
      .optional()
      .describe('Sent again with the same one, within two minutes, it is stored once.'),
  }),
  response: z.object({ seq: messageSeq }),
  errors: ['CHANNEL_UNKNOWN'],
  summary: 'Say something in the name of the system, such as an announcement of game.',
})
