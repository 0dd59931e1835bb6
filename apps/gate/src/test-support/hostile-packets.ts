import { deflateSync } from 'node:zlib'
import {
  bodyCodec,
  encodeMessage,
  encodePacket,
  packetType,
  routes,
  type Message,
  type PacketType,
} from '@hydra/protocol'

/** What a well-behaved client may send; the seeds of everything else. */
function goodPackets(): readonly Uint8Array[] {
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
  const data = (message: Message) => encodePacket(packetType.data, encodeMessage(message))
  const ids = [Uint8Array.of(1), Uint8Array.of(0x81, 1), Uint8Array.of(0xff, 0xff, 0xff, 0x7f)]
  const bodies = [{}, { clientTimeMs: 1 }, { name: 'Ada', deep: [[[{ a: null }]]] }, 'text', 7].flatMap(
    (body) => [bodyCodec('json').encode(body), bodyCodec('msgpack').encode(body)],
  )
  const messages: Message[] = []
  for (const { name, code } of [routes.game.role.ping, routes.gate.session.login]) {
    for (const route of [name, code]) {
      for (const body of bodies) {
        messages.push({ kind: 'notify', route, body })
        for (const id of ids) messages.push({ kind: 'request', id, route, body })
        const compressed = deflateSync(body)
        messages.push({ kind: 'request', id: Uint8Array.of(9), route, body: compressed, compressed: true })
      }
    }
  }
  return [
    encodePacket(packetType.handshake, json({ sys: { type: 'js-websocket', version: '1' } })),
    encodePacket(
      packetType.handshake,
      json({ sys: { serializer: 'msgpack', dict: true }, user: { a: [1] } }),
    ),
    encodePacket(packetType.handshakeAck),
    encodePacket(packetType.heartbeat),
    ...messages.map(data),
  ]
}

/**
 * An endless stream of packets as an attacker sends them: random, mutated, cut short, glued together, and some that
 * are good. The same for the same seed.
 */
export class HostilePackets {
  readonly #good = goodPackets()
  #state: number

  constructor(seed: number) {
    this.#state = seed | 1
  }

  next(): Buffer {
    switch (this.#below(6)) {
      case 0:
        return this.#random(this.#below(64))
      case 1:
        return Buffer.from(encodePacket((1 + this.#below(5)) as PacketType, this.#random(this.#below(48))))
      case 2: {
        const good = this.#pick()
        return good.subarray(0, this.#below(good.length + 1))
      }
      case 3:
        return Buffer.concat([this.#pick(), this.#pick()])
      case 4:
        return this.#pick()
      default:
        return this.#mutated()
    }
  }

  #mutated(): Buffer {
    const packet = this.#pick()
    const keepHeader = this.#below(2) === 0
    for (let flips = 1 + this.#below(4); flips > 0; flips--) {
      const at = this.#below(packet.length)
      if (keepHeader && at < 4) continue
      packet[at] = this.#below(3) === 0 ? this.#below(256) : (packet[at] ?? 0) ^ (1 << this.#below(8))
    }
    return packet
  }

  #pick(): Buffer {
    return Buffer.from(this.#good[this.#below(this.#good.length)] ?? [])
  }

  #random(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.#below(256)))
  }

  /** Xorshift of 32 bits (Marsaglia, 2003): good enough to be hostile, and quick. */
  #below(bound: number): number {
    let state = this.#state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.#state = state
    return (state >>> 0) % bound
  }
}
