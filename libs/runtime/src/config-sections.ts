import { z } from 'zod'
import { logLevels } from './logger.ts'
import { isLoopback, withProductionRules } from './production-rules.ts'
import { password, secretList } from './secret.ts'

/** Section `[service]` of every service. */
export const serviceConfigSchema = z
  .strictObject({
    mode: z
      .enum(['development', 'production'])
      .default('development')
      .describe(
        'Production refuses secrets that are public or stand in a configuration file, and warns of what is open to others. `HYDRA_MODE` sets it too.',
      ),
    stopTimeoutMs: z
      .int()
      .min(100)
      .max(600_000)
      .default(4_500)
      .describe(
        'How long saving and closing everything may take after SIGTERM; then the process gives up and exits 1.',
      ),
  })
  .describe('The process as a whole.')

/** Section `[log]` of every service. */
export const logConfigSchema = z
  .strictObject({
    level: z.enum(logLevels).default('info').describe('The least that is written.'),
  })
  .describe('The log: one JSON object per line, on stdout.')

/**
 * Section `[ops]`: where `/healthz`, `/readyz` and `/metrics` are served, by default to this machine only.
 *
 * @example z.strictObject({ ops: opsConfigSchema(9101).prefault({}) })
 */
export const opsConfigSchema = (defaultPort: number) =>
  withProductionRules(opsSection(defaultPort), ({ enabled, host, token }) =>
    enabled && !isLoopback(host) && token === undefined
      ? [
          {
            key: 'token',
            problem: '`[ops]` is open to other machines: whoever reaches its port reads all metrics.',
          },
        ]
      : [],
  )

const opsSection = (defaultPort: number) =>
  z
    .strictObject({
      enabled: z.boolean().default(true).describe('Whether they are served.'),
      host: z
        .string()
        .min(1)
        .default('127.0.0.1')
        .describe('Address of this machine on which they are served.'),
      port: z
        .int()
        .min(0)
        .max(65_535)
        .default(defaultPort)
        .describe('Where they are served; 0: any free port, which the log names.'),
      token: password()
        .min(16)
        .optional()
        .meta({ example: 'a-token-for-prometheus' })
        .describe(
          'What a caller must show, as `authorization: Bearer …`, to see metrics and what each check of `/readyz` says. When absent: nothing. From the environment or a file in production.',
        ),
    })
    .describe('`/healthz`, `/readyz` and `/metrics`, for operators; not for players.')

/** Section `[token]` of the services that sign (http) or verify (gate) account tokens; must be equal in both. */
export const tokenConfigSchema = z
  .strictObject({
    secrets: secretList('development-only-token-secret-never-use-in-production').describe(
      'At least 32 characters each: the first signs, all verify. To replace a secret in three steps, each on all http servers and gates before the next: the new one behind the old one; in front of it; and, `ttlSeconds` later, without the old one. From the environment or a file in production.',
    ),
    ttlSeconds: z
      .int()
      .min(10)
      .max(2_592_000)
      .default(3_600)
      .describe('How long a token can be shown to a gate.'),
    renewableSeconds: z
      .int()
      .min(0)
      .max(31_536_000)
      .default(86_400)
      .describe(
        'How long after a login with the password gates renew the tokens of those who play on; 0: they do not. Renewing ends with a ban.',
      ),
  })
  .describe('What signs (http) and verifies (gate) account tokens; equal in both.')

/** Type of {@link serviceConfigSchema}. */
export type ServiceConfig = z.output<typeof serviceConfigSchema>
/** Type of {@link logConfigSchema}. */
export type LogConfig = z.output<typeof logConfigSchema>
/** Type of {@link opsConfigSchema}. */
export type OpsConfig = z.output<ReturnType<typeof opsConfigSchema>>
/** Type of {@link tokenConfigSchema}. */
export type TokenConfig = z.output<typeof tokenConfigSchema>
