import { routes } from '@hydra/protocol'
import { oneAmong } from '../random.ts'
import { behaviour, type Behaviour } from '../script/behaviour.ts'
import { orCode } from './refusals.ts'

const { bag, daily } = routes.game
const usual = [
  'ITEM_NOT_OWNED',
  'ITEM_NOT_SELLABLE',
  'ITEM_NOT_USABLE',
  'BAG_FULL',
  'BALANCE_TOO_HIGH',
] as const

/** Sells, or uses, some of what is in the bag; nothing when that is empty. */
const one = (name: string, route: typeof bag.sell | typeof bag.use): Behaviour =>
  behaviour(name, async (me) => {
    const [which, share] = [me.random(), me.random()]
    const { slots } = await me.request(bag.get, {})
    const full = slots.flatMap((stack, slot) => (stack === null ? [] : [{ slot, ...stack }]))
    if (full.length === 0) return
    const { slot, item, count } = oneAmong(full, () => which)
    const some = 1 + Math.floor(share * count)
    await orCode(me.operate(route, { slot, item, count: some }), usual)
  })

/** Sells some of an item in the bag. */
export const sell = (): Behaviour => one('sell', bag.sell)

/** Uses some of an item in the bag. */
export const consume = (): Behaviour => one('use', bag.use)

/** Claims the reward of the day, where it was not claimed yet. */
export const claimDaily = (): Behaviour =>
  behaviour('claim the daily reward', async (me) => {
    const { isClaimed } = await me.request(daily.get, {})
    if (!isClaimed) await orCode(me.operate(daily.claim, {}), ['DAILY_CLAIMED', 'BALANCE_TOO_HIGH'])
  })
