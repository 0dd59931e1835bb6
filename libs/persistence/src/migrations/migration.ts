import type { Kysely } from 'kysely'
import type { DatabaseKind } from '../database/database.ts'

/**
 * One step between two forms of the tables. On MySQL a step is not atomic, so it must be able to run again after it
 * was cut off half-way.
 */
export interface Migration {
  up(db: Kysely<unknown>, kind: DatabaseKind): Promise<void>
  down(db: Kysely<unknown>, kind: DatabaseKind): Promise<void>
}
