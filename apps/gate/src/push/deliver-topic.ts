import { routeDictionary, type Serializer } from '@hydra/protocol'
import type { DeliverTopic } from '@hydra/rpc'
import type { GateMetrics } from '../gate-metrics.ts'
import { compressBody } from '../packet/compress-body.ts'
import { encodePush } from '../packet/encode-message.ts'
import type { SocketServer } from '../socket/connection.ts'
import type { ReplayLog } from '../resume/replay-log.ts'
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
    const { push, bodies } = message
    replay.note(topic, message)
    const code = routeDictionary[push]
    const smaller = new Map<Serializer, Uint8Array | undefined>()
    const smallerBody = (serializer: Serializer) => {
      if (!smaller.has(serializer))
        smaller.set(serializer, compressBody(bodies[serializer], compressMinBytes))
      return smaller.get(serializer)
    }
    for (const variant of pushVariants) {
      const native = nativeTopic(topic, variant)
      const receivers = server.subscribers(native)
      if (receivers === 0) continue
      const { serializer, coded, compressed } = variant
      const short = compressed ? smallerBody(serializer) : undefined
      const route = coded && code !== undefined ? code : push
      const packet = encodePush(route, short ?? bodies[serializer], short !== undefined)
      server.publish(native, packet)
      metrics.pushes.inc({ route: code === undefined ? 'unknown' : push }, receivers)
      metrics.traffic.sent(packet.length, receivers)
    }
  }
}
