import mysql, { type RowDataPacket } from 'mysql2/promise'
import { assetsOf, type Counted } from './holdings.ts'
import type { Assets } from './receipts.ts'

/** A role as the database has it. */
export interface SavedRole {
  readonly version: number
  readonly assets: Assets
}

type Data = Pick<Counted, 'exp'> & {
  readonly wallet: Pick<Counted, 'gold' | 'gems'> & {
    readonly holds: Readonly<Record<string, { readonly amount: number }>>
  }
  readonly bag: Pick<Counted, 'slots'>
}

/** All roles of a database by their ids, with a plain client: what checks the stores must not be the code that writes them. */
export async function savedRoles(mysqlUrl: string): Promise<ReadonlyMap<string, SavedRole>> {
  const connection = await mysql.createConnection(mysqlUrl)
  try {
    const [rows] = await connection.query<RowDataPacket[]>('select rid, version, level, data from roles')
    return new Map(
      await Promise.all(
        rows.map(async ({ rid, version, level, data }) => {
          const { exp, wallet, bag } = JSON.parse(String(data)) as Data
          const held = Object.values(wallet.holds).reduce((sum, { amount }) => sum + amount, 0)
          const assets = await assetsOf({ ...wallet, ...bag, level: Number(level), exp, held })
          return [String(rid), { version: Number(version), assets }] as const
        }),
      ),
    )
  } finally {
    await connection.end()
  }
}
