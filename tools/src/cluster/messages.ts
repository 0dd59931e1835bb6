import { services, type Service } from '@hydra/protocol'
import { serverKinds } from '@hydra/testing'
import { z } from 'zod'

/** Those that are called before those that call: what a new gate may pass on, its backends know by then. */
const restartOrder = ['chat', 'game', 'http', 'gate'] as const

const port = z.int().min(1).max(65_535)
const fronts = z.object({ gate: z.boolean(), http: z.boolean() })
const counts = z.record(z.enum(services), z.int().min(0).max(64))

/** A program that was built, for the supervisor to run. */
const programSchema = z.object({ main: z.string(), builtAtMs: z.int() })

/** What `hydra up` asks of the supervisor. */
export const upRequestSchema = z.object({
  wanted: counts,
  /** `[cluster] env` and `[storage] keyPrefix`. */
  env: z.string(),
  keyPrefix: z.string(),
  /** Urls of servers that run elsewhere; the others are started. */
  given: z.partialRecord(z.enum(serverKinds), z.string()),
  /** Name of the database where the url has none; it is made, unless it has to be there. */
  database: z.string(),
  makesDatabase: z.boolean(),
  /** Variables of the person at the terminal, `HYDRA_…`, for the services. */
  settings: z.record(z.string(), z.string()),
  /** Ports of the first of each, as configured; the next gates and https follow, see `opsPortOf`. */
  ports: z.object({ gate: port, http: port, ops: z.record(z.enum(services), port) }),
  /** Whether clients reach them by TLS, as configured. */
  tls: fronts,
  /** At least of the services of which one has to be started. */
  programs: z.partialRecord(z.enum(services), programSchema),
  /** How long a service may take from its start until it is ready. */
  readyTimeoutMs: z.int().min(1_000),
  /** How long the services may take to stop, as configured; they are killed some time after that. */
  stopTimeoutMs: z.int().min(100),
})
/** See {@link upRequestSchema}. */
export type UpRequest = z.output<typeof upRequestSchema>

/** What `hydra restart` asks. */
export const restartRequestSchema = z.object({
  /** Of a process. */
  name: z.string(),
  programs: z.partialRecord(z.enum(services), programSchema),
  settings: z.record(z.string(), z.string()),
  tls: fronts,
})
/** See {@link restartRequestSchema}. */
export type RestartRequest = z.output<typeof restartRequestSchema>

/** A line of the answer to a request that takes a while; the last one is `done` or `failed`. */
export const replySchema = z.union([
  z.object({ say: z.string() }),
  z.object({ done: z.literal(true) }),
  z.object({
    failed: z.object({
      message: z.string(),
      exitCode: z.int(),
      /** Whose log tells more. */
      name: z.string().optional(),
    }),
  }),
])
/** See {@link replySchema}. */
export type Reply = z.output<typeof replySchema>

/** Processes in the order in which they are restarted. */
export const inRestartOrder = <T extends { readonly service: Service; readonly name: string }>(
  processes: readonly T[],
): readonly T[] =>
  restartOrder.flatMap((service) =>
    processes
      .filter((each) => each.service === service)
      .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
  )
