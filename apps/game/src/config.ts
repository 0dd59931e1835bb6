import { roleQueueConfigSchema, storageConfigSchema } from '@hydra/persistence'
import { limits, publicRoutes, serviceOf } from '@hydra/protocol'
import { clusterConfigSchema, rpcLimitsSchema } from '@hydra/rpc'
import { eventLogConfigSchema, logConfigSchema, opsConfigSchema, serviceConfigSchema } from '@hydra/runtime'
import { z } from 'zod'
import { sceneSettings } from './scene/scene-settings.ts'
import { isTimeZone } from './daily/game-day.ts'

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

const tablesSection = z.strictObject({
  /** Folder of the design tables; a relative one is looked for beside the program and in the folders above. */
  directory: z.string().min(1).default('data/tables'),
})

const centimetres = z.int().min(1).max(100_000)

const sceneSection = z.strictObject({
  /** Milliseconds between the steps of scenes. */
  tickMs: z.int().min(10).max(1_000).default(100),
  /** A server that is late makes so many steps in a row; further ones are left out. */
  catchUpMax: z.int().min(1).max(100).default(3),
  /** Instances of scenes at one time; `SERVER_BUSY` beyond. */
  instancesMax: z.int().min(1).max(10_000).default(256),
  /** How long an instance goes on without players. */
  emptyMs: ms.default(60_000),
  /** For how long another server has to be the one for a scene before its players are sent there. */
  moveAfterMs: ms.default(3_000),
  /** How long a role may take to be saved when it goes to another server; then it stays. */
  handOverMs: ms.default(3_000),
  /** Steps between signs of life of a cell in which nothing changes. */
  beatTicks: z.int().min(1).max(10_000).default(20),
  /** How often it is noted where roles are. */
  savePlaceMs: ms.default(30_000),
  /** How many are noted at one time. */
  savesParallel: z.int().min(1).max(10_000).default(64),
  /** Bound of one call to a gate. */
  joinTimeoutMs: ms.default(2_000),
  /** How often in a row a session is tried to be joined to its cells, */
  joinAttemptsMax: z.int().min(1).max(100).default(5),
  /** the pause after the first failure, which doubles, */
  joinRetryMs: ms.default(500),
  /** and calls to gates at one time. */
  joinsParallel: z.int().min(1).max(10_000).default(256),
  /** Kills whose rewards may be under way; further ones bring nothing. */
  rewardsMax: z.int().min(1).max(1_000_000).default(10_000),
  /** Rewards that are given at one time. */
  rewardsParallel: z.int().min(1).max(10_000).default(64),
})

/** What designers may change of the rules in scenes; the rest is in `scene/scene-settings.ts`. Lengths in centimetres. */
const sceneRulesSection = z.strictObject({
  /** Of players, in a second. */
  speed: centimetres.default(sceneSettings.speed),
  /** So much faster is still believed. */
  speedTolerance: z.number().min(1).max(10).default(sceneSettings.speedTolerance),
  /** Most time for which one step may make up. */
  moveBurstMs: ms.default(sceneSettings.moveBurstMs),
  /** How far players hit, and pick up. */
  reach: centimetres.default(sceneSettings.reach),
  attackEveryMs: ms.default(sceneSettings.attackEveryMs),
  /** How near to a kill others have to be to share in it. */
  shareRadius: centimetres.default(sceneSettings.shareRadius),
  /** Between the death of a player and its coming back. */
  playerRespawnMs: ms.default(sceneSettings.playerRespawnMs),
  /** How long loot belongs to who made the kill, */
  lootReservedMs: ms.default(sceneSettings.lootReservedMs),
  /** and how long it lies about. */
  lootMs: ms.default(sceneSettings.lootMs),
})

const ledgerSection = z.strictObject({
  /** Pages of 32 entries that are kept of each role's ledger besides the latest entries. */
  pagesMax: z.int().min(1).max(100_000).default(1_000),
})

const dailySection = z.strictObject({
  /** Hour of the day at which a new one begins for the game. */
  resetHour: z.int().min(0).max(23).default(4),
  /** By the clocks of which place. */
  timeZone: z
    .string()
    .refine(isTimeZone, 'expected the IANA name of a time zone, such as "UTC" or "Europe/Berlin"')
    .default('UTC'),
  /** What a day's reward is. */
  gold: z.int().min(0).max(1_000_000_000).default(100),
  gems: z.int().min(0).max(1_000_000).default(5),
})

const teamSection = z
  .strictObject({
    /** Members of one team. */
    membersMax: z.int().min(2).max(limits.teamMembersMax).default(5),
    /** Open applications, and open invitations, of one team. */
    requestsMax: z.int().min(1).max(limits.teamRequestsMax).default(10),
    /** How long an application or an invitation is open. */
    requestMs: ms.default(60_000),
    /** How often each server says which of its roles are there, and looks after their teams. */
    sweepIntervalMs: ms.default(30_000),
    /** A member that no server has seen for so long is put out: its server has died, and nobody plays it. */
    memberLostMs: ms.default(120_000),
    /** A change that somebody may not have heard of is told again after this, at the next look. */
    tellAgainMs: ms.default(10_000),
  })
  .refine(({ sweepIntervalMs, memberLostMs }) => 3 * sweepIntervalMs <= memberLostMs, {
    path: ['memberLostMs'],
    message: 'expected to be at least three times sweepIntervalMs, or members that are there would be lost',
  })

const eventLogSection = eventLogConfigSchema.extend({
  /** How often the number of roles that are played is recorded. */
  onlineIntervalMs: ms.default(60_000),
})

const refusalsSection = z.strictObject({
  /** Of one role, so many refusals that smell of cheating are written in a minute; the others are counted. */
  linesPerMinute: z.int().min(1).max(10_000).default(20),
})

const drainSection = z.strictObject({
  /** How long the registry may take to tell the others that nothing new should come. */
  announceMs: ms.default(300),
  /** How long it is waited for rewards of kills, before roles leave. */
  rewardsMs: ms.default(150),
  /** How long all roles together may take to be saved and released when the server stops. */
  rolesMs: ms.default(2_850),
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
    scene: sceneSection.prefault({}),
    sceneRules: sceneRulesSection.prefault({}),
    tables: tablesSection.prefault({}),
    eventLog: eventLogSection.prefault({}),
    refusals: refusalsSection.prefault({}),
    team: teamSection.prefault({}),
    daily: dailySection.prefault({}),
    drain: drainSection.prefault({}),
    ledger: ledgerSection.prefault({}),
  })
  .refine(
    ({ service, drain, eventLog }) =>
      drain.announceMs + drain.rewardsMs + drain.rolesMs + drain.queueMs + drain.callsMs + eventLog.closeMs <
      service.stopTimeoutMs,
    {
      path: ['drain', 'rolesMs'],
      message:
        'expected all times of [drain], and [eventLog] closeMs, together to be less than [service] stopTimeoutMs',
    },
  )

/** Type of {@link gameConfigSchema}. */
export type GameConfig = z.output<typeof gameConfigSchema>
