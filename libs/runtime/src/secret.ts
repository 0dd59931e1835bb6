import { z } from 'zod'

/** Marks a schema as holding a secret. */
export interface SecretMark {
  /** Whether the value is the secret, or a URL with a password in it. */
  readonly holds: 'value' | 'url'
  /** What stands in the source, in examples or in docker-compose.yml: good for development only. */
  readonly publicValues: readonly string[]
  /** Whether the section makes use of the value; always, when absent. */
  readonly isUsed?: (section: Readonly<Record<string, unknown>>) => boolean
}

/** Which schemas hold secrets; read by `loadConfig`. */
export const secretMarks = z.registry<SecretMark>()

/** Passwords that docker-compose.yml, data/security and the examples of the configuration files show. */
const publicPasswords: readonly string[] = [
  'hydra',
  'secret',
  'change-me',
  'change-me-too',
  'a-token-for-prometheus',
]

const secretMinChars = 32
const secretText = z.string().min(secretMinChars)

/**
 * A secret of at least 32 characters with a default for development. In production mode `loadConfig` refuses that
 * default; secrets come from the environment or from files of their own there, never from a configuration file.
 *
 * @example z.strictObject({ apiKey: secretString('development-only-secret-of-the-api') })
 */
export const secretString = (developmentDefault: string): z.ZodDefault<z.ZodString> =>
  secretText
    .default(developmentDefault)
    .register(secretMarks, { holds: 'value', publicValues: [developmentDefault] })

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
    .register(secretMarks, { holds: 'value', publicValues: [developmentDefault] })

/**
 * A password or token that another program has given out, so of any length. Otherwise as {@link secretString}, without a
 * default.
 *
 * @example z.strictObject({ natsPassword: password().optional() })
 */
export const password = (): z.ZodString =>
  z.string().min(1).register(secretMarks, { holds: 'value', publicValues: publicPasswords })

/**
 * Headers as `name=value`, which are secrets: what an endpoint asks for is a key. Otherwise as {@link password}.
 *
 * @example z.strictObject({ headers: secretHeaders(/=./, 'a header', 16).optional() })
 */
export const secretHeaders = (form: RegExp, error: string, max: number): z.ZodArray<z.ZodString> =>
  z
    .array(z.string().regex(form, error))
    .max(max)
    .register(secretMarks, {
      holds: 'value',
      publicValues: ['authorization=Bearer abc'],
    })

/**
 * Says that URLs of this form may hold a password, which is a secret then.
 *
 * @param isUsed whether the section makes use of the URL; always, when absent
 * @example z.strictObject({ redisUrl: urlWithPassword(z.url({ protocol: /^redis$/ })) })
 */
export const urlWithPassword = (url: z.ZodURL, isUsed?: SecretMark['isUsed']): z.ZodURL =>
  url.register(secretMarks, {
    holds: 'url',
    publicValues: publicPasswords,
    ...(isUsed === undefined ? {} : { isUsed }),
  })

/** The secrets in a value under a mark. Text that is no URL has none; the schema refuses it. */
export function secretsIn(value: unknown, { holds }: SecretMark): readonly string[] {
  const texts = (Array.isArray(value) ? value : [value]).filter(
    (text): text is string => typeof text === 'string' && text !== '',
  )
  return holds === 'value' ? texts : texts.map(passwordOf).filter((text) => text !== '')
}

function passwordOf(url: string): string {
  if (!URL.canParse(url)) return ''
  const { password: encoded } = new URL(url)
  try {
    return decodeURIComponent(encoded)
  } catch {
    return encoded
  }
}
