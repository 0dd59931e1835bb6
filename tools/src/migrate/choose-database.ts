import { gameConfigSchema } from '@hydra/game'
import { databaseConfigOf, type DatabaseConfig } from '@hydra/persistence'
import { loadConfig, variablesOf, type Environment } from '@hydra/runtime'
import type { ClusterState } from '../cluster/cluster-state.ts'

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
  const names = (['mysqlUrl', 'mysqlUrlFile', 'database', 'sqliteFile'] as const)
    .flatMap((key) => variablesOf('game', ['storage', key]))
    .filter((name) => env[name] !== undefined)
  if (config === undefined && names.length === 0 && cluster?.mysqlUrl !== undefined) {
    return { config: { kind: 'mysql', url: cluster.mysqlUrl }, source: 'the running local cluster' }
  }
  const file = config ?? defaultConfig
  const { storage } = loadConfig({ file, schema: gameConfigSchema, service: 'game', env })
  const source = names.length > 0 ? names.join(', ') : file
  return { config: databaseConfigOf(storage), source }
}
