import { activeSpan } from '@hydra/runtime'
import type { LogEvent } from 'kysely'
import type { DatabaseKind } from './database.ts'
import { isDuplicateKey, toHydraError } from './sql-error.ts'

/** Table names stand near the beginning; what a statement carries of players comes later and is not looked at. */
const headChars = 200
const operation = /^\s*\(?([a-z]+)/i
const table = /\b(?:from|into|update)\s+[`"]?(\w+)/i

/** The operation and the table of a statement, and nothing else of it. */
export function summaryOf(sql: string): { readonly operation: string; readonly table: string | undefined } {
  const head = sql.slice(0, headChars)
  return { operation: operation.exec(head)?.[1]?.toUpperCase() ?? 'QUERY', table: table.exec(head)?.[1] }
}

/**
 * Notes each statement as a span below the one that asks for it: what a query builder's `log` takes. Waiting for a
 * connection is not part of it, the answer is.
 */
export const traceQueries =
  (kind: DatabaseKind, address: string) =>
  (event: LogEvent): void => {
    const asked = activeSpan()
    if (asked?.recording !== true) return
    const { operation: name, table: of } = summaryOf(event.query.sql)
    const span = asked.start(of === undefined ? name : `${name} ${of}`, {
      kind: 'client',
      startedMsAgo: event.queryDurationMillis,
      attributes: {
        'db.system.name': kind,
        'db.operation.name': name,
        ...(of === undefined ? {} : { 'db.collection.name': of }),
        'server.address': address,
      },
    })
    // A refusal by a unique key is an answer; whoever asked makes of it what it means.
    const isRefused = event.level === 'error' && !isDuplicateKey(event.error)
    span.end(isRefused ? toHydraError(event.error, address).code : 'OK')
  }
