import type { StorageDrivers } from '@hydra/persistence'
import { HydraError, type RouteName } from '@hydra/protocol'
import type { RoleSession, ServiceHandlers } from '@hydra/rpc'
import { createMetrics, silentLogger, type Clock, type Ids } from '@hydra/runtime'
import { allianceHandlers } from '../alliance/alliance-handlers.ts'
import { AllianceRosters } from '../alliance/alliance-rosters.ts'
import { AllianceWatch } from '../alliance/alliance-watch.ts'
import { GateTopics } from '../channel/gate-topics.ts'
import type { Chat } from '../chat.ts'
import { createChatMetrics } from '../chat-metrics.ts'
import { chatConfigSchema } from '../config.ts'
import { storyBounds } from './alliance-action.ts'
import { Life } from './mortal.ts'

type AllianceHandlers = ReturnType<typeof allianceHandlers>
type AllianceRoute = keyof AllianceHandlers & RouteName
type BodyOf<Route extends AllianceRoute> = Parameters<ServiceHandlers<'chat'>[Route]>[1]
type AnswerOf<Route extends AllianceRoute> = Awaited<ReturnType<ServiceHandlers<'chat'>[Route]>>

/** What several servers have around them. */
export interface Surroundings {
  readonly peer: Chat['peer']
  readonly clock: Clock
  readonly ids: Ids
  readonly storedRole: Chat['storedRole']
}

const config = chatConfigSchema.parse({ alliance: storyBounds })

/** The alliances of one chat server that may die at any of its calls. */
export class AllianceServer {
  readonly life = new Life()
  readonly watch: AllianceWatch
  readonly #handlers: AllianceHandlers

  constructor(storage: StorageDrivers, { peer: bus, clock, ids, storedRole }: Surroundings) {
    const log = silentLogger
    const lead = <T extends object>(part: T): T => this.life.lead(part)
    const { stores } = storage
    const [alliances, allianceViews] = [lead(storage.alliances), lead(stores.allianceViews)]
    const peer = { ...bus, call: lead(bus).call }
    const chat: Pick<
      Chat,
      | ('chatLog' | 'chatMarkers' | 'chatArchive' | 'presence' | 'alliances' | 'allianceViews')
      | ('rosters' | 'topics' | 'peer' | 'words' | 'config' | 'clock' | 'ids' | 'log' | 'metrics')
      | 'storedRole'
    > = {
      chatLog: lead(stores.chatLog),
      chatMarkers: lead(stores.chatMarkers),
      chatArchive: lead(storage.chatArchive),
      presence: lead(stores.presence),
      alliances,
      allianceViews,
      rosters: new AllianceRosters({ alliances, allianceViews, log }),
      topics: new GateTopics({ peer, log, timeoutMs: 1_000 }),
      peer,
      words: { clean: (text) => text, isClean: () => true },
      config,
      clock,
      ids,
      log,
      metrics: createChatMetrics(createMetrics({ service: 'chat' })),
      storedRole,
    }
    this.#handlers = allianceHandlers(chat as Chat)
    this.watch = new AllianceWatch(chat as Chat)
  }

  /** Answers a request; `died`: nobody does any more. @throws HydraError what the handler throws. */
  async request<Route extends AllianceRoute>(
    route: Route,
    session: RoleSession | undefined,
    body: BodyOf<Route>,
  ): Promise<AnswerOf<Route> | 'died'> {
    const context = {
      from: 'gate',
      traceparent: '',
      remainingMs: () => 1_000,
      route,
      session,
      updateSession: () => {},
    }
    // The compiler cannot follow that this route's handler takes this route's body.
    const handler = this.#handlers[route] as unknown as (
      context: unknown,
      body: unknown,
    ) => Promise<AnswerOf<Route>>
    return Promise.race([handler(context, body), this.life.ended])
  }
}

/** The code that a request has ended with, or what it has answered. */
export async function outcomeOf(request: Promise<unknown>): Promise<string> {
  try {
    const answer = await request
    if (answer === 'died') return 'died'
    return (answer as { readonly state?: string }).state ?? 'ok'
  } catch (error) {
    if (error instanceof HydraError && error.code !== 'INTERNAL') return error.code
    throw error
  }
}
