import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gameConfigSchema } from '@hydra/game'
import { databaseConfigOf, migrate, migrationStatus, openDatabase, type Database } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import { exitCode, loadConfig, systemClock } from '@hydra/runtime'

const usage = `npm run migrate -- <command> [options]: the tables of the database

  up              brings them to their latest form
  down --yes      removes them with all that is in them
  status          says which steps ran; changes nothing

  --config <file> configuration of a game server (default: data/conf/gameserver.toml); its variables apply too
  --help
`

const commands: Readonly<Record<string, (database: Database) => Promise<string>>> = {
  up: async (database) => listed('up', await migrate(database)),
  down: async (database) => listed('down', await migrate(database, { to: 'none' })),
  async status(database) {
    const steps = await migrationStatus(database)
    return steps
      .map(({ name, executedAt }) => `${executedAt?.toISOString() ?? 'not yet'.padEnd(24)}  ${name}\n`)
      .join('')
  },
}

const { values: args, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    config: { type: 'string', default: join(import.meta.dirname, '../../../data/conf/gameserver.toml') },
    yes: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (args.help) process.stdout.write(usage)
else process.exitCode = await run(positionals[0] ?? '')

async function run(name: string): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined || positionals.length > 1 || (name === 'down' && !args.yes)) {
    process.stderr.write(
      name === 'down'
        ? `"down" deletes all accounts, roles and storage objects: add --yes.\n\n${usage}`
        : usage,
    )
    return 2
  }
  try {
    const { storage } = loadConfig({ file: args.config, schema: gameConfigSchema, service: 'game' })
    const database = openDatabase(databaseConfigOf(storage), { clock: systemClock })
    try {
      process.stdout.write(`${database.address}\n${await command(database)}`)
    } finally {
      await database.close()
    }
    return 0
  } catch (error) {
    if (!(error instanceof HydraError)) throw error
    const cause = error.cause instanceof Error ? `\n  ${error.cause.message}` : ''
    process.stderr.write(`${error.message}${cause}\n`)
    return error.code === 'CONFIG_INVALID' ? exitCode.config : exitCode.unavailable
  }
}

function listed(direction: string, ran: readonly string[]): string {
  return ran.length === 0 ? 'Nothing to do.\n' : ran.map((step) => `${direction}  ${step}\n`).join('')
}
