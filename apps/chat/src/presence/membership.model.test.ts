import { createMemoryStores, type AllianceMembership } from '@hydra/persistence'
import { createCountingIds, createMetrics, ManualClock, silentLogger } from '@hydra/runtime'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Chat } from '../chat.ts'
import type { JoinOptions } from '../channel/gate-topics.ts'
import { createChatMetrics } from '../chat-metrics.ts'
import { chatConfigSchema } from '../config.ts'
import { delayed } from '../test-support/delayed.ts'
import { arrive } from './arrive.ts'
import { endPresence } from './end-presence.ts'
import { syncMembership } from './sync-membership.ts'

const rid = 'rid'
const config = chatConfigSchema.parse({})

type Step =
  | { readonly do: 'change'; readonly allianceId: string | undefined }
  | { readonly do: 'sync' | 'enter' | 'leave' | 'lose' }
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('change' as const), allianceId: fc.constantFrom('x', 'y', undefined) }),
  fc.record({ do: fc.constantFrom('sync' as const, 'enter' as const, 'leave' as const, 'lose' as const) }),
)

/** One role, what the database says of it, and what its gate delivers to each of its sessions. */
class World {
  readonly topics = new Map<string, Set<string>>()
  readonly stores = createMemoryStores({ clock: new ManualClock() })
  readonly chat: Chat
  #allianceId: string | undefined = 'x'
  #sessions = 0

  constructor(scheduler: fc.Scheduler) {
    const { stores, topics } = this
    const leave = async ({ sessionId }: { readonly sessionId: string }, names: readonly string[]) => {
      for (const name of names) topics.get(sessionId)?.delete(name)
    }
    const join = async (
      { sessionId }: { readonly sessionId: string },
      names: readonly string[],
      { insteadOf = [] }: JoinOptions = {},
    ) => {
      const isReplaced = (name: string) => insteadOf.some((beginning) => name.startsWith(beginning))
      const kept = [...(topics.get(sessionId) ?? [])].filter((name) => !isReplaced(name))
      topics.set(sessionId, new Set([...kept, ...names]))
      return true
    }
    const gate = {
      join,
      joinIfRoom: join,
      leave,
      leaveOrLog: leave,
    }
    const memberships = async () => [this.membership]
    this.chat = {
      presence: delayed(scheduler, stores.presence),
      chatMarkers: delayed(scheduler, stores.chatMarkers),
      chatTeams: delayed(scheduler, stores.chatTeams),
      chatLog: stores.chatLog,
      // Nothing was ever said.
      chatArchive: { ends: async (keys: readonly string[]) => keys.map(() => ({ lastSeq: 0, baseSeq: 0 })) },
      alliances: delayed(scheduler, { memberships, updateRole: async () => this.membership }),
      objects: { get: async () => undefined },
      topics: delayed(scheduler, gate),
      registry: { connected: true, get: () => undefined },
      peer: { publish: () => {} },
      config,
      ids: createCountingIds('mark'),
      allianceViews: stores.allianceViews,
      clock: new ManualClock(),
      log: silentLogger,
      metrics: createChatMetrics(createMetrics({ service: 'chat' })),
      // What arriving, leaving and making known use of it; the rest nobody asks for here.
    } as unknown as Chat
  }

  get lastSession(): string {
    return `s${this.#sessions}`
  }

  get membership(): AllianceMembership | undefined {
    const allianceId = this.#allianceId
    return allianceId === undefined
      ? undefined
      : { rid, uid: 'uid', name: 'Ada', level: 1, allianceId, rank: 'member', joinedAtMs: 0 }
  }

  async do(given: Step): Promise<unknown> {
    switch (given.do) {
      case 'change': {
        const left = this.#allianceId
        this.#allianceId = given.allianceId
        return syncMembership(this.chat, rid, left === undefined ? {} : { left })
      }
      case 'sync':
        return syncMembership(this.chat, rid)
      case 'enter':
        this.#sessions += 1
        return this.arrive()
      case 'leave':
        return endPresence(this.chat, rid, this.#sessions)
      case 'lose':
        return this.stores.presence.leave(rid, this.#sessions, 0)
    }
  }

  /** The last session enters, for the first time or again. */
  arrive(): Promise<unknown> {
    const { lastSession: sessionId } = this
    const role = { rid, uid: 'uid', name: 'Ada', level: 1 }
    return arrive(this.chat, { ...role, gateId: 'g', sessionId, sessionEpoch: this.#sessions })
  }
}

it('presence and gate show what the database has, whatever comes in between', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(step, { minLength: 1, maxLength: 5 }),
      async (scheduler, steps) => {
        const world = new World(scheduler)
        await scheduler.waitFor(world.do({ do: 'enter' }))
        const started: Promise<unknown>[] = []
        // Begun in this order, each as soon as the scheduler likes; all at once, as far as it likes.
        const sequence = scheduler.scheduleSequence(
          steps.map((one) => ({
            label: JSON.stringify(one),
            builder: async () => void started.push(world.do(one)),
          })),
        )
        await scheduler.waitFor(sequence.task)
        await scheduler.waitFor(Promise.all(started))
        // Whose presence was lost is told so, and joins by itself.
        if (steps.some((one) => one.do === 'lose')) await scheduler.waitFor(world.arrive())

        const noted = await world.stores.presence.get(rid)
        const allianceId = world.membership?.allianceId
        const heard = [...(world.topics.get(noted?.sessionId ?? world.lastSession) ?? [])]
        expect(noted?.allianceId).toBe(noted === undefined ? undefined : allianceId)
        const always = [`chat-role-${rid}`, 'chat-system', `chat-world-${noted?.world}`]
        const ofAlliance = allianceId === undefined ? [] : [`chat-alliance-${allianceId}`]
        expect(heard.toSorted()).toEqual(noted === undefined ? [] : [...ofAlliance, ...always])
      },
    ),
    { numRuns: 3_000 },
  )
})
