import * as z from 'zod'
import { defineRoute } from '../../define-route.ts'
import { limits } from '../../limits.ts'
import { empty, id } from '../shared.ts'

const muted = z.object({ rids: z.array(id).max(limits.mutedRolesMax) })

/** Mutes a role. */
export const add = defineRoute({
  name: 'chat.mute.add',
  code: 311,
  kind: 'request',
  auth: 'role',
  request: z.object({ rid: id }),
  response: muted,
  errors: ['MUTE_LIMIT_REACHED', 'ROLE_NOT_FOUND'],
  summary:
    'Take no private messages from a role any more: its sender is told MUTED. In other channels the client leaves out what muted roles say; there it counts as unread.',
})

/** Unmutes a role. */
export const remove = defineRoute({
  name: 'chat.mute.remove',
  code: 312,
  kind: 'request',
  auth: 'role',
  request: z.object({ rid: id }),
  response: muted,
  errors: [],
  summary: 'Hear a role again.',
})

/** Lists the muted roles. */
export const list = defineRoute({
  name: 'chat.mute.list',
  code: 313,
  kind: 'request',
  auth: 'role',
  request: empty,
  response: muted,
  errors: [],
  summary: 'The roles that this role has muted.',
})
