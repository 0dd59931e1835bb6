import { z } from 'zod'
import { saveRowsMax } from '../repositories/save-roles.ts'

/** Section `[roleQueue]` of the game service. */
export const roleQueueConfigSchema = z
  .strictObject({
    /** How long a changed role waits for others to be written to the database with it. */
    flushIntervalMs: z.int().min(1).max(60_000).default(1_000),
    /** Most roles in one statement to the database. */
    flushBatchMax: z.int().min(1).max(saveRowsMax).default(saveRowsMax),
    /** Statements under way at one time, each on a connection of its own, never two with the same role. */
    flushParallel: z.int().min(1).max(16).default(2),
    /** As soon as so many roles are dirty, the interval is not waited for; then busy roles are written without a pause. */
    flushEarlyAtRoles: z.int().min(1).default(25_000),
    /** Most roles in one round trip to the journal; more would be too many arguments of one call. */
    journalBatchMax: z.int().min(1).max(2_000).default(500),
    /** Dirty roles in memory; beyond it changes are refused with `SERVER_BUSY`. */
    dirtyMax: z.int().min(1).default(50_000),
    /** First pause after a store has failed; doubles up to `retryMaxMs`, with jitter. */
    retryMinMs: z.int().min(1).default(100),
    retryMaxMs: z.int().min(1).default(5_000),
    /** A role that the database refused for its content is tried again after this. */
    refusedRetryMs: z.int().min(1).default(60_000),
    /** The log warns when the oldest unsaved change is older. */
    oldestWarnMs: z.int().min(1).default(30_000),
  })
  .refine(({ retryMinMs, retryMaxMs }) => retryMinMs <= retryMaxMs, {
    path: ['retryMaxMs'],
    message: 'must not be below retryMinMs',
  })

/** Type of {@link roleQueueConfigSchema}. */
export type RoleQueueConfig = z.output<typeof roleQueueConfigSchema>
