import { routes, type SceneEntity } from '@hydra/protocol'
import { behaviour, type Behaviour } from '../script/behaviour.ts'
import { orCode } from './refusals.ts'
import { nearest, walkTo } from './walk.ts'

/** What a player runs into who is not quick enough, or has no room. */
const usual = [
  'TARGET_NOT_FOUND',
  'TARGET_INVALID',
  'OUT_OF_REACH',
  'LOOT_RESERVED',
  'ROLE_DEAD',
  'BAG_FULL',
] as const

/** Picks up loot in view that is the role's or nobody's: at most so many pieces. */
export const gather = ({ reachCm = 150, piecesMax = 3 } = {}): Behaviour =>
  behaviour('gather', async (me) => {
    const isMine = ({ k, o }: SceneEntity) => k === 'l' && (o === undefined || o === me.rid)
    const loot = await nearest(me, isMine)
    for (const { i, p } of loot.slice(0, piecesMax)) {
      if (!(await walkTo(me, p, reachCm))) return
      await orCode(me.operate(routes.game.scene.pick, { loot: i }), usual)
    }
  })
