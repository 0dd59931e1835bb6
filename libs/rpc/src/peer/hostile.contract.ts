import { bodyCodec } from '@hydra/protocol'
import { eventually, uniqueName } from '@hydra/testing'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serverSubject } from '../subjects.ts'
import type { RequestFrame } from './frame.ts'
import { batchHeadBytes, frameBytes } from './frame-writer.ts'
import { deferred } from '../deferred.fixture.ts'
import { batchOf, kick, kickBody, session } from './samples.fixture.ts'
import { parseTraceparent } from './traceparent.ts'
import { TestCluster, type TestBuses, type TestProcess } from './test-cluster.fixture.ts'

const trace = parseTraceparent('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')
/** Nobody: replies to it must not reach the peer that the tests call with. */
const stranger = { type: 'chat', id: 'stranger' } as const
const body = bodyCodec('msgpack').encode(kickBody)

/** What is left of a peer that is sent bytes by somebody else. */
export function hostileContract(openBuses: () => TestBuses): void {
  let cluster: TestCluster
  let gate: TestProcess
  let chat: TestProcess
  let handled: number

  beforeEach(async () => {
    handled = 0
    cluster = new TestCluster(openBuses(), uniqueName('rpc'))
    gate = await cluster.start('gate', {
      'gate.session.kick': () => {
        handled++
        return { found: true }
      },
    })
    chat = await cluster.start('chat')
  })
  afterEach(() => cluster.close())

  const send = (payload: Uint8Array) => chat.bus.publish(serverSubject(cluster.env, 'gate', gate.id), payload)
  const works = async () =>
    expect(await chat.peer.call(kick, kickBody, { to: { server: gate.id } })).toEqual({ found: true })
  const request = (change: Partial<RequestFrame> = {}): RequestFrame => ({
    kind: 'request',
    id: 1,
    route: 'gate.session.kick',
    remainingMs: 1_000,
    trace,
    session: null,
    serializer: 'msgpack',
    body,
    ...change,
  })

  test('bytes of any kind are dropped, counted and logged sparingly', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), async (payloads) => {
        for (const payload of payloads) send(payload)
        await works()
      }),
      { numRuns: 30 },
    )
    send(Uint8Array.of(0xc1))
    await works()
    expect(await gate.metric('hydra_rpc_dropped_total', 'reason="batch"')).toBeGreaterThan(0)
    const lines = gate.lines.filter(({ msg }) => msg === 'a bus message was dropped')
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.length).toBeLessThan(20)
  })

  test('a valid batch with any byte changed or cut off does no harm', async () => {
    const valid = batchOf(stranger, [request(), request({ session: session() })])
    await fc.assert(
      fc.asyncProperty(
        fc.nat(valid.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.boolean(),
        async (position, value, cut) => {
          const changed = new Uint8Array(valid)
          changed[position] = value
          send(cut ? changed.subarray(0, position) : changed)
          await works()
        },
      ),
      { numRuns: 150 },
    )
  })

  test('huge announced lengths do no harm', async () => {
    const huge = batchOf(stranger, [request()])
    new DataView(huge.buffer, huge.byteOffset).setUint32(batchHeadBytes(stranger), 0xffff_ffff)
    send(huge)
    await works()
    expect(await gate.metric('hydra_rpc_dropped_total', 'reason="frame"')).toBe(1)
  })

  /** Where the fields of a request without session stand, behind the length of its frame. */
  const at = { kind: 0, flags: 1, route: 36 } as const
  const damaged = (offset: number, value: number) => {
    const bytes = batchOf(stranger, [request(), request({ session: session() }), request()])
    const frame = batchHeadBytes(stranger) + frameBytes(request()) + 4
    bytes[frame + offset] = value
    return bytes
  }
  const sessionAt = at.route + 1 + 'gate.session.kick'.length
  test.each<[string, Uint8Array]>([
    ['an unknown kind', damaged(at.kind, 9)],
    ['a route that goes beyond it', damaged(at.route, 255)],
    ['a session that goes beyond it', damaged(sessionAt, 255)],
    ['a session of unknown fields', damaged(sessionAt + 2, 0xff)],
    ['a session with an epoch that is no integer', damaged(sessionAt + 3, 0x7f)],
    ['a session with a text that goes beyond it', damaged(sessionAt + 11, 255)],
  ])('a frame with %s is left out; its neighbours are handled', async (_, bytes) => {
    send(bytes)
    await works()
    expect(handled).toBe(3)
    expect(await gate.metric('hydra_rpc_dropped_total', 'reason="frame"')).toBe(1)
  })

  test.each<[string, (bytes: Uint8Array) => void]>([
    ['another format', (bytes) => void (bytes[0] = 1)],
    ['an unknown service', (bytes) => void (bytes[1] = 200)],
    ['an id that is no subject', (bytes) => void (bytes[3] = 0x2e)],
    ['no id', (bytes) => void (bytes[2] = 0)],
    ['an id that goes beyond it', (bytes) => void (bytes[2] = 255)],
  ])('a batch of %s is dropped', async (_, damage) => {
    const bytes = batchOf(stranger, [request()])
    damage(bytes)
    send(bytes)
    await works()
    expect(handled).toBe(1)
    expect(await gate.metric('hydra_rpc_dropped_total', 'reason="batch"')).toBe(1)
  })

  test('a request without time left is refused before its handler', async () => {
    send(batchOf(stranger, [request({ remainingMs: 0 }), request({ remainingMs: -7 })]))
    await works()
    expect(handled).toBe(1)
    expect(await gate.metric('hydra_rpc_handled_total', 'code="TIMEOUT"')).toBe(2)
  })

  test('a reply from another server than the one asked ends no call', async () => {
    const started = deferred()
    const end = deferred()
    const slow = await cluster.start('gate', {
      'gate.session.kick': async () => {
        started.resolve()
        await end.promise
        return { found: true }
      },
    })
    const call = chat.peer.call(kick, kickBody, { to: { server: slow.id } })
    await started.promise
    const forged = bodyCodec('msgpack').encode({ found: false })
    for (let id = 0; id < 10; id++) {
      const reply = {
        kind: 'reply',
        id,
        error: false,
        serializer: 'msgpack',
        body: forged,
        update: undefined,
      } as const
      gate.bus.publish(
        serverSubject(cluster.env, 'chat', chat.id),
        batchOf({ type: 'gate', id: gate.id }, [reply]),
      )
    }
    await eventually(async () => (await chat.metric('hydra_rpc_late_replies_total')) === 10)
    end.resolve()
    expect(await call).toEqual({ found: true })
  })

  test('calls of servers that nobody knows are answered without being remembered', async () => {
    for (let sender = 0; sender < 50; sender++) {
      send(batchOf({ type: 'chat', id: `stranger-${sender}` }, [request()]))
    }
    await works()
    expect(handled).toBe(51)
  })
}
