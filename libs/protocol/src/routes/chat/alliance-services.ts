import * as z from 'zod'
import { defineInternal } from '../../define-route.ts'
import { empty, id } from '../shared.ts'

/** Sets the level of an alliance. */
export const setLevel = defineInternal({
  name: 'chat.alliance.setLevel',
  request: z.object({ allianceId: id, level: z.number().int().min(1).max(1_000) }),
  response: empty,
  errors: ['ALLIANCE_NOT_FOUND'],
  summary: 'The alliance has this level now, by which its capacity goes. Members that are too many stay.',
})

/** Tells whether a payment has bought an alliance. */
export const outcome = defineInternal({
  name: 'chat.alliance.outcome',
  request: z.object({ allianceId: id }),
  response: z.object({ founded: z.boolean() }),
  errors: ['STORAGE_UNAVAILABLE'],
  summary:
    'Whether the founding under this id, which is also the id of its payment, has taken place. If not, it never will: it is refused from now on.',
})
