import { routeDictionary } from '@hydra/protocol'
import type { DeliverTopic } from '@hydra/rpc'
import type { GateMetrics } from '../gate-metrics.ts'
import { compressBody } from '../packet/compress-body.ts'
import type { SocketServer } from '../socket/connection.ts'
import type { ReplayLog } from '../resume/replay-log.ts'
import { encodeTopicPush } from './encode-topic-push.ts'
import { nativeTopic, pushVariants } from './topic-variants.ts'

/**
 * Makes the function that hands a push to all members of a topic: it is framed once for each way of writing that a
 * member reads, and the transport copies it to them.
 */
export function createDeliverTopic(
  server: Pick<SocketServer, 'publish' | 'subscribers'>,
  replay: Pick<ReplayLog, 'note'>,
  metrics: Pick<GateMetrics, 'pushes' | 'traffic'>,
  compressMinBytes: number,
): DeliverTopic {
  return (topic, message) => {
    replay.note(topic, message)
    const route = Object.hasOwn(routeDictionary, message.push) ? message.push : 'unknown'
    // Coded or not, the body of a serializer is compressed once.
    const smaller = new Map<Uint8Array, Uint8Array | undefined>()
    const compress = (body: Uint8Array) => {
      if (!smaller.has(body)) smaller.set(body, compressBody(body, compressMinBytes))
      return smaller.get(body)
    }
    for (const variant of pushVariants) {
      const native = nativeTopic(topic, variant)
      const receivers = server.subscribers(native)
      if (receivers === 0) continue
      const packet = encodeTopicPush(message, variant, compress)
      server.publish(native, packet)
      metrics.pushes.inc({ route }, receivers)
      metrics.traffic.sent(packet.length, receivers)
    }
  }
}
