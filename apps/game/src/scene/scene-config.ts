import { z } from 'zod'
import { sceneSettings } from './scene-settings.ts'

const ms = z.int().min(1).max(3_600_000)
const centimetres = z.int().min(1).max(100_000)

/** Section `[scene]`: how scenes run. */
export const sceneSection = z
  .strictObject({
    tickMs: z
      .int()
      .min(10)
      .max(1_000)
      .default(100)
      .describe('Time between the steps of scenes: so often players see what has changed.'),
    catchUpMax: z
      .int()
      .min(1)
      .max(100)
      .default(3)
      .describe('A server that is late makes so many steps in a row; further ones are left out.'),
    instancesMax: z
      .int()
      .min(1)
      .max(10_000)
      .default(256)
      .describe(
        'Instances of scenes on this server at one time; who wants to enter a further one is refused with `SERVER_BUSY`.',
      ),
    emptyMs: ms
      .default(60_000)
      .describe('How long a scene goes on without players: so long its monsters and loot stay as they are.'),
    moveAfterMs: ms
      .default(3_000)
      .describe(
        'A scene goes by the game servers that are there. When another one has been the right one for so long, the players are sent there.',
      ),
    handOverMs: ms
      .default(3_000)
      .describe(
        'How long a role may take to be saved on its way to another server; else it stays, and its player tries again.',
      ),
    beatTicks: z
      .int()
      .min(1)
      .max(10_000)
      .default(20)
      .meta({ unit: 'steps' })
      .describe('Time between signs of life of a part of a scene in which nothing changes.'),
    savePlaceMs: ms
      .default(30_000)
      .describe(
        'Time between notes of where roles are, which is where they come back after this server has died.',
      ),
    savesParallel: z
      .int()
      .min(1)
      .max(10_000)
      .default(64)
      .describe('How many places of roles are noted at one time.'),
    joinTimeoutMs: ms
      .default(2_000)
      .describe('Bound of one call that has a gate deliver parts of a scene to a session.'),
    joinAttemptsMax: z
      .int()
      .min(1)
      .max(100)
      .default(5)
      .describe('How often in a row a gate is asked to deliver parts of a scene to a session.'),
    joinRetryMs: ms
      .default(500)
      .describe(
        'Pause after the first failure to have a gate deliver parts of a scene; it doubles each time.',
      ),
    joinsParallel: z
      .int()
      .min(1)
      .max(10_000)
      .default(256)
      .describe('Calls under way at one time that have gates deliver parts of scenes.'),
    rewardsMax: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10_000)
      .describe(
        'Kills whose rewards are on their way to the roles; further ones bring nothing, and are counted.',
      ),
    rewardsParallel: z
      .int()
      .min(1)
      .max(10_000)
      .default(64)
      .describe('Rewards of kills that are given at one time.'),
  })
  .describe('Running scenes.')

/** Section `[sceneRules]`: what designers may change. */
export const sceneRulesSection = z
  .strictObject({
    speed: centimetres.default(sceneSettings.speed).meta({ unit: 'cm/s' }).describe('How fast players go.'),
    speedTolerance: z
      .number()
      .min(1)
      .max(10)
      .default(sceneSettings.speedTolerance)
      .describe(
        'So much faster than the speed of players is still believed: clients round, and clocks differ.',
      ),
    moveBurstMs: ms
      .default(sceneSettings.moveBurstMs)
      .describe(
        'Most time for which one step may make up after a pause: late packets are forgiven, teleports are not.',
      ),
    reach: centimetres
      .default(sceneSettings.reach)
      .meta({ unit: 'cm' })
      .describe('How far players hit and pick up.'),
    attackEveryMs: ms.default(sceneSettings.attackEveryMs).describe('Time between two attacks of a player.'),
    shareRadius: centimetres
      .default(sceneSettings.shareRadius)
      .meta({ unit: 'cm' })
      .describe('How near to a kill the others of a team have to be to share in it.'),
    playerRespawnMs: ms
      .default(sceneSettings.playerRespawnMs)
      .describe('Time until a player who has died comes back.'),
    lootReservedMs: ms
      .default(sceneSettings.lootReservedMs)
      .describe('How long loot belongs to who made the kill.'),
    lootMs: ms.default(sceneSettings.lootMs).describe('How long loot lies about.'),
  })
  .describe(
    'What designers may change of the rules in scenes; the rest is in `apps/game/src/scene/scene-settings.ts`.',
  )
