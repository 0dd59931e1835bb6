import { createMemoryStores, type AllianceChanged, type AllianceRoster } from '@hydra/persistence'
import { createCountingIds, ManualClock, silentLogger } from '@hydra/runtime'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Chat } from '../chat.ts'
import { chatConfigSchema } from '../config.ts'
import { delayed } from '../test-support/delayed.ts'
import { AllianceRosters } from './alliance-rosters.ts'
import { AllianceWatch } from './alliance-watch.ts'
import { underMark } from './change-alliance.ts'

const allianceId = 'a'
const config = chatConfigSchema.parse({})

/** A reader looks; somebody changes the alliance, which may be refused, or dies before its mark is finished. */
type Step = 'look' | 'change' | 'refuse' | 'die'
const step = fc.constantFrom<Step>('look', 'look', 'change', 'change', 'refuse', 'die')

function moment() {
  let now = () => {}
  const come = new Promise<void>((resolve) => (now = resolve))
  return { come, now }
}

/** One alliance in a database that only has versions, its view, and servers that read and change it. */
class World {
  readonly clock = new ManualClock()
  readonly views = createMemoryStores({ clock: this.clock }).allianceViews
  readonly watch: AllianceWatch
  readonly #chat: Chat
  readonly #scheduler: fc.Scheduler
  #version = 1
  /** Of servers that will die: from the mark to the lock. */
  readonly #beginnings: Promise<void>[] = []
  /** And from the lock, which others wait for, to the commit. */
  readonly #transactions: Promise<void>[] = []

  constructor(scheduler: fc.Scheduler) {
    this.#scheduler = scheduler
    const alliances = delayed(scheduler, {
      roster: async () => this.stored(),
      change: async () => {
        await Promise.all(this.#transactions)
      },
    })
    const { clock } = this
    this.#chat = {
      alliances,
      allianceViews: delayed(scheduler, this.views),
      clock,
      ids: createCountingIds('mark'),
      log: silentLogger,
      config,
      metrics: {},
      peer: { publish: () => {} },
      // What changing and watching an alliance uses of it; the rest nobody asks for here.
    } as unknown as Chat
    this.watch = new AllianceWatch(this.#chat)
  }

  stored(): AllianceRoster {
    const alliance = { allianceId, version: this.#version } as AllianceRoster['alliance']
    return { alliance, members: [] }
  }

  async do(what: Step): Promise<unknown> {
    const { alliances, allianceViews, ids, log } = this.#chat
    const { clock } = this
    if (what === 'look') return new AllianceRosters({ alliances, allianceViews, log }).get(allianceId)
    if (what === 'die') {
      const [begun, ended] = [moment(), moment()]
      this.#beginnings.push(begun.come)
      const token = ids.next()
      const expiresAtMs = clock.nowMs() + config.alliance.changeTimeoutMs
      await allianceViews.begin({ token, allianceId, rids: [] }, expiresAtMs)
      this.#transactions.push(ended.come)
      begun.now()
      await this.#scheduler.schedule(Promise.resolve())
      this.#version += 1
      ended.now()
      await this.#scheduler.schedule(Promise.resolve())
      // No server waits for as long as a mark lasts between the mark and its transaction.
      await Promise.all(this.#beginnings)
      // Marks of changes that are still being made expire with it.
      clock.advance(config.alliance.changeTimeoutMs)
      return this.watch.now()
    }
    return underMark(this.#chat, { allianceId, rids: [] }, async () => {
      await this.#scheduler.schedule(Promise.resolve())
      if (what === 'refuse') return undefined
      this.#version += 1
      return { decided: {}, changed: { ...this.stored(), left: [] } satisfies AllianceChanged }
    })
  }
}

it('no view is left that is older than the database, whoever reads, changes or dies in between', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(step, { minLength: 2, maxLength: 6 }),
      async (scheduler, steps) => {
        const world = new World(scheduler)
        await scheduler.waitFor(Promise.all(steps.map((what) => world.do(what))))
        // Looks are shared, so a mark may have come behind the last one.
        await scheduler.waitFor(world.watch.now())
        expect([undefined, world.stored()]).toContainEqual(await world.views.get(allianceId))
        expect(await world.views.expired(Number.MAX_SAFE_INTEGER, 10)).toEqual([])
      },
    ),
    { numRuns: 2_000 },
  )
})
