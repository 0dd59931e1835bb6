import { services, type Service } from '@hydra/protocol'
import { exitCode, fileVariable, variablesOf, variableValue, type Environment } from '@hydra/runtime'
import { ClusterError } from './cluster-error.ts'

/** What a cluster decides for all of its services: they meet nowhere else, and save nowhere else. */
const decidedPaths = [
  ['cluster', 'env'],
  ['cluster', 'driver'],
  ['cluster', 'natsServers'],
  ['cluster', 'etcdHosts'],
  ['storage', 'database'],
  ['storage', 'mysqlUrl'],
  ['storage', 'stores'],
  ['storage', 'redisUrl'],
  ['storage', 'keyPrefix'],
] as const

/** A key of the configuration: section and name. */
export type KeyPath = readonly [section: string, key: string]

/**
 * What the person at the terminal says of a key for all services, by variable or by `_FILE` variable.
 *
 * @throws VariableProblem, of which the configuration of the services has told before
 * @example sharedValue(process.env, ['storage', 'mysqlUrl']) // 'mysql://…'
 */
export function sharedValue(env: Environment, path: KeyPath): string | undefined {
  // Those of a single service are refused, so it does not matter which one is asked for.
  const value = variableValue('game', path, env)?.text
  return value === '' ? undefined : value
}

/**
 * Refuses variables that say of one service what a cluster has to decide for all.
 *
 * @throws ClusterError (exit code 78) naming the variable
 */
export function refuseSingleSettings(env: Environment): void {
  for (const path of decidedPaths) {
    for (const service of services) {
      const [own = '', all = ''] = variablesOf(service, path)
      const found = [own, fileVariable(own)].find((name) => env[name] !== undefined)
      if (found === undefined) continue
      const advice = `unset it, or set ${all} for all of them`
      throw new ClusterError(
        `${found} is for ${service} alone, but the services of a local cluster have one ${path.join('.')}: ${advice}.`,
        exitCode.config,
      )
    }
  }
}

/**
 * A service's variables with these values of keys, whatever set them before: a variable of the service or of all, or a
 * file that one names.
 *
 * @example withValues('gate', { HYDRA_LOG_LEVEL: 'debug' }, [[['gate', 'port'], '3251']])
 */
export function withValues(
  service: Service,
  env: Readonly<Record<string, string>>,
  values: readonly (readonly [path: KeyPath, value: string])[],
): Record<string, string> {
  const left = { ...env }
  for (const [path, value] of values) {
    const [own = '', all = ''] = variablesOf(service, path)
    for (const name of [own, all]) {
      delete left[name]
      delete left[fileVariable(name)]
    }
    left[all] = value
  }
  return left
}
