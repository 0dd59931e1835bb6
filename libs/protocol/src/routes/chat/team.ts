import * as z from 'zod'
import { defineInternal } from '../../define-route.ts'
import { limits } from '../../limits.ts'
import { empty, id } from '../shared.ts'

/** The members of a team. */
export const update = defineInternal({
  name: 'chat.team.update',
  request: z.object({
    teamId: id,
    version: z
      .number()
      .int()
      .min(1)
      .describe('Grows with each change of the team: an older one changes nothing.'),
    rids: z
      .array(id)
      .max(limits.teamMembersMax)
      .describe('Who is in the team now; nobody: the team is no more.'),
  }),
  response: empty,
  errors: [],
  summary:
    'The members of a team are now these: they join its channel, and whoever is not among them any more leaves it. Safe to repeat.',
})
