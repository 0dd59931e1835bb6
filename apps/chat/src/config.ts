import { storageConfigSchema } from '@hydra/persistence'
import { limits } from '@hydra/protocol'
import { clusterConfigSchema, rpcLimitsSchema } from '@hydra/rpc'
import { logConfigSchema, opsConfigSchema, serviceConfigSchema, tracingConfigSchema } from '@hydra/runtime'
import { z } from 'zod'

const ms = z.int().min(1).max(3_600_000)

const channelSection = z
  .strictObject({
    gateTimeoutMs: ms.default(1_000).describe('How long a gate may take to join a session to its channels.'),
    postTimeoutMs: ms
      .default(2_000)
      .describe(
        'How long the chat server that has a channel may take to store a message; then the one that was asked stores it itself.',
      ),
    worldRolesMax: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(2_000)
      .describe(
        'Roles in one shard of the world channel; one more opens the next. Each zone, that of the gates, has its own shards.',
      ),
    waitingMax: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10_000)
      .describe(
        'Messages that wait on this server to be stored, in all channels; more are refused with `SERVER_BUSY`.',
      ),
    waitingPerChannelMax: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(5_000)
      .describe(
        'Messages of one channel that wait to be stored, so that a busy channel leaves room for the others.',
      ),
    batchMax: z.int().min(1).max(1_000).default(100).describe('Messages of one channel stored in one step.'),
    reserveSeqs: z
      .int()
      .min(100)
      .max(1_000_000)
      .default(10_000)
      .describe(
        "Numbers of a channel reserved in the database at a time. After a loss of Redis' data a channel goes on behind them.",
      ),
    archiveIntervalMs: ms
      .default(500)
      .describe(
        'Time between two looks for alliance and private messages that the database does not have yet.',
      ),
    archiveDays: z
      .int()
      .min(0)
      .max(36_500)
      .default(0)
      .describe('How long alliance and private messages stay in the database; 0: for good.'),
  })
  .describe('Channels: storing and archiving messages.')

const count = z.int().min(1).max(1_000_000)

const ratesSection = z
  .strictObject({
    rolesMax: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(100_000)
      .describe('Roles whose rates are remembered, for each kind of channel.'),
    worldBurst: count.default(5).describe('Messages to the world that a role may send at once.'),
    worldPerMinute: count.default(20).describe('Messages to the world that a role may send in the long run.'),
    allianceBurst: count.default(10).describe('Messages to its alliance that a role may send at once.'),
    alliancePerMinute: count
      .default(60)
      .describe('Messages to its alliance that a role may send in the long run.'),
    teamBurst: count.default(10).describe('Messages to its team that a role may send at once.'),
    teamPerMinute: count.default(120).describe('Messages to its team that a role may send in the long run.'),
    privateBurst: count.default(10).describe('Private messages that a role may send at once.'),
    privatePerMinute: count.default(60).describe('Private messages that a role may send in the long run.'),
  })
  .describe(
    'How fast one role may speak in each kind of channel: so many messages at once, and so many per minute in the long run. More are refused with `RATE_LIMITED`. The gates have a limit of their own before this one, for all kinds together and whatever the answer is: `[limits] routeRates` of the gate.',
  )

const wordsSection = z
  .strictObject({
    file: z
      .string()
      .default('')
      .describe(
        'Words that must not be said, one in each line, such as `data/words/words.txt`; empty: none. In texts they are replaced by stars; names that have one are refused. A relative path is seen from where the service is started.',
      ),
    reloadMs: ms.default(10_000).describe('Time between two looks whether the file has changed.'),
  })
  .describe('The word filter.')

const presenceSection = z
  .strictObject({
    sweepIntervalMs: ms
      .default(15_000)
      .describe('Time between two comparisons of who is online with what the gates know.'),
    gateGraceMs: ms
      .default(15_000)
      .describe('How long game has to end the presence of roles whose gate has left the cluster.'),
  })
  .describe('Who is online.')

const allianceSection = z
  .strictObject({
    price: z
      .int()
      .min(0)
      .max(1_000_000_000)
      .default(500)
      .meta({ unit: 'gold' })
      .describe('What founding takes from the role; 0: nothing.'),
    capacities: z
      .array(z.int().min(1).max(limits.allianceMembersMax))
      .min(1)
      .max(1_000)
      .default([30, 40, 50, 60, 70, 80, 90, 100])
      .describe(
        'Members by level of the alliance, from level 1 on; further levels have as many as the last one.',
      ),
    requestsMax: z
      .int()
      .min(1)
      .max(10_000)
      .default(100)
      .describe('Open applications to one alliance, and as many open invitations of one.'),
    applicationsPerRoleMax: z.int().min(1).max(1_000).default(10).describe('Open applications of one role.'),
    invitationsPerRoleMax: z
      .int()
      .min(1)
      .max(1_000)
      .default(50)
      .describe(
        'Open invitations that one role has, of all alliances; it answers one before it gets another.',
      ),
    changeTimeoutMs: ms
      .default(15_000)
      .describe('After this a change that was not finished is looked after by others: its server has died.'),
    walletTimeoutMs: ms
      .default(2_000)
      .describe('How long game may take to set gold aside, to take it, or to give it back.'),
  })
  .describe('Alliances.')

const drainSection = z
  .strictObject({
    announceMs: ms
      .default(300)
      .describe('How long the registry may take to tell the others that nothing new should come.'),
    callsMs: ms.default(2_000).describe('How long calls that are being answered may take after that.'),
  })
  .describe('What is done after SIGTERM; the sum must be less than `[service] stopTimeoutMs`.')

/** Configuration of the chat service: `data/conf/chatserver.toml` and docs/operations.md are made of it. */
export const chatConfigSchema = z
  .strictObject({
    service: serviceConfigSchema.prefault({}),
    log: logConfigSchema.prefault({}),
    tracing: tracingConfigSchema.prefault({}),
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
