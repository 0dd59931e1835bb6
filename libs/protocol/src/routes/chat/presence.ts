import * as z from 'zod'
import { defineInternal, definePush, defineRoute } from '../../define-route.ts'
import { limits } from '../../limits.ts'
import { empty, id, roleLevel, roleName, timestampMs } from '../shared.ts'
import { channelName } from './channel.ts'

/** Whether a role is online. */
export const presenceState = z.object({
  rid: id,
  online: z.boolean(),
  lastSeenAtMs: timestampMs
    .optional()
    .describe('When an offline role was last online; absent: not known any more.'),
})

/** Type of {@link presenceState}. */
export type PresenceState = z.output<typeof presenceState>

const rids = z.array(id).min(1).max(limits.presencePerCallMax)

/** Reads presence. */
export const get = defineRoute({
  name: 'chat.presence.get',
  code: 321,
  kind: 'request',
  auth: 'role',
  request: z.object({ rids }),
  response: z.object({ roles: z.array(presenceState) }),
  errors: [],
  summary: 'Whether roles are online, in the order asked for.',
})

/** Watches presence. */
export const watch = defineRoute({
  name: 'chat.presence.watch',
  code: 322,
  kind: 'request',
  auth: 'role',
  request: z.object({ rids }),
  response: z.object({ roles: z.array(presenceState) }),
  errors: ['CHAT_NOT_JOINED', 'WATCH_LIMIT_REACHED'],
  summary:
    'As chat.presence.get, and from now on chat.presence.changed when one of them comes or goes, until this session ends. Some 250 roles at a time; a call that would exceed that changes nothing. Members of an alliance see each other without asking, and are told twice of whom they watch as well.',
})

/** Watches presence no longer. */
export const unwatch = defineRoute({
  name: 'chat.presence.unwatch',
  code: 323,
  kind: 'request',
  auth: 'role',
  request: z.object({ rids }),
  response: empty,
  errors: [],
  summary: 'Undo chat.presence.watch.',
})

/** A role came or went. */
export const changed = definePush({
  name: 'chat.presence.changed',
  code: 361,
  payload: presenceState,
  summary: 'A watched role, or a member of the alliance, has come or gone.',
})

/** A role is online. */
export const enter = defineInternal({
  name: 'chat.presence.enter',
  request: z.object({
    rid: id,
    uid: id,
    name: roleName,
    level: roleLevel,
    gateId: id,
    sessionId: id,
    sessionEpoch: z.number().int().nonnegative(),
  }),
  response: z.object({ channels: z.array(channelName) }),
  errors: [],
  summary: 'A role entered: mark it online and join it to its channels on its gate before answering.',
})

/** A role has another name or level. */
export const update = defineInternal({
  name: 'chat.presence.update',
  request: z.object({ rid: id, name: roleName, level: roleLevel }),
  response: empty,
  errors: [],
  summary: 'A role was renamed or has another level: what it says from now on, and its alliance, show that.',
})

/** A role is offline. */
export const leave = defineInternal({
  name: 'chat.presence.leave',
  request: z.object({ rid: id, sessionId: id, sessionEpoch: z.number().int().nonnegative() }),
  response: empty,
  errors: [],
  summary: 'A role left: clear its presence unless a newer session has entered meanwhile.',
})
