import { z } from 'zod'

/** Marks a schema as holding a secret. */
interface SecretMark {
  /** Public, since it is in the source: good for development only. */
  readonly developmentDefault: string
}

/** Which schemas hold secrets; read by `loadConfig`. */
export const secretMarks = z.registry<SecretMark>()

const secretMinChars = 32
const secretText = z.string().min(secretMinChars)

/**
 * A secret of at least 32 characters with a default for development. In production mode `loadConfig` refuses that
 * default; secrets come from the environment there, never from a file.
 *
 * @example z.strictObject({ apiKey: secretString('development-only-secret-of-the-api') })
 */
export const secretString = (developmentDefault: string): z.ZodDefault<z.ZodString> =>
  secretText.default(developmentDefault).register(secretMarks, { developmentDefault })

/**
 * One to four secrets that are valid at the same time, the first being the one in use, so that a secret can be
 * replaced without a moment in which what the former one signed is refused. Otherwise as {@link secretString}.
 *
 * @example z.strictObject({ secrets: secretList('development-only-secret-of-tokens') })
 */
export const secretList = (developmentDefault: string): z.ZodDefault<z.ZodArray<z.ZodString>> =>
  z
    .array(secretText)
    .min(1)
    .max(4)
    .default([developmentDefault])
    .register(secretMarks, { developmentDefault })
