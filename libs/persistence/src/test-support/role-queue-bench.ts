import { createMetrics, ManualClock, type LogFields, type Logger } from '@hydra/runtime'
import type { Database } from '../database/database.ts'
import { openDatabase } from '../database/open-database.ts'
import { migrate } from '../migrations/migrate.ts'
import { createRoles } from '../repositories/sql-roles.ts'
import { createRoleQueue } from '../role-queue/create-role-queue.ts'
import { roleQueueConfigSchema, type RoleQueueConfig } from '../role-queue/role-queue-config.ts'
import type { RoleSnapshot } from '../role-snapshot.ts'
import { createMemoryRoleJournal } from '../stores/memory-role-journal.ts'
import { FlakyCalls } from './flaky.ts'

/** A line that was logged. */
export interface LoggedLine extends LogFields {
  readonly level: string
  readonly message: string
}

/** A role queue over a journal in memory and SQLite in memory, each behind a network of its own, on a still clock. */
export async function openRoleQueueBench(config: Partial<RoleQueueConfig> = {}) {
  const clock = new ManualClock()
  const database: Database = openDatabase({ kind: 'sqlite', file: ':memory:' }, { clock })
  await migrate(database)
  const roles = createRoles(database, { clock })
  const journal = createMemoryRoleJournal({ clock })
  const journalCalls = new FlakyCalls()
  const databaseCalls = new FlakyCalls()
  journalCalls.mode = 'up'
  databaseCalls.mode = 'up'
  const lines: LoggedLine[] = []
  const fenced: { readonly rid: string; readonly epoch: number }[] = []
  const metrics = createMetrics({ service: 'test' })
  const queue = createRoleQueue({
    journal: journalCalls.wrap('journal', journal),
    roles: databaseCalls.wrap('roles', { saveAll: (batch: readonly RoleSnapshot[]) => roles.saveAll(batch) }),
    clock,
    log: recordingLogger(lines),
    metrics,
    random: () => 0,
    config: roleQueueConfigSchema.parse({ flushIntervalMs: 1_000, ...config }),
    onFenced: (rid, epoch) => fenced.push({ rid, epoch }),
  })
  const epoch = 1

  return {
    clock,
    journal,
    journalCalls,
    databaseCalls,
    roles,
    queue,
    lines,
    fenced,
    metrics,
    snapshot: (rid: string, version: number, fields: Partial<RoleSnapshot> = {}): RoleSnapshot => ({
      rid,
      uid: 'u-1',
      name: rid,
      level: 1,
      epoch,
      version,
      schema: 1,
      data: { version },
      ...fields,
    }),
    /** Moves the clock, and lets what that sets off come to its end. */
    async wait(ms: number): Promise<void> {
      clock.advance(ms)
      await settle()
    },
    /** Versions of the batches that a store was given, in order. */
    batches: (calls: FlakyCalls, name: string): readonly (readonly string[])[] =>
      calls.made
        .filter((call) => call.name === name)
        .map(({ parameters }) =>
          (parameters[0] as readonly RoleSnapshot[]).map(({ rid, version }) => `${rid}@${version}`),
        ),
    async close(): Promise<void> {
      for (const calls of [journalCalls, databaseCalls]) {
        calls.mode = 'down'
        while (calls.waiting > 0) await calls.decide(0, 'lose-request')
      }
      await queue.close()
      await database.close()
    },
  }
}

/** What {@link openRoleQueueBench} answers. */
export type RoleQueueBench = Awaited<ReturnType<typeof openRoleQueueBench>>

/** Lets everything go on that waits for nothing but the event loop. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve))
}

function recordingLogger(lines: LoggedLine[]): Logger {
  const write = (level: string) => (fields: LogFields, message: string) =>
    void lines.push({ ...fields, level, message })
  const logger: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  }
  return logger
}
