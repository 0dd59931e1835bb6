import { bodyCodec, type PayloadOf, type Push, type Serializer } from '@hydra/protocol'
import type { GateMetrics } from '../gate-metrics.ts'
import { encodePush } from '../packet/encode-message.ts'
import type { Session } from '../session/session.ts'

/** Sends a push of the gate's own to every session that is served, whatever it has joined. */
export function sendToAll<P extends Push>(
  sessions: Iterable<Session>,
  push: P,
  payload: PayloadOf<P>,
  metrics: Pick<GateMetrics, 'pushes' | 'traffic'>,
): void {
  const encoded = new Map<string, Uint8Array>()
  const packetFor = (serializer: Serializer, coded: boolean): Uint8Array => {
    const key = `${serializer}/${coded}`
    const packet =
      encoded.get(key) ??
      encodePush(coded ? push.code : push.name, bodyCodec(serializer).encode(payload), false)
    encoded.set(key, packet)
    return packet
  }
  for (const { phase, serializer, coded, connection } of sessions) {
    if (phase !== 'working') continue
    const packet = packetFor(serializer, coded)
    if (!connection.send(packet)) continue
    metrics.pushes.inc({ route: push.name })
    metrics.traffic.sent(packet.length)
  }
}
