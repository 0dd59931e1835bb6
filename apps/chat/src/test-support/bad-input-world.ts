import { bodyCodec, type AnyRoute, type ErrorCode, type Serializer } from '@hydra/protocol'
import type { RoleSession, SessionIdentity } from '@hydra/rpc'
import { expect } from 'vitest'
import { castOf, stateOf, type ChatCast } from './chat-cast.ts'
import { ChatWorld } from './chat-world.ts'
import { goodBodies, outsidersRoutes, type GoodBodies } from './good-bodies.ts'
import { askRaw, type Ended } from './raw-requests.ts'
import type { TestBackends } from './test-backends.ts'
import type { TestGate } from './test-gate.ts'

/**
 * Codes that any route may answer, whatever its contract lists, when the request itself is to blame: its fields, its
 * bytes, or its size.
 */
const ofForm: readonly ErrorCode[] = ['BAD_REQUEST', 'PROTOCOL_ERROR', 'PAYLOAD_TOO_LARGE']

/** What one route was asked, and what is to become of it. */
interface Try {
  readonly body: unknown
  readonly bytes: Uint8Array
  readonly expected: 'taken' | ErrorCode
}

/** A chat service that is asked what nobody should ask, each time by a new cast. */
export class BadInputWorld {
  readonly world: ChatWorld
  readonly gate: TestGate
  cast: ChatCast
  #casts = 1

  private constructor(world: ChatWorld, gate: TestGate, cast: ChatCast) {
    this.world = world
    this.gate = gate
    this.cast = cast
  }

  static async open(backends: TestBackends): Promise<BadInputWorld> {
    const world = new ChatWorld(backends)
    await world.startChat({ alliance: { price: 0 } })
    const { gate } = await world.startGate()
    return new BadInputWorld(world, gate, await castOf(world, gate, '1'))
  }

  close(): Promise<void> {
    return this.world.close()
  }

  /** Puts a new cast on stage: nothing that others did before is seen. */
  async stage(): Promise<ChatCast> {
    this.cast = await castOf(this.world, this.gate, `${(this.#casts += 1)}`)
    return this.cast
  }

  state(): Promise<unknown> {
    return stateOf(this.world, this.cast)
  }

  bodyOf({ name }: AnyRoute, cast = this.cast): object {
    return goodBodies(cast)[name as keyof GoodBodies]
  }

  /** Who may call a route: clients by either serializer, or a server. */
  callers({ internal, name }: AnyRoute): readonly (RoleSession | null)[] {
    const session = outsidersRoutes.has(name) ? this.cast.outsider : this.cast.leader
    return internal ? [null] : [session, { ...session, serializer: otherThan(session.serializer) }]
  }

  ask(route: AnyRoute, session: SessionIdentity | null, body: unknown): Promise<Ended> {
    return this.askBytes(route, session, bodyCodec(session?.serializer ?? 'msgpack').encode(body))
  }

  askBytes(route: AnyRoute, session: SessionIdentity | null, bytes: Uint8Array): Promise<Ended> {
    return askRaw(this.gate.peer, route, session, bytes, { type: 'chat', key: session?.uid ?? 'game' })
  }

  /**
   * Sends bodies, all at once those that their form refuses. What is refused must change nothing; that what is taken by
   * its form is answered well is seen one by one for the first caller, and all at once for the other one.
   */
  async tryAll(route: AnyRoute, bodies: readonly unknown[]): Promise<void> {
    for (const [index, caller] of this.callers(route).entries()) {
      const serializer = caller?.serializer ?? 'msgpack'
      const tries = bodies.map((body): Try => {
        const bytes = bodyCodec(serializer).encode(body)
        return { body, bytes, expected: expectedOf(route, serializer, bytes) }
      })
      const before = await this.state()
      await this.#tryTogether(
        route,
        caller,
        tries.filter(({ expected }) => expected !== 'taken'),
      )
      expect(await this.state()).toEqual(before)
      const taken = tries.filter(({ expected }) => expected === 'taken')
      if (index === 0) await this.#tryEach(route, caller, taken)
      else await this.#tryTogether(route, caller, taken)
    }
  }

  /** Asks, and sees to it that the request ends as it should: if it is refused, with nothing changed. */
  async try(route: AnyRoute, caller: RoleSession | null, body: unknown): Promise<Ended> {
    const before = await this.state()
    const end = await this.ask(route, caller, body)
    expect(faultsOf(route, end, body)).toEqual([])
    if (!('answer' in end)) expect(await this.state()).toEqual(before)
    return end
  }

  async #tryTogether(route: AnyRoute, caller: RoleSession | null, tries: readonly Try[]): Promise<void> {
    const ends = await Promise.all(tries.map(({ bytes }) => this.askBytes(route, caller, bytes)))
    const faults = ends.flatMap((end, index) => {
      const { body, expected } = tries[index] as Try
      const isExpected = expected === 'taken' || end.code === expected
      return isExpected ? faultsOf(route, end, body) : [`${shortly(body)} ends with ${shortly(end)}`]
    })
    expect(faults).toEqual([])
  }

  async #tryEach(route: AnyRoute, caller: RoleSession | null, tries: readonly Try[]): Promise<void> {
    let before = await this.state()
    for (const { body, bytes } of tries) {
      const end = await this.askBytes(route, caller, bytes)
      expect(faultsOf(route, end, body)).toEqual([])
      const after = await this.state()
      if (!('answer' in end)) expect({ body, state: after }).toEqual({ body, state: before })
      before = after
    }
  }
}

/** What a server makes of bytes before its handler is asked. */
export function expectedOf(route: AnyRoute, serializer: Serializer, bytes: Uint8Array): 'taken' | ErrorCode {
  let body: unknown
  try {
    body = bodyCodec(serializer).decode(bytes)
  } catch {
    return 'PROTOCOL_ERROR'
  }
  return route.request.safeParse(body).success ? 'taken' : 'BAD_REQUEST'
}

/** What is wrong with how a request ended: with the form of an answer, the code of an error, or what it tells. */
export function faultsOf(route: AnyRoute, end: Ended, what: unknown): readonly string[] {
  const fault = (is: string) => [`${route.name} ${shortly(what)}: ${is}: ${shortly(end)}`]
  if ('answer' in end) {
    return route.response.safeParse(end.answer).success ? [] : fault('the answer is not that of the contract')
  }
  const { code, msg, metadata: { path, expectation } = {} } = end
  if (!([...ofForm, ...route.errors] as string[]).includes(code))
    return fault('the contract has no such error')
  if (msg.length < 10 || msg.length > 1_000) return fault('the message says nothing, or too much')
  if (code !== 'BAD_REQUEST') return []
  if (typeof path !== 'string' || path === '' || path.length > 100) return fault('it names no path')
  const isHelpful =
    typeof expectation === 'string' && expectation.length > 4 && expectation !== 'Invalid input'
  return isHelpful ? [] : fault('it says nothing of what is expected')
}

const otherThan = (serializer: Serializer): Serializer => (serializer === 'json' ? 'msgpack' : 'json')

function shortly(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'string' && item.length > 80 ? `${item.slice(0, 40)}… (${item.length})` : item,
  )
  return (text ?? 'undefined').slice(0, 500)
}
