import * as z from 'zod'
import { definePush, defineRoute } from '../../define-route.ts'
import { limits } from '../../limits.ts'
import { entityId, sceneAction, sceneChange, sceneEntity, scenePoint } from '../../scene/entity.ts'
import { empty, operation, tableId } from '../shared.ts'

const sceneKey = z
  .number()
  .int()
  .nonnegative()
  .describe('Which scene this is about: two of one table row, on two servers, have different keys.')
const tick = z.number().int().nonnegative().describe("The scene's count of steps.")
const cell = z.number().int().nonnegative()
const side = z.number().int().min(1).max(limits.sceneSideMaxCm)

/** What a client needs to know of a scene to show it. */
export const sceneInfo = z.object({
  scene: tableId,
  x: sceneKey,
  t: tick,
  tickMs: z.number().int().min(1).describe('Milliseconds between steps.'),
  width: side,
  height: side,
  cellSize: side,
  self: entityId.describe("The player's own entity."),
  at: scenePoint,
})

/** Enters the scene of the role's place. */
export const enter = defineRoute({
  name: 'game.scene.enter',
  code: 210,
  kind: 'request',
  auth: 'role',
  request: empty,
  response: sceneInfo,
  errors: ['SCENE_FULL', 'ROLE_ELSEWHERE'],
  summary:
    'Appear in the world where the role was last. The server of that scene answers, whichever it is. What is around ' +
    'follows as `game.scene.view`. Repeating it is safe.',
})

/** Leaves the scene. */
export const leave = defineRoute({
  name: 'game.scene.leave',
  code: 211,
  kind: 'request',
  auth: 'role',
  request: empty,
  response: empty,
  errors: [],
  summary: 'Disappear from the world; the place is kept. The role stays entered.',
})

/** Makes a step. */
export const move = defineRoute({
  name: 'game.scene.move',
  code: 212,
  kind: 'request',
  auth: 'role',
  request: z.object({ to: scenePoint }),
  response: z.object({ at: scenePoint, t: tick }),
  errors: ['NOT_IN_SCENE', 'MOVE_TOO_FAR', 'PLACE_OUTSIDE', 'ROLE_DEAD'],
  summary:
    "Step to a place that the role's speed allows to have reached since the step before. Refused, nothing changes, and " +
    '`metadata.at` says where the role is.',
})

/** Goes through a portal. */
export const travel = defineRoute({
  name: 'game.scene.travel',
  code: 213,
  kind: 'request',
  auth: 'role',
  request: z.object({ to: tableId }),
  response: sceneInfo,
  errors: ['NOT_IN_SCENE', 'NO_PORTAL', 'ROLE_DEAD', 'SCENE_FULL', 'ROLE_ELSEWHERE'],
  summary:
    'Go through a portal in reach, to another scene, also to one on another server. Repeating it is safe: who has ' +
    'arrived is answered as by `game.scene.enter`.',
})

/** Attacks something. */
export const attack = defineRoute({
  name: 'game.scene.attack',
  code: 214,
  kind: 'request',
  auth: 'role',
  request: z.object({ target: entityId }),
  response: z.object({ damage: z.number().int().nonnegative(), left: z.number().int().nonnegative() }),
  errors: ['NOT_IN_SCENE', 'TARGET_NOT_FOUND', 'TARGET_INVALID', 'OUT_OF_REACH', 'TOO_SOON', 'ROLE_DEAD'],
  summary: 'Hit a monster in reach. What a kill brings comes as `game.role.rewarded`, when it is stored.',
})

/** Takes loot. */
export const pick = defineRoute({
  name: 'game.scene.pick',
  code: 215,
  kind: 'request',
  auth: 'role',
  request: z.object({ loot: entityId, operation }),
  response: z.object({ item: tableId, count: z.number().int().min(1) }),
  errors: [
    'NOT_IN_SCENE',
    'TARGET_NOT_FOUND',
    'TARGET_INVALID',
    'OUT_OF_REACH',
    'LOOT_RESERVED',
    'ROLE_DEAD',
    'BAG_FULL',
    'OPERATION_REPEATED',
    'OPERATION_TOO_OLD',
    'OPERATION_TOO_FAR',
  ],
  summary: 'Take loot that lies in reach into the bag.',
})

/** Asks for everything in view once more. */
export const resync = defineRoute({
  name: 'game.scene.resync',
  code: 216,
  kind: 'request',
  auth: 'role',
  request: empty,
  response: z.object({ x: sceneKey, t: tick }),
  errors: ['NOT_IN_SCENE'],
  summary:
    'Have all of the view sent again, after a gap or a lost connection. The session receives the scene from then on, ' +
    'whatever was the matter before.',
})

/** What has changed in a cell during one step. */
export const delta = definePush({
  name: 'game.scene.delta',
  code: 251,
  payload: z.object({
    x: sceneKey,
    c: cell,
    t: tick,
    p: tick.describe('Step of the former delta of the cell. Not the last one known: something was missed.'),
    e: z.array(sceneEntity).optional().describe('What has come into the cell.'),
    u: z.array(sceneChange).optional().describe('What has changed in it.'),
    g: z.array(entityId).optional().describe('What is not in the cell any more.'),
    a: z.array(sceneAction).optional().describe('What was done.'),
  }),
  summary:
    'Of the entities in one cell, what has changed in one step. A step without changes has none. Whoever watches the ' +
    'cell receives the same bytes.',
})

/** What is in view. */
export const view = definePush({
  name: 'game.scene.view',
  code: 252,
  payload: z.object({
    x: sceneKey,
    t: tick,
    v: z
      .array(cell)
      .max(limits.sceneCellsInView)
      .describe('The cells in view. What is known of others is out of date.'),
    c: z
      .array(z.object({ c: cell, t: tick.describe('Step of its last delta.'), e: z.array(sceneEntity) }))
      .max(limits.sceneCellsInView)
      .describe('Those of them that are new to the client, or all, as they were at the end of step `t`.'),
  }),
  summary:
    'The cells that the session sees from now on, and the content of those that it did not see before.',
})

/** A sign of life of a cell. */
export const beat = definePush({
  name: 'game.scene.beat',
  code: 253,
  payload: z.object({
    x: sceneKey,
    c: cell,
    t: tick,
    p: tick.describe('Step of the last delta of the cell.'),
    d: z.number().int().nonnegative().describe('Digest of what is in the cell.'),
  }),
  summary: 'Nothing has changed in a cell since step `p`. Whoever has another digest has missed something.',
})

/** The session is not in the scene any more. */
export const closed = definePush({
  name: 'game.scene.closed',
  code: 254,
  payload: z.object({ x: sceneKey, reason: z.enum(['moved', 'closing', 'left']) }),
  summary:
    'The role is not in the scene any more. `moved`: the scene is on another server now, `closing`: its server stops; ' +
    'enter again in both cases. `left`: the role has left it.',
})

/** Type of {@link sceneInfo}. */
export type SceneInfo = Readonly<z.output<typeof sceneInfo>>
/** What `game.scene.delta` carries. */
export type SceneDelta = Readonly<z.output<typeof delta.payload>>
/** What `game.scene.view` carries. */
export type SceneViewPush = Readonly<z.output<typeof view.payload>>
/** What `game.scene.beat` carries. */
export type SceneBeat = Readonly<z.output<typeof beat.payload>>
