import { createMemoryStores } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import { createMetrics, ManualClock, silentLogger } from '@hydra/runtime'
import { expect, it } from 'vitest'
import { createChatMetrics } from '../chat-metrics.ts'
import { GateTopics } from './gate-topics.ts'
import { send } from './send.handler.ts'

it('answers a message that is stored although it could not be pushed, so that nobody sends it twice', async () => {
  const clock = new ManualClock()
  const { presence, chatLog } = createMemoryStores({ clock })
  const metrics = createMetrics({ service: 'chat' })
  const disconnected = () => {
    throw new HydraError('SERVER_GONE', 'The bus is not connected.')
  }
  const handler = send({
    presence,
    chatLog,
    clock,
    topics: new GateTopics({ peer: { call: disconnected }, log: silentLogger, timeoutMs: 1_000 }),
    peer: { publish: disconnected },
    log: silentLogger,
    metrics: createChatMetrics(metrics),
    storedName: () => Promise.resolve(undefined),
  })
  const session = {
    rid: 'r1',
    uid: 'u1',
    gateId: 'gate-1',
    sessionId: 's1',
    epoch: 1,
    serializer: 'json',
  } as const
  await presence.enter({ ...session, name: 'Ada', sessionEpoch: 1 })
  const context = {
    session,
    from: 'gate-1',
    route: 'chat.channel.send',
    traceparent: '',
    remainingMs: () => 1_000,
    updateSession: () => {},
  }
  await expect(handler(context, { channel: 'world', text: 'hello' })).resolves.toMatchObject({ seq: 1 })
  expect(await chatLog.page('world', { limit: 10 })).toMatchObject([{ text: 'hello' }])
  expect(await metrics.expose()).toMatch(/hydra_chat_publish_failures_total\{service="chat"\} 1/)
})
