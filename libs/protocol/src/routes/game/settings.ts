import * as z from 'zod'
import { defineRoute } from '../../define-route.ts'
import { limits } from '../../limits.ts'
import { empty } from '../shared.ts'

/** Beginning with a letter, so that no key is one that objects have of themselves, such as `__proto__`. */
const key = z
  .string()
  .max(limits.settingKeyMaxChars, `a key of at most ${limits.settingKeyMaxChars} characters`)
  .regex(/^[A-Za-z][A-Za-z0-9._-]*$/, 'a key of letters, digits, ".", "_" and "-" that begins with a letter')
const value = z.union([z.string().max(limits.settingValueMaxChars), z.number(), z.boolean()])

// Of a wrong key zod says no more than that it is wrong; what a key should be is in the issues of the key.
const sayWhatKeysAre = {
  error: (issue: { code?: string; issues?: unknown }) =>
    issue.code === 'invalid_key' ? (issue.issues as z.core.$ZodIssue[])[0]?.message : undefined,
}

/** What a player has set: key bindings, volumes, language. The server keeps it and reads nothing into it. */
export const roleSettings = z.record(key, value, sayWhatKeysAre)

/** A change of {@link roleSettings}: `null` removes a key; keys that it does not mention stay. */
export const roleSettingsChange = z
  .record(
    key,
    z.union([...value.options, z.null()], 'a text, a number, `true` or `false`; `null` to remove'),
    sayWhatKeysAre,
  )
  .refine(
    (changes) => Object.keys(changes).length <= limits.settingsPerRoleMax,
    `at most ${limits.settingsPerRoleMax} keys at one time`,
  )
  .describe(
    '`null` removes a key; keys that are not mentioned stay. Keys are letters, digits, `.`, `_` and `-`, a letter first.',
  )

/** Type of {@link roleSettings}. */
export type RoleSettings = Readonly<z.output<typeof roleSettings>>
/** Type of {@link roleSettingsChange}. */
export type RoleSettingsChange = Readonly<z.output<typeof roleSettingsChange>>

const answer = z.object({
  settings: roleSettings,
  version: z.number().int().nonnegative().describe("The role's version, as in `game.role.get`."),
})

/** Reads the settings. */
export const get = defineRoute({
  name: 'game.settings.get',
  code: 207,
  kind: 'request',
  auth: 'role',
  request: empty,
  response: answer,
  errors: [],
  summary: "The player's own settings, which are kept with the entered role.",
})

/** Changes settings. */
export const set = defineRoute({
  name: 'game.settings.set',
  code: 208,
  kind: 'request',
  auth: 'role',
  request: z.object({ changes: roleSettingsChange }),
  response: answer,
  errors: ['SETTINGS_LIMIT_REACHED'],
  summary: 'Set or remove some settings, all of them or none. They are stored when the answer arrives.',
})
