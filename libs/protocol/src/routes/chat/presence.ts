import * as z from 'zod'
import { defineInternal } from '../../define-route.ts'
import { empty, id, roleName } from '../shared.ts'
import { channelName } from './channel.ts'

/** A role is online. */
export const enter = defineInternal({
  name: 'chat.presence.enter',
  request: z.object({
    rid: id,
    uid: id,
    name: roleName,
    gateId: id,
    sessionId: id,
    sessionEpoch: z.number().int().nonnegative(),
  }),
  response: z.object({ channels: z.array(channelName) }),
  errors: [],
  summary: 'A role entered: mark it online and join it to its channels on its gate before answering.',
})

/** A role has another name. */
export const rename = defineInternal({
  name: 'chat.presence.rename',
  request: z.object({ rid: id, name: roleName }),
  response: empty,
  errors: [],
  summary: 'A role was renamed: what it says from now on carries the new name.',
})

/** A role is offline. */
export const leave = defineInternal({
  name: 'chat.presence.leave',
  request: z.object({ rid: id, sessionId: id, sessionEpoch: z.number().int().nonnegative() }),
  response: empty,
  errors: [],
  summary: 'A role left: clear its presence unless a newer session has entered meanwhile.',
})
