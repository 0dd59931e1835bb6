import { storageConfigSchema } from '@hydra/persistence'
import { limits } from '@hydra/protocol'
import { clusterConfigSchema, rpcLimitsSchema } from '@hydra/rpc'
import { logConfigSchema, opsConfigSchema, serviceConfigSchema } from '@hydra/runtime'
import { z } from 'zod'

const ms = z.int().min(1).max(3_600_000)

const channelSection = z.strictObject({
  /** How long a gate may take to join a session to its channels. */
  gateTimeoutMs: ms.default(1_000),
  /** How long the server that has a channel may take to store a message. */
  postTimeoutMs: ms.default(2_000),
  /** Roles in one shard of the world channel; one more opens the next. */
  worldRolesMax: z.int().min(1).max(1_000_000).default(2_000),
  /** Messages that wait on this server to be stored, in all channels; one more is refused with `SERVER_BUSY`. */
  waitingMax: z.int().min(1).max(1_000_000).default(10_000),
  /** And of these in one channel, so that a busy one leaves room for the others. */
  waitingPerChannelMax: z.int().min(1).max(1_000_000).default(5_000),
  /** Messages of one channel stored in one step. */
  batchMax: z.int().min(1).max(1_000).default(100),
  /** Numbers reserved in the database at a time. */
  reserveSeqs: z.int().min(100).max(1_000_000).default(10_000),
  /** How often messages go from the log to the archive. */
  archiveIntervalMs: ms.default(500),
  /** How long alliance and private messages stay in the database, in days; 0: for good. */
  archiveDays: z.int().min(0).max(36_500).default(0),
})

const count = z.int().min(1).max(1_000_000)

/** How fast one role may speak in each kind of channel: so many at once, and so many per minute in the long run. */
const ratesSection = z.strictObject({
  /** Roles whose rates are remembered, in each kind. */
  rolesMax: z.int().min(1).max(10_000_000).default(100_000),
  worldBurst: count.default(5),
  worldPerMinute: count.default(20),
  allianceBurst: count.default(10),
  alliancePerMinute: count.default(60),
  teamBurst: count.default(10),
  teamPerMinute: count.default(120),
  privateBurst: count.default(10),
  privatePerMinute: count.default(60),
})

const wordsSection = z.strictObject({
  /** Words that must not be said, one in each line; empty: none. Seen from where the service is started. */
  file: z.string().default(''),
  /** How often the file is looked at. */
  reloadMs: ms.default(10_000),
})

const presenceSection = z.strictObject({
  /** How often presence is compared with what gates know. */
  sweepIntervalMs: ms.default(15_000),
  /** How long game has to end the presence of roles whose gate has left. */
  gateGraceMs: ms.default(15_000),
})

const allianceSection = z.strictObject({
  /** Gold that founding takes from the role; 0: nothing. */
  price: z.int().min(0).max(1_000_000_000).default(500),
  /** Members by level, from level 1 on; further levels have as many as the last one. */
  capacities: z
    .array(z.int().min(1).max(limits.allianceMembersMax))
    .min(1)
    .max(1_000)
    .default([30, 40, 50, 60, 70, 80, 90, 100]),
  /** Open applications to, and invitations of, one alliance; each kind by itself. */
  requestsMax: z.int().min(1).max(10_000).default(100),
  /** Open applications of one role. */
  applicationsPerRoleMax: z.int().min(1).max(1_000).default(10),
  /** Open invitations of one role: joining an alliance ends each of them. */
  invitationsPerRoleMax: z.int().min(1).max(1_000).default(50),
  /** How long a change may be under way before others look after what it has left behind. */
  changeTimeoutMs: ms.default(15_000),
  /** How long game may take to set gold aside, to take it, or to give it back. */
  walletTimeoutMs: ms.default(2_000),
})

const drainSection = z.strictObject({
  /** How long the registry may take to tell the others that nothing new should come. */
  announceMs: ms.default(300),
  /** How long calls that are being answered may take when the server stops. */
  callsMs: ms.default(2_000),
})

/** Configuration of the chat service; `data/conf/chatserver.toml` explains each key. */
export const chatConfigSchema = z
  .strictObject({
    service: serviceConfigSchema.prefault({}),
    log: logConfigSchema.prefault({}),
    ops: opsConfigSchema(9_103).prefault({}),
    cluster: clusterConfigSchema.prefault({}),
    rpc: rpcLimitsSchema.prefault({}),
    storage: storageConfigSchema.prefault({}),
    channel: channelSection.prefault({}),
    rates: ratesSection.prefault({}),
    words: wordsSection.prefault({}),
    presence: presenceSection.prefault({}),
    alliance: allianceSection.prefault({}),
    drain: drainSection.prefault({}),
  })
  .refine(({ service, drain }) => drain.announceMs + drain.callsMs < service.stopTimeoutMs, {
    path: ['drain', 'callsMs'],
    message: 'expected announceMs + callsMs to be less than [service] stopTimeoutMs',
  })
  .refine(({ channel, storage }) => channel.batchMax <= storage.chatMessagesPerChannelMax, {
    path: ['channel', 'batchMax'],
    message:
      'expected at most [storage] chatMessagesPerChannelMax: a larger batch finds no room in its channel',
  })

/** Type of {@link chatConfigSchema}. */
export type ChatConfig = z.output<typeof chatConfigSchema>
