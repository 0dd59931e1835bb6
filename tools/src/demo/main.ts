import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createRoles, openDatabase, type Database } from '@hydra/persistence'
import { delay, systemClock } from '@hydra/runtime'
import { answers, defaultHttpUrl, localCluster, nothingAnswers } from '../bots/http-url.ts'
import { playDemo } from './play-demo.ts'

const usage = `usage: npm run demo [-- options], or npx hydra demo [options]

Plays the main job against running services: two players register, chat, found an alliance, fight as a team, come back.

  --http <url>         where http answers (default: the running local cluster's, else http://127.0.0.1:9001)
  --database <where>   the database to look into: a SQLite file or a mysql:// url (default: the local cluster's, else
                       .hydra/hydra.sqlite);
                       none: where it cannot be reached, or speaks only TLS, the other player looks whether the role was
                       saved and left
  --help

Exit codes:
  0   all of it worked
  1   a step did not; it is named
  2   wrong use
  69  nothing answers at that address, or the database is not there
`

/** The database of a cluster fits its http only: neither is guessed where the other is said. */
const cluster = await localCluster()

const { values: args } = parseArgs({
  options: {
    http: { type: 'string', default: defaultHttpUrl(cluster) },
    database: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (args.help) process.stdout.write(usage)
else process.exitCode = await run()

async function run(): Promise<number> {
  const isOfCluster = args.http === cluster?.httpUrl
  const where = args.database ?? (isOfCluster ? cluster.mysqlUrl : undefined) ?? '.hydra/hydra.sqlite'
  if (!(await answers(args.http))) {
    console.error(nothingAnswers(args.http))
    return 69
  }
  if (args.database === 'none') return (await playDemo({ httpUrl: args.http })) ? 0 : 1
  const database = openGivenDatabase(where)
  if (database === undefined) {
    console.error(`There is no database at ${where}. Name the one that the services use with --database.`)
    return 69
  }
  try {
    return (await playDemo({ httpUrl: args.http, roleSaved: rowAppears(database) })) ? 0 : 1
  } finally {
    await database.close()
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
