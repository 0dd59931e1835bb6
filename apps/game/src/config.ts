import { roleQueueConfigSchema, storageConfigSchema } from '@hydra/persistence'
import { limits, publicRoutes, serviceOf } from '@hydra/protocol'
import { clusterConfigSchema, rpcLimitsSchema } from '@hydra/rpc'
import {
  eventLogConfigSchema,
  logConfigSchema,
  opsConfigSchema,
  serviceConfigSchema,
  tracingConfigSchema,
} from '@hydra/runtime'
import { z } from 'zod'
import { sceneRulesSection, sceneSection } from './scene/scene-config.ts'
import { isTimeZone } from './daily/game-day.ts'

/** What clients may ask of this service. */
const gameRoutes = publicRoutes.filter(({ name }) => serviceOf(name) === 'game').map(({ name }) => name)

const ms = z.int().min(1).max(3_600_000)

const roleSection = z
  .strictObject({
    graceMs: ms
      .default(5_000)
      .describe(
        'How long a role waits for its player after the connection was lost; then it is saved and released.',
      ),
    actorsMax: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(20_000)
      .describe('Roles in memory at one time; more are refused with `SERVER_BUSY`.'),
    mailboxMaxJobs: z
      .int()
      .min(1)
      .max(100_000)
      .default(256)
      .describe('Requests that wait for one role; more are refused with `SERVER_BUSY`.'),
    loadsParallel: z
      .int()
      .min(1)
      .max(10_000)
      .default(64)
      .describe('Roles loaded at one time; the others wait, so that a crowd does not overrun the database.'),
    leaveRetryMinMs: ms
      .default(100)
      .describe('First pause between tries to save or release a role that leaves; it doubles each time.'),
    leaveRetryMaxMs: ms
      .default(5_000)
      .describe('Longest pause between tries to save or release a role that leaves.'),
    idleMs: ms
      .default(60_000)
      .describe('A role that was not called for so long is looked at, whether its session is still there.'),
    sweepIntervalMs: ms
      .default(30_000)
      .describe(
        'Time between two looks for idle roles, which also find roles that this server owns without having them.',
      ),
    renewIntervalMs: ms
      .default(5_000)
      .describe(
        'Time between two comparisons of the roles in memory with the journal, which says who owns them by now.',
      ),
    ackInMemory: z
      .array(z.enum(gameRoutes))
      .default([])
      .meta({ allowed: 'list of routes' })
      .describe(
        'Routes of this service whose changes are answered before the journal has them: faster, and a crash of this server can lose the last moments of them. For what a player would not miss, such as a position.',
      ),
  })
  .refine(({ leaveRetryMinMs, leaveRetryMaxMs }) => leaveRetryMinMs <= leaveRetryMaxMs, {
    path: ['leaveRetryMaxMs'],
    message: 'expected not to be below leaveRetryMinMs',
  })
  .describe('Roles in memory.')

const chatSection = z
  .strictObject({
    timeoutMs: ms
      .default(1_000)
      .describe("Bound of one call to chat. A role's other requests wait meanwhile, so it is short."),
    leaveAttemptsMax: z
      .int()
      .min(1)
      .max(100)
      .default(2)
      .describe(
        'How often chat is told that a role left, before it is left to find out by itself. A logout waits for it.',
      ),
    tellAttemptsMax: z
      .int()
      .min(1)
      .max(100)
      .default(3)
      .describe('How often an announcement, or a change of a team, is sent to chat.'),
    tellAgainMs: ms
      .default(2_000)
      .describe(
        'First pause before chat is told again of a role that it could not be told of when that entered; it doubles each time.',
      ),
  })
  .describe('What chat is told.')

const walletSection = z
  .strictObject({
    holdMaxMs: ms
      .default(30_000)
      .describe(
        'A payment that is under way for longer, such as for an alliance, is looked after: chat may have died, so it is asked what the payment has bought, and the gold is taken or given back. Longer than chat takes to found an alliance.',
      ),
    resolveIntervalMs: ms
      .default(30_000)
      .describe(
        'Time between two looks through the roles in memory for such payments; entering a role is another occasion.',
      ),
  })
  .describe('Payments that are under way.')

const tablesSection = z
  .strictObject({
    directory: z
      .string()
      .min(1)
      .default('data/tables')
      .describe(
        'Folder of `levels.json`, `items.json`, `monsters.json` and `scenes.json`. A relative one is looked for beside the program and in the folders above, then where the process was started. A mistake in a table stops the start with exit code 78.',
      ),
  })
  .describe('Design tables.')

const ledgerSection = z
  .strictObject({
    pagesMax: z
      .int()
      .min(1)
      .max(100_000)
      .default(1_000)
      .describe(
        "Pages of 32 entries that are kept in the database of each role's ledger, besides its latest entries; a new page beyond takes the place of the oldest. Each is one of the storage objects that `[storage] objectsPerRoleMax` counts.",
      ),
  })
  .describe('The ledger of what has value.')

const dailySection = z
  .strictObject({
    resetHour: z
      .int()
      .min(0)
      .max(23)
      .default(4)
      .describe('When a new day begins for the game, by the clocks of the time zone.'),
    timeZone: z
      .string()
      .refine(isTimeZone, 'expected the IANA name of a time zone, such as "UTC" or "Europe/Berlin"')
      .default('UTC')
      .describe(
        'Where the clocks are that a day goes by: an IANA name such as "Europe/Berlin". Where they are changed at that hour, the day begins once all the same.',
      ),
    gold: z.int().min(0).max(1_000_000_000).default(100).describe('Gold that a role may claim once a day.'),
    gems: z.int().min(0).max(1_000_000).default(5).describe('Gems that a role may claim once a day.'),
  })
  .describe('Days of the game, and their reward.')

const teamSection = z
  .strictObject({
    membersMax: z.int().min(2).max(limits.teamMembersMax).default(5).describe('Members of one team.'),
    requestsMax: z
      .int()
      .min(1)
      .max(limits.teamRequestsMax)
      .default(10)
      .describe('Open applications, and as many open invitations, of one team.'),
    requestMs: ms.default(60_000).describe('How long an application or an invitation is open.'),
    sweepIntervalMs: ms
      .default(30_000)
      .describe(
        'Time between two looks at the teams of the roles in memory: each server says which roles are there, puts out members that nobody plays any more, and tells again what chat or a player may have missed.',
      ),
    memberLostMs: ms
      .default(120_000)
      .describe(
        'A member that no server has seen for so long is put out: its server has died, and its player has not come back. At least three times `sweepIntervalMs`.',
      ),
    tellAgainMs: ms
      .default(10_000)
      .describe('A change that chat could not be told of is told again after this, at the next look.'),
  })
  .refine(({ sweepIntervalMs, memberLostMs }) => 3 * sweepIntervalMs <= memberLostMs, {
    path: ['memberLostMs'],
    message: 'expected to be at least three times sweepIntervalMs, or members that are there would be lost',
  })
  .describe('Teams.')

const eventLogSection = eventLogConfigSchema
  .extend({
    onlineIntervalMs: ms.default(60_000).describe('Time between two records of how many roles are played.'),
  })
  .describe(
    'What happened to roles, for those who look into it later: logins, every coming and going of value, levels, refusals. One JSON object a line in `<directory>/game-events.jsonl`.',
  )

const refusalsSection = z
  .strictObject({
    linesPerMinute: z
      .int()
      .min(1)
      .max(10_000)
      .default(20)
      .describe(
        'Of one role, so many are written to the log and to the event log; the metric `hydra_game_refusals_total` counts all of them.',
      ),
  })
  .describe('Requests that were refused with a code that smells of cheating.')

const drainSection = z
  .strictObject({
    announceMs: ms
      .default(300)
      .describe('How long the registry may take to tell the others that nothing new should come.'),
    rewardsMs: ms
      .default(150)
      .describe(
        'How long rewards of kills may take to reach their roles when the scenes have ended, before roles leave.',
      ),
    rolesMs: ms.default(2_850).describe('How long all roles together may take to be saved and released.'),
    parallel: z
      .int()
      .min(1)
      .max(100_000)
      .default(1_000)
      .describe('Roles that are saved and released at one time.'),
    queueMs: ms.default(500).describe('How long what then is still in the role queue may take to be stored.'),
    callsMs: ms.default(500).describe('How long calls that are being answered may take at last.'),
  })
  .describe(
    'What is done after SIGTERM; the sum of the times, with `[eventLog] closeMs`, must be less than `[service] stopTimeoutMs`.',
  )

/** Configuration of the game service: `data/conf/gameserver.toml` and docs/operations.md are made of it. */
export const gameConfigSchema = z
  .strictObject({
    service: serviceConfigSchema.prefault({}),
    log: logConfigSchema.prefault({}),
    tracing: tracingConfigSchema.prefault({}),
    ops: opsConfigSchema(9_102).prefault({}),
    cluster: clusterConfigSchema.prefault({}),
    rpc: rpcLimitsSchema.prefault({}),
    storage: storageConfigSchema.prefault({}),
    role: roleSection.prefault({}),
    roleQueue: roleQueueConfigSchema.prefault({}),
    chat: chatSection.prefault({}),
    wallet: walletSection.prefault({}),
    tables: tablesSection.prefault({}),
    ledger: ledgerSection.prefault({}),
    team: teamSection.prefault({}),
    scene: sceneSection.prefault({}),
    sceneRules: sceneRulesSection.prefault({}),
    daily: dailySection.prefault({}),
    eventLog: eventLogSection.prefault({}),
    refusals: refusalsSection.prefault({}),
    drain: drainSection.prefault({}),
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
