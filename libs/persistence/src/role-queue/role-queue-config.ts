import { z } from 'zod'
import { saveRowsMax } from '../repositories/save-roles.ts'

/** Section `[roleQueue]` of the game service. */
export const roleQueueConfigSchema = z
  .strictObject({
    flushIntervalMs: z
      .int()
      .min(1)
      .max(60_000)
      .default(1_000)
      .describe('How long a changed role waits for others to be written to the database with it.'),
    flushBatchMax: z
      .int()
      .min(1)
      .max(saveRowsMax)
      .default(saveRowsMax)
      .describe('Most roles in one statement to the database.'),
    flushParallel: z
      .int()
      .min(1)
      .max(16)
      .default(2)
      .describe(
        'Statements to the database under way at one time, each on a connection of its own, never two with the same role.',
      ),
    flushEarlyAtRoles: z
      .int()
      .min(1)
      .default(25_000)
      .describe(
        'As soon as so many roles have changed, the interval is not waited for; then busy roles are written without a pause.',
      ),
    journalBatchMax: z
      .int()
      .min(1)
      .max(2_000)
      .default(500)
      .describe('Most roles in one round trip to the journal.'),
    dirtyMax: z
      .int()
      .min(1)
      .default(50_000)
      .describe('Changed roles in memory; beyond it, changes are refused with `SERVER_BUSY`.'),
    retryMinMs: z
      .int()
      .min(1)
      .default(100)
      .describe('First pause after a store has failed; it doubles each time, with jitter.'),
    retryMaxMs: z.int().min(1).default(5_000).describe('Longest pause after a store has failed.'),
    refusedRetryMs: z
      .int()
      .min(1)
      .default(60_000)
      .describe('A role that the database refused for its content is tried again after this.'),
    oldestWarnMs: z
      .int()
      .min(1)
      .default(30_000)
      .describe('The log warns when the oldest unsaved change is older.'),
  })
  .refine(({ retryMinMs, retryMaxMs }) => retryMinMs <= retryMaxMs, {
    path: ['retryMaxMs'],
    message: 'must not be below retryMinMs',
  })
  .describe('How changed roles go to the journal and from there to the database.')

/** Type of {@link roleQueueConfigSchema}. */
export type RoleQueueConfig = z.output<typeof roleQueueConfigSchema>
