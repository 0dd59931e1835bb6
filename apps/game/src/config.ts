import { roleQueueConfigSchema, storageConfigSchema } from '@hydra/persistence'
import { publicRoutes, serviceOf } from '@hydra/protocol'
import { clusterConfigSchema, rpcLimitsSchema } from '@hydra/rpc'
import { logConfigSchema, opsConfigSchema, serviceConfigSchema } from '@hydra/runtime'
import { z } from 'zod'

/** What clients may ask of this service. */
const gameRoutes = publicRoutes.filter(({ name }) => serviceOf(name) === 'game').map(({ name }) => name)

const ms = z.int().min(1).max(3_600_000)

const roleSection = z
  .strictObject({
    /** How long a role waits for its player after the connection was lost. */
    graceMs: ms.default(5_000),
    /** Roles in memory at one time; `SERVER_BUSY` beyond. */
    actorsMax: z.int().min(1).max(1_000_000).default(20_000),
    /** Requests that wait for one role; `SERVER_BUSY` beyond. */
    mailboxMaxJobs: z.int().min(1).max(100_000).default(256),
    /** Roles loaded at one time; the others wait, so that a crowd does not overrun the database. */
    loadsParallel: z.int().min(1).max(10_000).default(64),
    /** Between attempts to save or release a role that leaves: doubling from the first to the second. */
    leaveRetryMinMs: ms.default(100),
    leaveRetryMaxMs: ms.default(5_000),
    /** A role that was not called for so long is looked at: is its session still there? */
    idleMs: ms.default(60_000),
    sweepIntervalMs: ms.default(30_000),
    /** How often the ownership of roles is compared with the journal. */
    renewIntervalMs: ms.default(5_000),
    /** Routes whose changes of a role are answered before the journal has them. */
    ackInMemory: z.array(z.enum(gameRoutes)).default([]),
  })
  .refine(({ leaveRetryMinMs, leaveRetryMaxMs }) => leaveRetryMinMs <= leaveRetryMaxMs, {
    path: ['leaveRetryMaxMs'],
    message: 'expected not to be below leaveRetryMinMs',
  })

const chatSection = z.strictObject({
  /** Bound of one call to chat. A role's other requests wait meanwhile, so it is short. */
  timeoutMs: ms.default(1_000),
  /** How often chat is told that a role left, before it is left to find out by itself. */
  leaveAttemptsMax: z.int().min(1).max(100).default(2),
  /** How often an announcement, or a change of a team, is sent to chat. */
  tellAttemptsMax: z.int().min(1).max(100).default(3),
})

const walletSection = z.strictObject({
  /** A payment that is under way for longer is looked after: chat is asked what it has bought. */
  holdMaxMs: ms.default(30_000),
  /** How often the roles in memory are looked through for such payments. */
  resolveIntervalMs: ms.default(30_000),
})

const drainSection = z.strictObject({
  /** How long the registry may take to tell the others that nothing new should come. */
  announceMs: ms.default(300),
  /** How long all roles together may take to be saved and released when the server stops. */
  rolesMs: ms.default(3_000),
  /** How many leave at one time. */
  parallel: z.int().min(1).max(100_000).default(1_000),
  /** What then is still in the role queue gets so long. */
  queueMs: ms.default(500),
  /** How long calls that are being answered may take after that. */
  callsMs: ms.default(500),
})

/** Configuration of the game service; `data/conf/gameserver.toml` explains each key. */
export const gameConfigSchema = z
  .strictObject({
    service: serviceConfigSchema.prefault({}),
    log: logConfigSchema.prefault({}),
    ops: opsConfigSchema(9_102).prefault({}),
    cluster: clusterConfigSchema.prefault({}),
    rpc: rpcLimitsSchema.prefault({}),
    storage: storageConfigSchema.prefault({}),
    roleQueue: roleQueueConfigSchema.prefault({}),
    role: roleSection.prefault({}),
    chat: chatSection.prefault({}),
    wallet: walletSection.prefault({}),
    drain: drainSection.prefault({}),
  })
  .refine(
    ({ service, drain }) =>
      drain.announceMs + drain.rolesMs + drain.queueMs + drain.callsMs < service.stopTimeoutMs,
    {
      path: ['drain', 'rolesMs'],
      message: 'expected all times of [drain] together to be less than [service] stopTimeoutMs',
    },
  )

/** Type of {@link gameConfigSchema}. */
export type GameConfig = z.output<typeof gameConfigSchema>
