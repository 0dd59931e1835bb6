import { bodyCodec, HydraError, type Serializer } from '@hydra/protocol'
import { uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ForwardedRequest } from '../peer.ts'
import type { SessionIdentity } from '../session-identity.ts'
import { forwarded, sendRequest, session } from './samples.fixture.ts'
import { TestCluster, type TestBuses } from './test-cluster.fixture.ts'

/** What is promised to a gate that passes on what clients send. */
export function forwardContract(openBuses: () => TestBuses): void {
  let cluster: TestCluster

  beforeEach(() => {
    cluster = new TestCluster(openBuses(), uniqueName('rpc'))
  })
  afterEach(() => cluster.close())

  describe('a forwarded request', () => {
    test.each<Serializer>(['json', 'msgpack'])(
      'keeps its bytes and is answered in %s',
      async (serializer) => {
        const seen: unknown[] = []
        const chat = await cluster.start('chat', {
          'chat.channel.send': (context, body) => {
            seen.push({ session: context.session, body })
            return { seq: 3, sentAtMs: 4 }
          },
        })
        const gate = await cluster.start('gate')
        const of = session({ serializer })
        const reply = await forwarded(gate.peer, sendRequest({ channel: 'world', text: ' hi ' }, of), {
          to: { type: 'chat', key: 'u1' },
        })
        expect(reply).toMatchObject({ error: false, update: undefined })
        expect(bodyCodec(serializer).decode(reply.body)).toEqual({ seq: 3, sentAtMs: 4 })
        expect(seen).toEqual([{ session: of, body: { channel: 'world', text: 'hi' } }])
        expect(chat.peer.inFlight).toBe(0)
      },
    )

    test.each<Serializer>(['json', 'msgpack'])('gets its error as a value in %s', async (serializer) => {
      await cluster.start('chat', {
        'chat.channel.send': () => {
          throw new HydraError('CHAT_NOT_JOINED', 'Join first.')
        },
      })
      const gate = await cluster.start('gate')
      const to = { type: 'chat' } as const
      const of = session({ serializer })
      const refused = await forwarded(gate.peer, sendRequest({ channel: 'world', text: 'hi' }, of), { to })
      expect(refused.error).toBe(true)
      expect(bodyCodec(serializer).decode(refused.body)).toEqual({
        code: 'CHAT_NOT_JOINED',
        msg: 'Join first.',
      })
      const garbage = { ...sendRequest({}, of), body: Uint8Array.of(0xc1, 0xff) }
      const unreadable = await forwarded(gate.peer, garbage, { to })
      expect(bodyCodec(serializer).decode(unreadable.body)).toMatchObject({ code: 'PROTOCOL_ERROR' })
      expect(await gate.metric('hydra_rpc_calls_total', 'code="CHAT_NOT_JOINED"')).toBe(1)
    })

    test('hands replies over in the order in which they arrive, before its promise is resolved', async () => {
      const chat = await cluster.start('chat', {
        'chat.channel.send': (_, { text }) => ({ seq: Number(text), sentAtMs: 1 }),
      })
      const gate = await cluster.start('gate')
      const order: string[] = []
      const forward = async (seq: number) => {
        await forwarded(gate.peer, sendRequest({ channel: 'world', text: String(seq) }), {
          to: { server: chat.id },
          onReply: ({ body }) => {
            order.push(`reply ${(bodyCodec('msgpack').decode(body) as { seq: number }).seq}`)
          },
        })
        order.push('resolved')
      }
      await Promise.all([1, 2, 3].map(forward))
      expect(order).toEqual(['reply 1', 'reply 2', 'reply 3', 'resolved', 'resolved', 'resolved'])
    })

    test('fails when whoever takes the reply throws; replies beside it are not harmed', async () => {
      const chat = await cluster.start('chat', { 'chat.channel.send': () => ({ seq: 1, sentAtMs: 1 }) })
      const gate = await cluster.start('gate')
      const to = { server: chat.id }
      const request = sendRequest({ channel: 'world', text: 'hi' })
      const onReply = () => {
        throw new HydraError('CONNECTION_CLOSED', 'The client is gone.')
      }
      const [failed, kept] = await Promise.allSettled([
        forwarded(gate.peer, request, { to, onReply }),
        forwarded(gate.peer, request, { to }),
      ])
      expect(failed).toMatchObject({ status: 'rejected', reason: { code: 'CONNECTION_CLOSED' } })
      expect(kept.status).toBe('fulfilled')
    })

    test('fills in the defaults of its contract', async () => {
      const limits: number[] = []
      await cluster.start('chat', {
        'chat.channel.history': (_, { limit }) => {
          limits.push(limit)
          return { messages: [], hasMore: false, lastSeq: 0 }
        },
      })
      const gate = await cluster.start('gate')
      const body = bodyCodec('msgpack').encode({ channel: 'world' })
      await forwarded(
        gate.peer,
        { route: 'chat.channel.history', session: session(), body },
        { to: { type: 'chat' } },
      )
      expect(limits).toEqual([20])
    })

    test('brings the data of a session to every service', async () => {
      const data = { team: 't1', rank: 3, isNew: false }
      const seen: unknown[] = []
      await cluster.start('chat', {
        'chat.channel.history': (context) => {
          seen.push(context.session.data)
          return { messages: [], hasMore: false, lastSeq: 0 }
        },
      })
      const gate = await cluster.start('gate')
      const body = bodyCodec('msgpack').encode({ channel: 'world' })
      for (const of of [session({ data }), session()]) {
        await forwarded(
          gate.peer,
          { route: 'chat.channel.history', session: of, body },
          { to: { type: 'chat' } },
        )
      }
      expect(seen).toEqual([data, undefined])
    })

    test.each([
      ['a nested value', { deep: {} } as never],
      ['an empty name', { '': 1 }],
      ['too much', { text: 'x'.repeat(4_096) }],
    ])('fails the handler that notes %s on the session', async (_what, data) => {
      await cluster.start('game', {
        'game.role.ping': (context) => {
          context.updateSession({ data })
          return { serverTimeMs: 1 }
        },
      })
      const gate = await cluster.start('gate')
      const reply = await forwarded(
        gate.peer,
        { route: 'game.role.ping', session: session(), body: bodyCodec('msgpack').encode({}) },
        { to: { type: 'game' } },
      )
      expect(bodyCodec('msgpack').decode(reply.body)).toMatchObject({ code: 'INTERNAL' })
      expect(reply.update).toBeUndefined()
    })

    test('brings what the handler notes on the session to the gate', async () => {
      const role = { rid: 'r9', name: 'Ada', level: 1, exp: 0, createdAtMs: 1, lastEnterAtMs: 1, version: 1 }
      await cluster.start('game', {
        'game.role.enter': async (context, { rid }) => {
          context.updateSession({ rid: 'r-first', data: { team: 't1', rank: 1 } })
          await Promise.resolve()
          context.updateSession({ rid, data: { rank: null, 'is-new': true } })
          return { role }
        },
        'game.role.ping': (context) => {
          context.updateSession({ rid: null })
          throw new HydraError('SESSION_ENDED', 'Over.')
        },
      })
      const gate = await cluster.start('gate')
      const forward = (route: ForwardedRequest['route'], body: unknown) =>
        forwarded(
          gate.peer,
          { route, session: session(), body: bodyCodec('msgpack').encode(body) },
          { to: { type: 'game' } },
        )
      expect((await forward('game.role.enter', { rid: 'r9' })).update).toEqual({
        rid: 'r9',
        data: { team: 't1', rank: null, 'is-new': true },
      })
      expect(await forward('game.role.ping', {})).toMatchObject({ error: true, update: undefined })
    })

    test.each([
      ['game.role.list', { uid: undefined }, 'NOT_LOGGED_IN'],
      ['game.role.list', { epoch: undefined }, 'NOT_LOGGED_IN'],
      ['game.role.get', { uid: undefined, rid: undefined }, 'NOT_LOGGED_IN'],
      ['game.role.get', { rid: undefined }, 'ROLE_NOT_ENTERED'],
      ['game.role.leave', {}, 'ROUTE_UNKNOWN'],
      ['game.role.fly', {}, 'ROUTE_UNKNOWN'],
    ] as const)('to %s with %j is refused with %s', async (route, missing, code) => {
      let handled = 0
      const never = (): never => {
        handled++
        throw new Error('must not be reached')
      }
      await cluster.start('game', {
        'game.role.list': never,
        'game.role.get': never,
        'game.role.leave': never,
      })
      const gate = await cluster.start('gate')
      const { uid, epoch, rid, ...rest } = { ...session(), ...missing }
      const of: SessionIdentity = {
        ...rest,
        ...(uid === undefined ? {} : { uid }),
        ...(epoch === undefined ? {} : { epoch }),
        ...(rid === undefined ? {} : { rid }),
      }
      const body = bodyCodec('msgpack').encode({})
      const reply = await forwarded(gate.peer, { route, session: of, body }, { to: { type: 'game' } })
      expect(bodyCodec('msgpack').decode(reply.body)).toMatchObject({ code })
      expect(handled).toBe(0)
    })
  })

  describe('a notify', () => {
    test('reaches its handler, in order with requests, and is never answered', async () => {
      const texts: string[] = []
      const chat = await cluster.start('chat', {
        'chat.channel.send': (context, { text }) => {
          expect(context.remainingMs()).toBeGreaterThan(0)
          texts.push(text)
          if (text === 'bad') throw new HydraError('CHAT_NOT_JOINED', 'Join first.')
          return { seq: 1, sentAtMs: 1 }
        },
      })
      const gate = await cluster.start('gate')
      const to = { type: 'chat' } as const
      gate.peer.notify(sendRequest({ channel: 'world', text: 'one' }), { to })
      gate.peer.notify(sendRequest({ channel: 'world', text: 'bad' }), { to })
      gate.peer.notify(sendRequest({ channel: 'world' }), { to })
      await forwarded(gate.peer, sendRequest({ channel: 'world', text: 'two' }), { to })
      expect(texts).toEqual(['one', 'bad', 'two'])
      expect(await gate.metric('hydra_rpc_late_replies_total')).toBe(0)
      expect(await chat.metric('hydra_rpc_handled_total', 'code="BAD_REQUEST"')).toBe(1)
      expect(await chat.metric('hydra_rpc_handled_total', 'code="CHAT_NOT_JOINED"')).toBe(1)
    })

    test('fails where there is no server', async () => {
      const { peer } = await cluster.start('gate')
      expect(() => peer.notify(sendRequest({}), { to: { type: 'chat' } })).toThrow(
        expect.objectContaining({ code: 'NO_SERVER' }),
      )
    })
  })
}
