import type { RoleQueue } from '@hydra/persistence'
import type { ReadinessCheck } from '@hydra/runtime'

/** Tells `/readyz` in which way roles are saved while a store is away. */
export function roleDataReadiness(queue: Pick<RoleQueue, 'away' | 'dirty'>): ReadinessCheck {
  return {
    name: 'role data',
    check() {
      const { journal, database } = queue.away
      if (journal && database)
        throw new Error(
          'Journal and database are away: changes of roles are refused until one of them is back.',
        )
      if (journal) throw new Error('The journal is away: changes of roles go straight to the database.')
      if (database)
        throw new Error(`The database is away: ${queue.dirty} changed roles wait for it in the journal.`)
    },
  }
}
