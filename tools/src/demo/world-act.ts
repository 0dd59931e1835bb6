import { walkTo, whereAmI } from '@hydra/bots'
import type { GameClient } from '@hydra/client'
import { pushes, routes, type PayloadOf } from '@hydra/protocol'
import { expectEqual } from './expect.ts'
import { Hero } from './hero.ts'
import type { Stage } from './story.ts'

const { bag, team, wallet } = routes.game

/** Where somebody is. */
export interface Whereabouts {
  readonly scene: string
  readonly at: readonly [number, number]
}

/** One of the two players. */
interface Player {
  readonly client: GameClient
  readonly rid: string
}

/**
 * The third act of the story: both walk into the meadow and see each other; Ada kills a monster, picks up what it leaves
 * and sells it; they team up, and what the next one brings is for both. Answers where Ada stands at the end.
 *
 * @throws Error naming the step whose outcome was not the expected one; HydraError of a refused request.
 */
export async function playWorld({ say }: Pick<Stage, 'say'>, ada: Player, bob: Player): Promise<Whereabouts> {
  const [hero, friend] = [new Hero(ada.client, ada.rid), new Hero(bob.client, bob.rid)]
  try {
    const { scene } = await hero.view.enter()
    await friend.view.enter()
    await hero.sees('Bob', ({ r }) => r === bob.rid)
    await friend.sees('Ada', ({ r }) => r === ada.rid)
    say('enter the world', `both stand in "${scene}" and see each other`)

    await meet(hero, friend)
    say('walk', 'Ada walked over to Bob, step by step; he saw her come')

    await huntAlone(hero, say)
    await teamUp(hero, friend)
    say('team up', 'Ada invited Bob, who accepted')

    const forBob = friend.isRewarded('kill')
    const forAda = hero.isRewarded('kill')
    await hero.kills()
    const [mine, his] = [await forAda, await forBob]
    if (mine.exp + his.exp === 0) throw new Error('The kill of a team has brought no experience to anybody.')
    say('fight together', `the kill brought Ada ${mine.exp} and Bob ${his.exp} experience`)
    return { scene, at: await whereAmI(hero) }
  } finally {
    hero.view.close()
    friend.view.close()
  }
}

/** Ada comes back: she stands where she was. */
export async function expectSamePlace(client: GameClient, before: Whereabouts): Promise<void> {
  const { scene, at } = await client.request(routes.game.scene.enter, {})
  expectEqual('the place after coming back', { scene, at }, before)
}

async function meet(hero: Hero, friend: Hero): Promise<void> {
  const [x, y] = await whereAmI(friend)
  const place = [x + 60, y + 60] as const
  if (!(await walkTo(hero, place))) throw new Error('Ada did not get to where Bob is.')
  await friend.sees('Ada beside him', ({ r, p }) => r === hero.rid && p[0] === place[0] && p[1] === place[1])
}

async function huntAlone(hero: Hero, say: Stage['say']): Promise<void> {
  const killed = hero.isRewarded('kill')
  const { n } = await hero.kills()
  const { exp, gold } = await killed
  if (exp === 0) throw new Error('A kill has brought no experience.')
  say('kill a monster', `Ada killed a ${n}: ${exp} experience, ${gold} gold`)

  const loot = await hero.sees('her loot', ({ k, o }) => k === 'l' && o === hero.rid)
  await walkTo(hero, loot.p, 100)
  const { lastOperation } = await hero.client.request(bag.get, {})
  const picked = await hero.client.request(routes.game.scene.pick, {
    loot: loot.i,
    operation: lastOperation + 1,
  })
  expectEqual('what was picked up', [picked.item, picked.count], [loot.n, loot.q ?? 1])

  const before = await hero.client.request(wallet.get, {})
  const { slots } = await hero.client.request(bag.get, {})
  const slot = slots.findIndex((stack) => stack?.item === picked.item)
  const sold = await hero.client.request(bag.sell, { ...picked, slot, operation: lastOperation + 2 })
  if (sold.gold <= before.gold) throw new Error(`Selling left ${sold.gold} gold of ${before.gold}.`)
  say('loot and sell', `${picked.count} × ${picked.item} for ${sold.gold - before.gold} gold`)
}

async function teamUp(hero: Hero, friend: Hero): Promise<void> {
  const invited = new Promise<PayloadOf<typeof pushes.game.team.invited>>((resolve) => {
    friend.client.on(pushes.game.team.invited, resolve)
  })
  const { teamId } = (await hero.client.request(team.create, {})).team
  await hero.client.request(team.invite, { rid: friend.rid })
  expectEqual('the team that Bob was invited into', (await invited).teamId, teamId)
  const { members } = (await friend.client.request(team.accept, { teamId })).team
  expectEqual(
    'the members of the team',
    members.map(({ rid }) => rid),
    [hero.rid, friend.rid],
  )
}
