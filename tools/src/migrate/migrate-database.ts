import { migrate, migrationStatus, openDatabase, type Database } from '@hydra/persistence'
import { systemClock } from '@hydra/runtime'
import { chooseDatabase, type Candidates } from './choose-database.ts'
import type { Migration } from './migrations.ts'

const commands: Readonly<Record<Migration, (database: Database) => Promise<string>>> = {
  up: async (database) => listed('up', await migrate(database)),
  down: async (database) => listed('down', await migrate(database, { to: 'none' })),
  async status(database) {
    const steps = await migrationStatus(database)
    return steps
      .map(({ name, executedAt }) => `${executedAt?.toISOString() ?? 'not yet'.padEnd(24)}  ${name}\n`)
      .join('')
  },
}

/**
 * Runs a command on the database that is meant.
 *
 * @returns which one that was, and what was done
 * @throws HydraError `CONFIG_INVALID`, `STORAGE_UNAVAILABLE`
 */
export async function migrateDatabase(name: Migration, candidates: Candidates): Promise<string> {
  const { config, source } = chooseDatabase(candidates)
  const database = openDatabase(config, { clock: systemClock })
  try {
    return `${database.address} (${source})\n${await commands[name](database)}`
  } finally {
    await database.close()
  }
}

function listed(direction: string, ran: readonly string[]): string {
  return ran.length === 0 ? 'Nothing to do.\n' : ran.map((step) => `${direction}  ${step}\n`).join('')
}
