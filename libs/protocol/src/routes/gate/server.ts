import * as z from 'zod'
import { definePush } from '../../define-route.ts'

/** A gate is about to close. */
export const draining = definePush({
  name: 'gate.server.draining',
  code: 151,
  payload: z.object({
    closesInMs: z.number().int().nonnegative().describe('Until this gate closes what is still connected.'),
  }),
  summary:
    'This gate takes no new connections and closes soon: connect to another. Requests are answered until then.',
})
