import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise'
import type { BenchRole } from './bench-role.ts'

/** Connections of the pool, as many as a game server has by default. */
const connectionsMax = 8
/** Rows of one statement, as many as the queue writes in one. */
const rowsMax = 1_000

const columns = 'rid, uid, name, level, epoch, version, `schema`, data, updated_at_ms'
const replaced = ['uid', 'name', 'level', 'epoch', 'version', '`schema`', 'data', 'updated_at_ms']
const upsert =
  `insert into roles (${columns}) values ? on duplicate key update ` +
  replaced.map((column) => `${column} = values(${column})`).join(', ')
const update = 'update roles set level = ?, version = ?, data = ?, updated_at_ms = ? where rid = ?'

type Values = readonly (string | number)[]

/** The yardsticks: the same rows, written by bare mysql2 with nothing around it. */
export class RawRows {
  readonly #pool: Pool

  constructor(mysqlUrl: string) {
    this.#pool = createPool({ uri: mysqlUrl, connectionLimit: connectionsMax, charset: 'utf8mb4' })
  }

  /** One awaited UPDATE for each change. */
  async updateOne(role: BenchRole): Promise<void> {
    const { rid, level, version, data } = role.change()
    await this.#pool.query(update, [level, version, JSON.stringify(data), Date.now(), rid])
  }

  /** Upserts all roles once, over so many connections; answers the seconds without making the rows. */
  async upsertAll(roles: readonly BenchRole[], connections: number): Promise<number> {
    const rows = roles.map(asRow)
    const statements = Array.from({ length: Math.ceil(rows.length / rowsMax) }, (_, index) =>
      rows.slice(index * rowsMax, (index + 1) * rowsMax),
    )
    const startMs = performance.now()
    const connection = async () => {
      for (let statement = statements.pop(); statement !== undefined; statement = statements.pop())
        await this.#pool.query(upsert, [statement])
    }
    await Promise.all(Array.from({ length: connections }, connection))
    return (performance.now() - startMs) / 1_000
  }

  /** The version of each role in the database. */
  async versions(): Promise<ReadonlyMap<string, number>> {
    const [rows] = await this.#pool.query<RowDataPacket[]>('select rid, version from roles')
    return new Map(rows.map(({ rid, version }) => [String(rid), Number(version)]))
  }

  close(): Promise<void> {
    return this.#pool.end()
  }
}

function asRow(role: BenchRole): Values {
  const { rid, uid, name, level, epoch, version, schema, data } = role.change()
  return [rid, uid, name, level, epoch, version, schema, JSON.stringify(data), Date.now()]
}
