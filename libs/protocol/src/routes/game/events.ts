import * as z from 'zod'
import { disconnectReason } from '../../disconnect-reasons.ts'
import { defineEvent } from '../../define-event.ts'
import { id } from '../shared.ts'

/** Published when a role has been saved and released. */
export const roleLeft = defineEvent({
  name: 'game.role.left',
  payload: z.object({
    rid: id,
    uid: id,
    sessionId: id,
    reason: disconnectReason,
    epoch: z.number().int(),
    version: z.number().int(),
  }),
  summary:
    'A role left: its last version is in the database, its cache entries are gone, its ownership is free.',
})
