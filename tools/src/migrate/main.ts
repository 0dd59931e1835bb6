import { join } from 'node:path'
import { exitCode } from '@hydra/runtime'
import { ClusterError } from '../cluster/cluster-error.ts'
import { findRunningCluster } from '../cluster/find-cluster.ts'
import { commonExitCodes, runCommand } from '../cluster/run-command.ts'
import { usageCode } from '../cluster/wanted.ts'
import { isMigration } from './migrations.ts'

const usage = `npx hydra migrate up | down --yes | status [options]: the tables of the database

  up               brings them to their latest form
  down --yes       removes them with all that is in them
  status           says which steps ran; changes nothing

  --config <file>  configuration of a game server; its variables apply too
  --dir <folder>   folder of the local cluster (default: .hydra/cluster)
  --help

The first line says which database it is: the one of --config or of a variable such as HYDRA_STORAGE_MYSQL_URL, else
that of the running local cluster, else that of data/conf/gameserver.toml. Services run "up" when they start.

Exit codes:
      0 done
${commonExitCodes}
     69 the database cannot be reached, or refuses
     70 a defect of this command
     78 the configuration is wrong
`

// What it takes is loaded when it is needed: help is there at once.
await runCommand(
  usage,
  {
    allowPositionals: true,
    options: {
      config: { type: 'string' },
      dir: { type: 'string' },
      yes: { type: 'boolean', default: false },
    },
  },
  async ({ values, positionals }) => {
    const [name = '', ...more] = positionals
    if (!isMigration(name) || more.length > 0) throw new ClusterError(usage, usageCode)
    if (name === 'down' && !values.yes) {
      const text = '"down" deletes all accounts, roles and storage objects: add --yes.'
      throw new ClusterError(text, usageCode)
    }
    const { migrateDatabase } = await import('./migrate-database.ts')
    const told = await migrateDatabase(name, {
      config: values.config,
      defaultConfig: join('data', 'conf', 'gameserver.toml'),
      env: process.env,
      cluster: await findRunningCluster(values.dir),
    })
    process.stdout.write(told)
    return exitCode.stopped
  },
)
