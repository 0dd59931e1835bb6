import { allRoutes, bodyCodec, limits, routes, serviceOf, type AnyRoute } from '@hydra/protocol'
import type { RoleSession, SessionIdentity } from '@hydra/rpc'
import { chooseSeed } from '@hydra/testing'
import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { badBodies, changedBodies } from './test-support/bad-bodies.ts'
import { BadInputWorld, expectedOf, faultsOf } from './test-support/bad-input-world.ts'
import type { ChatCast } from './test-support/chat-cast.ts'
import { goodBodies } from './test-support/good-bodies.ts'
import type { TestBackends } from './test-support/test-backends.ts'

const chatRoutes = allRoutes.filter(({ name }) => serviceOf(name) === 'chat')
const runs = { seed: chooseSeed(), numRuns: 16 }
const { channel, alliance } = routes.chat

/**
 * What the chat service makes of input that nobody should send: it answers, says what is wrong, and changes nothing
 * that it refuses. The clock stands still, so a request that is not answered is a test that does not end.
 */
export function badInputContract(open: () => Promise<TestBackends>): void {
  let chat: BadInputWorld

  beforeAll(async () => {
    chat = await BadInputWorld.open(await open())
  })
  afterAll(() => chat.close())
  beforeEach(() => chat.stage())

  it('each route has a good body', () => {
    expect(Object.keys(goodBodies(chat.cast)).sort()).toEqual(chatRoutes.map(({ name }) => name).sort())
  })

  describe.each(chatRoutes.map((route) => [route.name, route] as const))('%s', (_name, route) => {
    it('answers whatever is wrong with a body, and changes nothing by it', async () => {
      const good = chat.bodyOf(route)
      expect(expectedOf(route, 'msgpack', bodyCodec('msgpack').encode(good))).toBe('taken')
      await chat.tryAll(route, badBodies(route, good))
      await chat.tryAll(route, fc.sample(changedBodies(route, good), runs))
    })

    it('answers bytes that are no body', async () => {
      for (const caller of chat.callers(route)) {
        const serializer = caller?.serializer ?? 'msgpack'
        const bytes = bodyCodec(serializer).encode(chat.bodyOf(route))
        const cut = [0, 1, bytes.length >> 1, bytes.length - 1].map((end) => bytes.subarray(0, end))
        const strange = [[0xc1], [0xd4, 0x72, 0x40], [0xdf, 0xff, 0xff, 0xff, 0xff], [...bytes, 0]]
        const random = fc.sample(fc.uint8Array({ maxLength: 60 }), runs)
        const all = [...cut, ...strange.map((each) => Uint8Array.from(each)), ...random]
        // What happens to be a body is no concern of this test.
        const none = all.filter((each) => expectedOf(route, serializer, each) !== 'taken')
        const before = await chat.state()
        for (const end of await Promise.all(none.map((each) => chat.askBytes(route, caller, each)))) {
          expect(['PROTOCOL_ERROR', 'BAD_REQUEST']).toContain(end.code)
          expect(faultsOf(route, end, 'bytes')).toEqual([])
        }
        expect(await chat.state()).toEqual(before)
      }
    })

    it('answers who may not ask', async () => {
      const before = await chat.state()
      for (const [session, code] of strangersTo(route, chat.cast)) {
        expect(await chat.ask(route, session, chat.bodyOf(route))).toMatchObject({ code })
      }
      expect(await chat.state()).toEqual(before)
    })

    it('answers who asks about what there is not', async () => {
      for (const caller of chat.callers(route))
        await chat.try(route, caller, chat.bodyOf(route, goneOf(chat.cast)))
    })

    it.skipIf(route.internal || route.name === channel.join.name)(
      'answers sessions that have not joined, or not any more',
      async () => {
        const mustJoin = route.errors.includes('CHAT_NOT_JOINED')
        const { absent, replaced, nobody } = chat.cast
        for (const session of [absent, replaced, nobody]) {
          const { code } = await chat.try(route, session, chat.bodyOf(route))
          expect(code === 'CHAT_NOT_JOINED' || !mustJoin).toBe(true)
        }
      },
    )
  })

  it('joining joins what the role is in, also when the channel that is named is not among it', async () => {
    const { absent, replaced, nobody } = chat.cast
    const join = (session: RoleSession, name: string) => chat.ask(channel.join, session, { channel: name })
    const before = await chat.state()
    expect(await join(nobody, 'world')).toMatchObject({ code: 'ROLE_NOT_FOUND' })
    expect(await join(replaced, 'world')).toMatchObject({ code: 'SESSION_ENDED' })
    expect(await join(absent, 'private-' + absent.rid)).toMatchObject({ code: 'CHANNEL_UNKNOWN' })
    expect(await chat.state()).toEqual(before)
    expect(await join(absent, 'team')).toMatchObject({ code: 'CHAT_NOT_JOINED' })
    expect(await chat.ask(channel.list, absent, {})).toMatchObject({ code: 'OK' })
  })

  it('a body above what the bus takes is refused before it leaves', async () => {
    const body = { channel: 'world', text: 'x'.repeat(limits.packetBodyMaxBytes) }
    expect(await chat.ask(channel.send, chat.cast.leader, body)).toMatchObject({
      code: expect.stringMatching(/^(?:PAYLOAD_TOO_LARGE|BAD_REQUEST)$/),
    })
  })

  it('a silence until the end of time is told to who speaks', async () => {
    const { leader, member } = chat.cast
    const silence = { rid: member.rid, untilMs: 8.64e15, reason: 'too loud' }
    expect(await chat.ask(routes.chat.moderation.silence, null, silence)).toMatchObject({ code: 'OK' })
    const said = { channel: 'world', text: 'hello' }
    expect(await chat.ask(channel.send, member, said)).toMatchObject({ code: 'SILENCED' })
    expect(await chat.ask(channel.send, leader, said)).toMatchObject({ code: 'OK' })
  })

  it('after all this it takes what is good', async () => {
    const { leader } = chat.cast
    for (const route of [channel.send, channel.history, channel.delete, alliance.update, alliance.disband]) {
      expect(await chat.ask(route, leader, chat.bodyOf(route))).toMatchObject({ code: 'OK' })
    }
  })
}

/** Sessions that a route is not for, and what they are told. */
function strangersTo({ internal }: AnyRoute, { leader, nobody }: ChatCast) {
  const { uid, epoch, sessionId, gateId, serializer } = leader
  const connected = { sessionId, gateId, serializer }
  const sessions: readonly (readonly [SessionIdentity | null, string])[] = internal
    ? [leader, nobody, connected].map((session) => [session, 'ROUTE_UNKNOWN'])
    : [
        [null, 'NOT_LOGGED_IN'],
        [connected, 'NOT_LOGGED_IN'],
        [{ ...connected, uid, epoch }, 'ROLE_NOT_ENTERED'],
      ]
  return sessions
}

/** The same, of roles, an alliance and a team that there are not. */
function goneOf(cast: ChatCast): ChatCast {
  const gone = { rid: 'gone', uid: 'gone', sessionId: 'gone', gateId: 'gone' }
  return {
    ...cast,
    leader: { ...cast.leader, rid: 'gone-1' },
    member: { ...cast.member, rid: 'gone-2' },
    outsider: { ...cast.outsider, ...gone },
    allianceId: 'gone',
    teamId: 'gone',
  }
}
