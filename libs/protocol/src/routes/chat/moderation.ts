import * as z from 'zod'
import { defineInternal } from '../../define-route.ts'
import { empty, id, timestampMs } from '../shared.ts'
import { channelName, messageSeq } from './channel.ts'

/** Silences a role. */
export const silence = defineInternal({
  name: 'chat.moderation.silence',
  request: z.object({
    rid: id,
    untilMs: timestampMs.describe('0 ends a silence.'),
    reason: z.string().max(200).optional().describe('What the role is told when it tries to speak.'),
  }),
  response: empty,
  errors: ['STORAGE_UNAVAILABLE'],
  summary:
    'Refuse whatever a role says in any channel, until a time. It outlives restarts and holds on every server.',
})

/** Deletes a message without asking who may. */
export const deleteMessage = defineInternal({
  name: 'chat.moderation.deleteMessage',
  request: z.object({ channel: channelName.describe('With its id.'), seq: messageSeq }),
  response: z.object({ found: z.boolean() }),
  errors: ['CHANNEL_UNKNOWN'],
  summary: 'Delete a message of a world, alliance, team or system channel in the name of a service.',
})
