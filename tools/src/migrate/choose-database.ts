import { gameConfigSchema } from '@hydra/game'
import { databaseConfigOf, type DatabaseConfig } from '@hydra/persistence'
import { configFileVariable, fileVariable, loadConfig, variablesOf, type Environment } from '@hydra/runtime'
import type { ClusterState } from '../cluster/cluster-state.ts'
import { withValues } from '../cluster/decided-settings.ts'
import { settingsOf } from '../cluster/settings.ts'

/** Where to look for a database. */
export interface Candidates {
  /** A configuration that the person names. */
  readonly config: string | undefined
  readonly defaultConfig: string
  readonly env: Environment
  /** The local cluster, if it runs. */
  readonly cluster: Pick<ClusterState, 'mysqlUrl'> | undefined
}

/** A database, and whose word it is that this is the one. */
export interface ChosenDatabase {
  readonly config: DatabaseConfig
  readonly source: string
}

/**
 * The database that a person means: that of a configuration or variable which they name, else that of the running local
 * cluster, else that of the default configuration.
 *
 * @throws HydraError `CONFIG_INVALID`
 */
export function chooseDatabase({ config, defaultConfig, env, cluster }: Candidates): ChosenDatabase {
  const names = (['mysqlUrl', 'database', 'sqliteFile'] as const)
    .flatMap((key) => variablesOf('game', ['storage', key]))
    .flatMap((name) => [name, fileVariable(name)])
    .filter((name) => env[name] !== undefined)
  if (config === undefined && names.length === 0 && cluster?.mysqlUrl !== undefined) {
    return {
      config: databaseOfCluster(cluster.mysqlUrl, defaultConfig, env),
      source: 'the running local cluster',
    }
  }
  const file = config ?? defaultConfig
  const { storage } = loadConfig({ file, schema: gameConfigSchema, service: 'game', env })
  const source = names.length > 0 ? names.join(', ') : file
  return { config: databaseConfigOf(storage), source }
}

/**
 * The database of a local cluster, with the certificates that its services are configured with.
 *
 * @throws HydraError `CONFIG_INVALID`
 */
export function databaseOfCluster(mysqlUrl: string, file: string, env: Environment): DatabaseConfig {
  const { storage } = loadConfig({
    // As services find theirs.
    file: env[configFileVariable('game')] ?? file,
    schema: gameConfigSchema,
    service: 'game',
    env: withValues('game', settingsOf(env), [
      [['storage', 'database'], 'mysql'],
      [['storage', 'mysqlUrl'], mysqlUrl],
    ]),
  })
  return databaseConfigOf(storage)
}
