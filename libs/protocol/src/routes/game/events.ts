import * as z from 'zod'
import { disconnectReason } from '../../disconnect-reasons.ts'
import { defineEvent } from '../../define-event.ts'
import { id, roleName } from '../shared.ts'

const role = { rid: id, uid: id }
const level = z.number().int().min(1)

/** Published when a role has been created. */
export const roleCreated = defineEvent({
  name: 'game.role.created',
  payload: z.object({ ...role, name: roleName }),
  summary: 'A role was created; it is stored.',
})

/** Published when a role has been entered. */
export const roleEntered = defineEvent({
  name: 'game.role.entered',
  payload: z.object({ ...role, name: roleName, level, sessionId: id, gateId: id }),
  summary: 'A session has entered a role.',
})

/** Published when a role has another name. */
export const roleRenamed = defineEvent({
  name: 'game.role.renamed',
  payload: z.object({ ...role, name: roleName, former: roleName }),
  summary: 'A role has another name; it is stored.',
})

/** Published when a role has another level. */
export const roleLevelChanged = defineEvent({
  name: 'game.role.levelChanged',
  payload: z.object({ ...role, level, former: level }),
  summary: 'A role has another level; it is stored.',
})

/** Published when a role has been saved and released. */
export const roleLeft = defineEvent({
  name: 'game.role.left',
  payload: z.object({
    ...role,
    sessionId: id,
    reason: disconnectReason,
    epoch: z.number().int(),
    version: z.number().int(),
  }),
  summary:
    'A role left: its last version is in the database, its cache entries are gone, its ownership is free.',
})
