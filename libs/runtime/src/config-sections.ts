import { z } from 'zod'
import { logLevels } from './logger.ts'
import { secretList } from './secret.ts'

/** Section `[service]` of every service. */
export const serviceConfigSchema = z.strictObject({
  /** `production` refuses development secrets. */
  mode: z.enum(['development', 'production']).default('development'),
  /** After a signal to stop: how long saving and closing may take before the process gives up and exits 1. */
  stopTimeoutMs: z.int().min(100).max(600_000).default(4_500),
})

/** Section `[log]` of every service. */
export const logConfigSchema = z.strictObject({
  level: z.enum(logLevels).default('info'),
})

/**
 * Section `[ops]`: where `/healthz`, `/readyz` and `/metrics` are served, by default to this machine only.
 *
 * @example z.strictObject({ ops: opsConfigSchema(9101).prefault({}) })
 */
export const opsConfigSchema = (defaultPort: number) =>
  z.strictObject({
    enabled: z.boolean().default(true),
    host: z.string().min(1).default('127.0.0.1'),
    /** 0: any free port, which the log names. */
    port: z.int().min(0).max(65_535).default(defaultPort),
  })

/** Section `[token]` of the services that sign (http) or verify (gate) account tokens; must be equal in both. */
export const tokenConfigSchema = z.strictObject({
  /** The first signs, all verify. */
  secrets: secretList('development-only-token-secret-never-use-in-production'),
  /** How long a token can be shown to a gate. */
  ttlSeconds: z.int().min(10).max(2_592_000).default(3_600),
})

/** Type of {@link serviceConfigSchema}. */
export type ServiceConfig = z.output<typeof serviceConfigSchema>
/** Type of {@link logConfigSchema}. */
export type LogConfig = z.output<typeof logConfigSchema>
/** Type of {@link opsConfigSchema}. */
export type OpsConfig = z.output<ReturnType<typeof opsConfigSchema>>
/** Type of {@link tokenConfigSchema}. */
export type TokenConfig = z.output<typeof tokenConfigSchema>
