import {
  bodyCodec,
  encodeMessage,
  encodePacket,
  packetType,
  pushes,
  type Push,
  type SceneDelta,
  type SceneEntity,
  type SceneViewPush,
} from '@hydra/protocol'

/** What one way of telling clients about a tick costs. */
export interface EncodingFigures {
  /** To write everything that all clients are sent of one tick, once. */
  readonly microsPerTick: number
  readonly bytesPerTick: number
}

const { encode } = bodyCodec('msgpack')
/** Long enough that the clock's resolution and the compiler's warming up do not matter. */
const measureMs = 300

/** As the gate writes it to a socket. */
const packetOf = (push: Push, body: Uint8Array): Uint8Array =>
  encodePacket(packetType.data, encodeMessage({ kind: 'push', route: push.code, body }))

/** The deltas of some ticks, as the game server sends them: each changed cell by itself. */
export function measureDeltas(deltas: readonly SceneDelta[]): EncodingFigures {
  const ticks = new Set(deltas.map(({ t }) => t)).size
  if (ticks === 0) throw new Error('No delta was recorded; nothing can be compared.')
  const bytes = deltas.reduce(
    (sum, delta) => sum + packetOf(pushes.game.scene.delta, encode(delta)).length,
    0,
  )
  const micros = microsOf(() => {
    for (const delta of deltas) encode(delta)
  })
  return { microsPerTick: micros / ticks, bytesPerTick: bytes / ticks }
}

/** The yardstick: all of the population in one push, as one that enters is sent what is around it. */
export function measureFullState(population: readonly SceneEntity[]): EncodingFigures {
  const full: SceneViewPush = { x: 1, t: 1_000, v: [0], c: [{ c: 0, t: 1_000, e: [...population] }] }
  return {
    microsPerTick: microsOf(() => encode(full)),
    bytesPerTick: packetOf(pushes.game.scene.view, encode(full)).length,
  }
}

/** CPU time of one call, after some for the compiler. */
function microsOf(call: () => void): number {
  const callFor = (ms: number): number => {
    const startMs = performance.now()
    let calls = 0
    while (calls === 0 || performance.now() - startMs < ms) {
      call()
      calls++
    }
    return ((performance.now() - startMs) * 1_000) / calls
  }
  callFor(measureMs)
  return callFor(measureMs)
}
