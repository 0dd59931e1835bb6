import * as z from 'zod'
import { limits } from '../limits.ts'
import { id, roleLevel, roleName, tableId } from '../routes/shared.ts'

const coordinate = z.number().int().min(0).max(limits.sceneSideMaxCm)

/** A place in a scene: whole centimetres from its corner, `[x, y]`. Servers compute with these too: nothing is rounded on the way. */
export const scenePoint = z.tuple([coordinate, coordinate]).describe('`[x, y]` in whole centimetres.')

/** Number of an entity in its scene: never used again there. */
export const entityId = z.number().int().min(1)

const count = z.number().int().min(1)
const health = z
  .tuple([z.number().int().nonnegative(), count])
  .describe('What is left of its health, and all of it.')
const state = z.enum(['d', 'a']).describe('`d` dead, `a` its player is away for a moment.')

/**
 * Something in a scene, as clients see it: its components under short keys, because these are most of what a game
 * server sends. `i` and `k` never change; of the others, those that a kind has.
 */
export const sceneEntity = z.object({
  i: entityId.describe('Id in the scene.'),
  k: z.enum(['p', 'm', 'l']).describe('Kind: `p` player, `m` monster, `l` loot.'),
  p: scenePoint.describe('Place.'),
  n: z.union([roleName, tableId]).describe('Name of a player; of others the id of their row in the table.'),
  r: id.optional().describe('Role of a player.'),
  l: roleLevel.optional().describe('Level.'),
  h: health.optional(),
  s: state.optional(),
  q: count.optional().describe('How many, of loot.'),
  o: id.optional().describe('The role to which loot belongs, for now.'),
})

/** What has changed of an entity: its components as they are now, `null` for one that it has no more. */
export const sceneChange = z.object({
  i: entityId,
  p: scenePoint.optional(),
  n: sceneEntity.shape.n.optional(),
  l: roleLevel.optional(),
  h: health.optional(),
  s: state.nullable().optional(),
  o: id.nullable().optional(),
})

/** Something that was done and leaves no state behind: who, to whom, and how much. */
export const sceneAction = z
  .tuple([entityId, entityId, z.number().int()])
  .describe('A hit: who, whom, and the damage.')

/** Type of {@link scenePoint}. */
export type ScenePoint = Readonly<z.output<typeof scenePoint>>
/** Type of {@link sceneEntity}. */
export type SceneEntity = Readonly<z.output<typeof sceneEntity>>
/** Type of {@link sceneChange}. */
export type SceneChange = Readonly<z.output<typeof sceneChange>>
/** Type of {@link sceneAction}. */
export type SceneAction = Readonly<z.output<typeof sceneAction>>
