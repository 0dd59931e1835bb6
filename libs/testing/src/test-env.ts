import { TestServerError } from './test-server-error.ts'

/** The four outside systems that Hydra runs on. `mysql` is MariaDB or MySQL. */
export const serverKinds = ['mysql', 'redis', 'nats', 'etcd'] as const

/** One of {@link serverKinds}. */
export type ServerKind = (typeof serverKinds)[number]

/** The part of `process.env` that is read here; passed in so that decisions can be tested as plain functions. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The variable that carries the url of each server, set by a person or by whoever started the shared servers. */
export const urlVariables: Readonly<Record<ServerKind, string>> = Object.freeze({
  mysql: 'HYDRA_TEST_MYSQL_URL',
  redis: 'HYDRA_TEST_REDIS_URL',
  nats: 'HYDRA_TEST_NATS_URL',
  etcd: 'HYDRA_TEST_ETCD_URL',
})

/** `embedded` keeps every test on the embedded drivers. */
export const backendsVariable = 'HYDRA_TEST_BACKENDS'

/** Replaces the folders in which server binaries are looked for (a list like `PATH`). */
export const serverPathVariable = 'HYDRA_TEST_SERVER_PATH'

/**
 * The temporary folder of the run. Every process of a run carries it in its environment, which is how the watchdog
 * finds what is left over; runs inside a run put their own folder into it.
 */
export const dirVariable = 'HYDRA_TEST_DIR'

/** An initialised MariaDB data folder of this run, to be copied instead of made anew. */
export const mysqlTemplateVariable = 'HYDRA_TEST_MYSQL_TEMPLATE'

/**
 * Whether this run leaves the real servers out.
 *
 * @throws TestServerError `ENVIRONMENT_WRONG` when the variable holds anything but `embedded`, `real` or nothing
 * @example isEmbedded({ HYDRA_TEST_BACKENDS: 'embedded' }) // true
 */
export const isEmbedded = (env: Environment): boolean => {
  const value = env[backendsVariable] ?? ''
  if (value === 'embedded') return true
  if (value === '' || value === 'real') return false
  throw new TestServerError(
    'ENVIRONMENT_WRONG',
    `${backendsVariable} is "${value}"; it may be "embedded" (no servers) or "real" (the default).`,
  )
}
