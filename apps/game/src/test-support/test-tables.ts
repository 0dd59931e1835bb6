import { join } from 'node:path'
import { loadTables } from '../tables/load-tables.ts'
import type { Tables } from '../tables/tables.ts'

let loaded: Tables | undefined

/** The design tables of the repository, read once for all tests of a file: nobody can change them. */
export const testTables = (): Tables =>
  (loaded ??= loadTables(join(import.meta.dirname, '../../../../data/tables')))
