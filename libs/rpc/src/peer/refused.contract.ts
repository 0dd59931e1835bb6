import { HydraError } from '@hydra/protocol'
import { uniqueName } from '@hydra/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RefusedCall } from './call-dispatcher.ts'
import { forwarded, kick, kickBody, sendRequest, session } from './samples.fixture.ts'
import { TestCluster, type TestBuses } from './test-cluster.fixture.ts'

/** What a peer tells of the calls that it refuses. */
export function refusedContract(openBuses: () => TestBuses): void {
  let cluster: TestCluster
  beforeEach(() => {
    cluster = new TestCluster(openBuses(), uniqueName('rpc'))
  })
  afterEach(() => cluster.close())

  const seen = ({ route, session: by, error }: RefusedCall) => [route, by?.rid, error.code]

  test('are those of handlers, and those whose body no contract allows, with who has asked', async () => {
    const refused: unknown[] = []
    let answer: () => { seq: number; sentAtMs: number } | Promise<never> = () => ({ seq: 1, sentAtMs: 1 })
    const chat = await cluster.start(
      'chat',
      { 'chat.channel.send': () => answer() },
      { onRefused: (call) => refused.push(seen(call)) },
    )
    const gate = await cluster.start('gate')
    const send = async (body: unknown, of = session()) =>
      (await forwarded(gate.peer, sendRequest(body, of), { to: { server: chat.id } })).error
    const good = { channel: 'world', text: 'hi' }

    expect(await send(good)).toBe(false)
    answer = () => {
      throw new HydraError('RATE_LIMITED', 'Not now.')
    }
    expect(await send(good)).toBe(true)
    answer = () => Promise.reject(new HydraError('CHAT_NOT_JOINED', 'Not here.'))
    expect(await send(good)).toBe(true)
    answer = () => {
      throw new Error('a defect is no refusal')
    }
    expect(await send(good)).toBe(true)
    expect(await send({ channel: 'world', text: -1 })).toBe(true)
    expect(refused).toEqual([
      ['chat.channel.send', 'r1', 'RATE_LIMITED'],
      ['chat.channel.send', 'r1', 'CHAT_NOT_JOINED'],
      ['chat.channel.send', 'r1', 'BAD_REQUEST'],
    ])
  })

  test('keep their answer when who is told of them fails, and name no route that nobody answers', async () => {
    const refused: unknown[] = []
    const gate = await cluster.start(
      'gate',
      {},
      {
        onRefused(call) {
          refused.push(seen(call))
          throw new Error('a defect')
        },
      },
    )
    const chat = await cluster.start('chat')
    await expect(chat.peer.call(kick, kickBody, { to: { server: gate.id } })).rejects.toMatchObject({
      code: 'ROUTE_UNKNOWN',
    })
    expect(refused).toEqual([['unknown', undefined, 'ROUTE_UNKNOWN']])
    expect(gate.lines).toContainEqual(expect.objectContaining({ msg: 'a refused call could not be told of' }))
  })
}
