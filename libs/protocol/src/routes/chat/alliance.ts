import * as z from 'zod'
import { definePush } from '../../define-route.ts'
import { limits } from '../../limits.ts'
import { plainText } from '../../text.ts'
import { empty, id } from '../shared.ts'
import { allianceRoute, cursor, limit, next, oneAlliance } from './alliance-route.ts'
import { allianceEvent, alliancePolicy, allianceRank, allianceView } from './alliance-views.ts'

const name = z
  .string()
  .min(limits.allianceNameMinChars)
  .max(limits.allianceNameMaxChars)
  .regex(
    /^(?!.* {2})(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{N}](?:[\p{L}\p{M}\p{N} _.'-]*[\p{L}\p{M}\p{N}])?$/u,
    "letters, digits, inner blanks and _ . - '",
  )
  .describe("Letters and digits of any script; blanks and `_ . - '` inside.")
const tag = z
  .string()
  .regex(
    new RegExp(
      `^(?!.*\\p{Default_Ignorable_Code_Point})[\\p{L}\\p{N}]{${limits.allianceTagMinChars},${limits.allianceTagMaxChars}}$`,
      'u',
    ),
    `${limits.allianceTagMinChars} to ${limits.allianceTagMaxChars} letters or digits`,
  )
  .describe(
    `${limits.allianceTagMinChars} to ${limits.allianceTagMaxChars} letters or digits, shown beside the names of members.`,
  )
const notice = plainText({ minGraphemes: 0, maxGraphemes: limits.allianceNoticeMaxGraphemes, lines: true })
const description = plainText({
  minGraphemes: 0,
  maxGraphemes: limits.allianceDescriptionMaxGraphemes,
  lines: true,
})
const minLevel = z.number().int().min(1).max(1_000)
const settings = { policy: alliancePolicy, minLevel, notice, description }

/** Founds an alliance. */
export const create = allianceRoute({
  name: 'chat.alliance.create',
  code: 325,
  request: z.object({
    name,
    tag,
    description: description.default(''),
    policy: alliancePolicy.default('apply'),
    minLevel: minLevel.default(1),
  }),
  response: z.object({ alliance: allianceView }),
  errors: [
    'ALLIANCE_NAME_TAKEN',
    'ALLIANCE_TAG_TAKEN',
    'ALREADY_IN_ALLIANCE',
    'TEXT_REFUSED',
    'FUNDS_TOO_LOW',
    'HOLD_LIMIT_REACHED',
    'CHAT_NOT_JOINED',
  ],
  summary:
    'Found an alliance and lead it. Its price is taken from the role, and given back if it is not founded.',
})

/** Reads an alliance. */
export const get = allianceRoute({
  name: 'chat.alliance.get',
  code: 326,
  request: oneAlliance,
  response: z.object({ alliance: allianceView }),
  errors: ['ALLIANCE_NOT_FOUND'],
  summary: 'What everybody may know about an alliance.',
})

/** Reads the own alliance. */
export const mine = allianceRoute({
  name: 'chat.alliance.mine',
  code: 327,
  request: empty,
  response: z.object({
    alliance: allianceView.extend({ notice: z.string() }).optional(),
    rank: allianceRank.optional(),
  }),
  errors: [],
  summary: 'The alliance of this role and its rank there; neither when it is in none.',
})

/** Searches alliances. */
export const search = allianceRoute({
  name: 'chat.alliance.search',
  code: 328,
  request: z.object({
    text: z
      .string()
      .trim()
      .max(limits.allianceNameMaxChars)
      .default('')
      .describe('Beginning of a name or a tag, whatever the case; empty: all.'),
    cursor,
    limit,
  }),
  response: z.object({ alliances: z.array(allianceView), next }),
  errors: [],
  summary: 'Alliances by name or tag, in order of their names.',
})

/** Changes what is written about the alliance and who may join. */
export const update = allianceRoute({
  name: 'chat.alliance.update',
  code: 345,
  request: z
    .object(settings)
    .partial()
    .refine((change) => Object.values(change).some((value) => value !== undefined), 'at least one change'),
  response: z.object({ alliance: allianceView.extend({ notice: z.string() }) }),
  errors: ['NOT_IN_ALLIANCE', 'ALLIANCE_RANK_TOO_LOW', 'TEXT_REFUSED'],
  summary: 'Change notice, description, join policy or minimum level; what is not mentioned stays.',
})

/** Ends the alliance. */
export const disband = allianceRoute({
  name: 'chat.alliance.disband',
  code: 346,
  request: empty,
  response: empty,
  errors: ['NOT_IN_ALLIANCE', 'ALLIANCE_RANK_TOO_LOW'],
  summary: 'End the alliance: everybody is out, name and tag are free again.',
})

/** Reads the log. */
export const log = allianceRoute({
  name: 'chat.alliance.log',
  code: 347,
  request: z.object({
    beforeSeq: z.number().int().min(1).optional().describe('Only earlier ones; absent: the latest.'),
    limit,
  }),
  response: z.object({ events: z.array(allianceEvent), hasMore: z.boolean() }),
  errors: ['NOT_IN_ALLIANCE'],
  summary: 'What has happened in the alliance, the latest first.',
})

/** Something has changed in the alliance. */
export const changed = definePush({
  name: 'chat.alliance.changed',
  code: 371,
  payload: z.object({ allianceId: id, event: allianceEvent }),
  summary:
    'Something has changed in the alliance of this role. Sent to all members; that it was disbanded, chat.alliance.answered tells the members.',
})
