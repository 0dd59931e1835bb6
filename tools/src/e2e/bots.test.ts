import { behaviour, BotCrowd, createBot, wander, type Behaviour, type Bot } from '@hydra/bots'
import { routes } from '@hydra/protocol'
import { systemClock } from '@hydra/runtime'
import { eventually, uniqueName } from '@hydra/testing'
import { describe, expect, it } from 'vitest'
import { useEmbeddedHydra } from './embedded.fixture.ts'

const embedded = useEmbeddedHydra({ HYDRA_HTTP_PASSWORD_COST_LOG2: '10' })

const newName = (): string => `b${uniqueName('x').slice(-8)}`

/** Stands still until it is to end. */
const stand: Behaviour = behaviour('stand', (me) => me.pause(60_000))

const begin = (
  options: { name?: string; script?: Behaviour; onNote?: (what: string, round: number) => void } = {},
): Bot => {
  const { name = newName(), script = stand, onNote } = options
  const watch = onNote === undefined ? {} : { watch: { onNote } }
  const bot = createBot({
    httpUrl: embedded.hydra.httpUrl,
    name,
    seed: 1,
    script,
    clock: systemClock,
    ...watch,
  })
  bot.start()
  return bot
}

describe('a bot', () => {
  it('comes into the game, plays on, and logs out', async () => {
    const bot = begin({ script: wander({ reachCm: 100 }) })
    expect([bot.isPlaying, bot.rid]).toEqual([false, ''])
    expect(await bot.arrived()).toBe(true)
    await bot.hold()
    await bot.actor.scene()
    await eventually(() => bot.view?.self?.r === bot.rid)
    await bot.stop()
    expect(bot.isPlaying).toBe(false)
    expect(bot.stats.defects).toEqual([])
    expect((await embedded.hydra.storage.roles.find(bot.rid))?.name).toBe(bot.name)
  })

  it('stands still while it is held, and goes on', async () => {
    let begun: (round: number) => void = () => {}
    const bot = begin({ onNote: (_, round) => begun(round) })
    await bot.arrived()
    await bot.hold()
    const { rounds } = bot.actor
    await bot.actor.request(routes.game.role.ping, {})
    expect(bot.actor.rounds).toBe(rounds)
    const next = new Promise<number>((resolve) => (begun = resolve))
    bot.resume()
    expect(await next).toBe(rounds + 1)
    await bot.stop()
  })

  it('comes back as if nothing had happened, and after a logout enters again', async () => {
    const bot = begin()
    await bot.arrived()
    await bot.hold()
    const { actor, stats } = bot
    const { info } = await actor.scene()
    await actor.drop()
    expect(bot.isPlaying).toBe(false)
    expect((await actor.scene()).info?.self).toBe(info?.self)
    expect(stats.events).toMatchObject({ reconnects: 1, resumed: 1 })
    await actor.logOut()
    expect((await actor.scene()).info?.at).toEqual(info?.at)
    expect(stats.events).toMatchObject({ reconnects: 2, resumed: 1 })
    await bot.stop()
    expect(stats.defects).toEqual([])
  })

  it('makes an operation once, also when the answer is lost', async () => {
    const bot = begin()
    await bot.arrived()
    await bot.hold()
    const { actor } = bot
    const { lastOperation } = await actor.request(routes.game.bag.get, {})
    const claimed = actor.operate(routes.game.daily.claim, {})
    await actor.drop()
    await claimed
    const { entries } = await actor.request(routes.game.wallet.ledger, {})
    expect(entries.filter(({ reason }) => reason === 'daily')).toHaveLength(1)
    expect((await actor.request(routes.game.bag.get, {})).lastOperation).toBe(lastOperation + 1)
    await bot.stop()
  })

  it('finds its account and its role again', async () => {
    const name = newName()
    const first = begin({ name })
    await first.arrived()
    await first.stop()
    const again = begin({ name })
    await again.arrived()
    expect(again.rid).toBe(first.rid)
    await again.stop()
  })

  it('that is stopped at once has not arrived, and leaves nothing open', async () => {
    const bot = begin()
    const arrived = bot.arrived()
    await bot.stop()
    expect(bot.isPlaying).toBe(false)
    expect(typeof (await arrived)).toBe('boolean')
  })

  it('notes a mistake of its script and goes on', async () => {
    let rounds = 0
    let played: () => void = () => {}
    const enough = new Promise<void>((resolve) => (played = resolve))
    const script = behaviour('err', async () => {
      if (++rounds > 1) played()
      throw new TypeError('A mistake.')
    })
    const bot = begin({ script })
    await enough
    await bot.stop()
    expect(bot.stats.defects[0]?.cause).toBeInstanceOf(TypeError)
  })
})

it('a crowd begins one after the other, stands still, goes on and stops', async () => {
  const suffix = newName()
  const crowd = new BotCrowd({
    httpUrl: embedded.hydra.httpUrl,
    bots: 4,
    perSecond: 50,
    seed: 1,
    clock: systemClock,
    script: () => wander({ reachCm: 100 }),
    nameOf: (index) => `${suffix}n${index}`,
  })
  expect(crowd.progress).toEqual({ bots: 4, started: 0, playing: 0 })
  await crowd.start()
  expect(await crowd.arrived(10_000)).toEqual([])
  await crowd.hold()
  expect(crowd.progress).toEqual({ bots: 4, started: 4, playing: 4 })
  expect(crowd.stats().figures()).toMatchObject({ defects: 0 })
  crowd.resume()
  expect(await crowd.stop()).toEqual([])
  expect(crowd.progress.playing).toBe(0)
})
