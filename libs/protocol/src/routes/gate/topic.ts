import * as z from 'zod'
import { defineInternal } from '../../define-route.ts'
import { id } from '../shared.ts'

/** Name of a topic; part of a bus subject, hence the narrow alphabet. */
export const topicName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,96}$/, 'a topic of 1 to 96 letters, digits, "-" or "_"')

/** Most topics that one call may name. */
export const topicsPerCallMax = 64

const membership = z.object({ sessionId: id, topics: z.array(topicName).min(1).max(topicsPerCallMax) })

/** Adds a session to topics. */
export const join = defineInternal({
  name: 'gate.topic.join',
  request: membership.extend({
    insteadOf: z
      .array(topicName)
      .max(8)
      .optional()
      .describe('The session leaves its topics that begin with one of these and are not named.'),
  }),
  response: z.object({ found: z.boolean() }),
  errors: [],
  summary:
    'Let a session of this gate receive what is published to the topics. Answered once the gate is subscribed.',
})

/** Removes a session from topics. */
export const leave = defineInternal({
  name: 'gate.topic.leave',
  request: membership,
  response: z.object({ found: z.boolean() }),
  errors: [],
  summary: 'Stop delivering the topics to a session of this gate.',
})
