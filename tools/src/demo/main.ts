import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createRoles, openDatabase, type Database } from '@hydra/persistence'
import { delay, systemClock } from '@hydra/runtime'
import { playDemo } from './play-demo.ts'

const usage = `npm run demo [-- options]: play the main job against running services

  --http <url>         where http answers (default: http://127.0.0.1:9001)
  --database <where>   the database to look into: a SQLite file or a mysql:// url (default: .hydra/hydra.sqlite)
  --help
`

const { values: args } = parseArgs({
  options: {
    http: { type: 'string', default: 'http://127.0.0.1:9001' },
    database: { type: 'string', default: '.hydra/hydra.sqlite' },
    help: { type: 'boolean', default: false },
  },
})

if (args.help) process.stdout.write(usage)
else process.exitCode = await run()

async function run(): Promise<number> {
  if (!(await answers(args.http))) {
    console.error(`Nothing answers at ${args.http}. Start the services first: npm start`)
    return 69
  }
  const database = openGivenDatabase(args.database)
  if (database === undefined) {
    console.error(
      `There is no database at ${args.database}. Name the one that the services use with --database.`,
    )
    return 69
  }
  try {
    return (await playDemo({ httpUrl: args.http, roleSaved: rowAppears(database) })) ? 0 : 1
  } finally {
    await database.close()
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(new URL('/healthz', url))).ok
  } catch {
    return false
  }
}

function openGivenDatabase(where: string): Database | undefined {
  const deps = { clock: systemClock }
  if (where.startsWith('mysql:')) return openDatabase({ kind: 'mysql', url: where }, deps)
  return existsSync(where) ? openDatabase({ kind: 'sqlite', file: where }, deps) : undefined
}

/** A program outside the cluster can only look into the database until the row is there. */
function rowAppears(database: Database): (rid: string, name: string) => Promise<string> {
  const roles = createRoles(database, { clock: systemClock })
  return async (rid, name) => {
    for (let attempt = 0; attempt < 200; attempt++) {
      const row = await roles.find(rid)
      if (row?.name === name) return `the database row: ${JSON.stringify(row)}`
      await delay(systemClock, 100)
    }
    throw new Error(`The database has no role ${rid} named "${name}" after 20 s.`)
  }
}
