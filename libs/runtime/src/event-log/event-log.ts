import { resolve } from 'node:path'
import { z } from 'zod'
import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import { BufferedLines } from './buffered-lines.ts'
import { RotatingFile } from './rotating-file.ts'

/** Section `[eventLog]` of the services that have one. */
export const eventLogConfigSchema = z.strictObject({
  directory: z
    .string()
    .default('')
    .describe(
      'Where records go; empty: nothing is recorded. The folder is made if absent; a relative one is in the folder where the process was started; each process needs one of its own.',
    ),
  maxFileBytes: z
    .int()
    .min(1_024)
    .max(2_147_483_647)
    .default(67_108_864)
    .describe('A file is closed, and another begun, at this size and at the end of each day (UTC).'),
  maxFiles: z
    .int()
    .min(2)
    .max(10_000)
    .default(32)
    .describe('Files that are kept, with the one that is being written; the oldest are deleted.'),
  bufferMaxBytes: z
    .int()
    .min(1_024)
    .max(1_073_741_824)
    .default(1_048_576)
    .describe(
      'Records that wait for the disk; what comes beyond is dropped and counted. Nothing waits for the disk.',
    ),
  closeMs: z
    .int()
    .min(1)
    .max(60_000)
    .default(150)
    .describe('How long the last records may take to be written when the server stops.'),
})

/** Type of {@link eventLogConfigSchema}. */
export type EventLogConfig = z.output<typeof eventLogConfigSchema>

/** What a record says besides when it was, of which kind it is and who wrote it. */
export type EventFields = Readonly<Record<string, unknown>> & {
  readonly at?: never
  readonly type?: never
  readonly server?: never
}

/** What happened, for those who look into it later: players' questions, cheating, statistics. */
export interface EventLog {
  /** Whether anything is recorded: what is costly to gather need not be, otherwise. */
  readonly isOn: boolean
  /** Records something. Never throws and never waits: what the disk cannot take is dropped and counted. */
  record(type: string, fields: EventFields): void
  /** Writes what waits, within `closeMs`; what is recorded later is dropped. Never rejects. */
  close(): Promise<void>
}

/** What an event log needs. */
export interface EventLogOptions {
  readonly config: EventLogConfig
  /** Begins the names of the files: `game` makes `game-events.jsonl`. */
  readonly service: string
  /** Id of this server, which stands in each record. */
  readonly server: string
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/**
 * Opens an event log: one JSON object a line, `{"at":"2026-11-28T01:02:03.004Z","type":"login","server":"…",…}`, in
 * `<directory>/<service>-events.jsonl`. Full and yesterday's files lie beside it under the time of their end. That the
 * disk fails stops nothing: records are lost, counted (`hydra_event_log_dropped_total`) and warned of, until it is well.
 *
 * @example
 * const eventLog = createEventLog({ config: config.eventLog, service: 'game', server: serverId, clock, log, metrics })
 * eventLog.record('login', { uid, rid })
 * await eventLog.close()
 */
export function createEventLog(options: EventLogOptions): EventLog {
  const { config, service, server, clock, log, metrics } = options
  if (config.directory === '') return noEventLog
  const directory = resolve(config.directory)
  const { maxFileBytes, maxFiles } = config
  const file = new RotatingFile({ directory, name: `${service}-events`, maxFileBytes, maxFiles, clock, log })
  const lines = new BufferedLines({ file, config, clock, log, metrics })
  const records = metrics.counter({
    name: 'hydra_event_log_records_total',
    help: 'Records that were handed to the event log, by type.',
    labels: ['type'],
  })
  return {
    isOn: true,
    record(type, fields) {
      records.inc({ type })
      lines.add(() => JSON.stringify({ at: new Date(clock.nowMs()).toISOString(), type, server, ...fields }))
    },
    close: () => lines.close(),
  }
}

/** Records nothing. */
export const noEventLog: EventLog = Object.freeze({
  isOn: false,
  record: () => {},
  close: () => Promise.resolve(),
})
