import type { Environment } from '@hydra/runtime'

/**
 * The variables that a person has set for Hydra; the services get them, whoever started the supervisor.
 *
 * @example settingsOf({ HYDRA_LOG_LEVEL: 'debug', HOME: '/root' }) // { HYDRA_LOG_LEVEL: 'debug' }
 */
export const settingsOf = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      name.startsWith('HYDRA_') && value !== undefined ? [[name, value]] : [],
    ),
  )
