import {
  bodyCodec,
  decodeMessage,
  decodePacket,
  HydraError,
  packetType,
  pushes,
  routes,
  type SceneDelta,
  type SceneEntity,
  type ScenePoint,
} from '@hydra/protocol'
import { seededRandom } from '@hydra/bots'
import { Inbox } from '../load/inbox.ts'
import { requestFrame } from '../load/player.ts'
import { LoadSocket } from '../load/web-socket.ts'
import type { Settlers } from './settlers.ts'

/** What walkers have sent and been sent while it was measured. */
export interface WalkFigures {
  readonly seconds: number
  readonly steps: number
  readonly refused: number
  readonly pushes: number
  readonly pushBytes: number
  /** From a step to the push that shows it, of every {@link watchedOf}th walker; ascending. */
  readonly shownMs: Float64Array
}

interface Walker {
  readonly socket: LoadSocket
  readonly rid: string
  readonly name: string
  readonly self: number
  readonly isWatched: boolean
  at: ScenePoint
  /** Radians. */
  heading: number
  requestId: number
  /** Steps that no push has shown yet, the oldest first. */
  readonly unseen: { readonly to: ScenePoint; readonly sentAtMs: number }[]
}

/** Behind the packet header; the kind of a message stands in bits 1 to 3: 2 is a response, 3 a push. */
const flagOffset = 4
const errorFlag = 0x20
const openingAtOnce = 16
export const stepMs = 100
/** Nine tenths of what the speed allows. */
const stepCm = 45
/** Walkers step in turns, so many in each round of steps, as separate players would. */
const slices = 20
const sliceMs = stepMs / slices
/** Decoding every push would measure the load generator. */
const watchedOf = 20
const samplesMax = 500_000
const unseenMax = 64
const { decode } = bodyCodec('msgpack')

/** Many light clients in one scene that walk about at ten steps a second. */
export class Walkers {
  readonly #ports: readonly number[]
  readonly #settlers: Settlers
  readonly #side: number
  readonly #walkers: Walker[] = []
  readonly #random: () => number
  readonly #shown: number[] = []
  #steps = 0
  #refused = 0
  #pushes = 0
  #pushBytes = 0
  #timer: NodeJS.Timeout | undefined
  #slice = 0
  #recording: Map<string, Buffer> | undefined

  constructor(options: { ports: readonly number[]; settlers: Settlers; side: number; seed: number }) {
    this.#ports = options.ports
    this.#settlers = options.settlers
    this.#side = options.side
    this.#random = seededRandom(options.seed)
  }

  get size(): number {
    return this.#walkers.length
  }

  /** Brings more of them in until there are so many. */
  async growTo(count: number): Promise<void> {
    const places = Array.from({ length: Math.max(0, count - this.size) }, () => this.#somewhere()).entries()
    const from = this.size
    const worker = async () => {
      for (const [index, at] of places) await this.#open(from + index, at)
    }
    await Promise.all(Array.from({ length: openingAtOnce }, worker))
  }

  /** Lets all of them walk. */
  walk(): void {
    if (this.#timer !== undefined) return
    let madeAtMs = performance.now()
    // By the clock and not by the timer, which comes late when there is much to do; a round at most is made up for.
    this.#timer = setInterval(() => {
      const nowMs = performance.now()
      madeAtMs = Math.max(madeAtMs, nowMs - stepMs)
      for (; madeAtMs + sliceMs <= nowMs; madeAtMs += sliceMs) this.#stepSlice()
    }, sliceMs)
  }

  /** They stand still from now on. */
  stand(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async measure(durationMs: number): Promise<WalkFigures> {
    this.#steps = 0
    this.#refused = 0
    this.#pushes = 0
    this.#pushBytes = 0
    this.#shown.length = 0
    const startMs = performance.now()
    await new Promise((resolve) => setTimeout(resolve, durationMs))
    return {
      seconds: (performance.now() - startMs) / 1_000,
      steps: this.#steps,
      refused: this.#refused,
      pushes: this.#pushes,
      pushBytes: this.#pushBytes,
      shownMs: Float64Array.from(this.#shown).sort(),
    }
  }

  /** The different deltas that all of them together are sent in a while, each once. */
  async record(durationMs: number): Promise<readonly SceneDelta[]> {
    const recorded = (this.#recording = new Map<string, Buffer>())
    await new Promise((resolve) => setTimeout(resolve, durationMs))
    this.#recording = undefined
    return [...recorded.values()].flatMap((bytes) => deltaOf(bytes) ?? [])
  }

  /** All of them as entities. */
  population(): readonly SceneEntity[] {
    return this.#walkers.map(({ self, name, rid, at }) => ({
      i: self,
      k: 'p',
      p: [...at],
      n: name,
      r: rid,
      l: 1,
      h: [100, 100],
    }))
  }

  close(): void {
    this.stand()
    for (const { socket } of this.#walkers) socket.close()
  }

  #somewhere(): ScenePoint {
    const inner = this.#side - 2 * stepCm
    return [stepCm + Math.floor(this.#random() * inner), stepCm + Math.floor(this.#random() * inner)]
  }

  async #open(index: number, at: ScenePoint): Promise<void> {
    const inbox = new Inbox()
    let walker: Walker | undefined
    const port = this.#ports[index % this.#ports.length] ?? 0
    const socket = await LoadSocket.open(port, (chunk, start, end) => {
      const type = chunk[start]
      if (walker !== undefined) {
        if (type === packetType.data) this.#receive(walker, chunk, start, end)
      } else if (type === packetType.data || type === packetType.handshake) {
        inbox.put(Buffer.from(chunk.subarray(start, end)))
      }
    })
    const connection = { write: (bytes: Uint8Array) => socket.write(bytes), next: () => inbox.next() }
    const { rid, name, info } = await this.#settlers.settle(connection, at)
    walker = {
      socket,
      rid,
      name,
      self: info.self,
      isWatched: index % watchedOf === 0,
      at: info.at,
      heading: this.#random() * 2 * Math.PI,
      requestId: 0,
      unseen: [],
    }
    this.#walkers.push(walker)
  }

  #stepSlice(): void {
    const slice = this.#slice++ % slices
    for (let index = slice; index < this.#walkers.length; index += slices) {
      const walker = this.#walkers[index]
      if (walker !== undefined) this.#step(walker)
    }
  }

  #step(walker: Walker): void {
    if (this.#random() < 0.05) walker.heading = this.#random() * 2 * Math.PI
    let to = this.#ahead(walker)
    if (to.some((value) => value < 0 || value >= this.#side)) {
      walker.heading += Math.PI
      to = this.#ahead(walker)
    }
    walker.at = to
    walker.requestId = (walker.requestId % 127) + 1
    this.#steps++
    if (walker.isWatched && walker.unseen.length < unseenMax)
      walker.unseen.push({ to, sentAtMs: performance.now() })
    walker.socket.write(requestFrame(routes.game.scene.move, { to: [...to] }, walker.requestId))
  }

  #ahead({ at: [x, y], heading }: Walker): ScenePoint {
    return [x + Math.trunc(Math.cos(heading) * stepCm), y + Math.trunc(Math.sin(heading) * stepCm)]
  }

  #receive(walker: Walker, chunk: Buffer, start: number, end: number): void {
    const flag = chunk[start + flagOffset] ?? 0
    const kind = (flag >> 1) & 7
    if (kind === 3) {
      this.#pushes++
      const length = end - start
      this.#pushBytes += length + (length < 126 ? 2 : 4)
      this.#recording?.set(chunk.toString('latin1', start, end), Buffer.from(chunk.subarray(start, end)))
      if (walker.isWatched) this.#look(walker, chunk.subarray(start, end))
    } else if (kind === 2 && (flag & errorFlag) !== 0) {
      this.#refused++
      this.#stepBack(walker, chunk.subarray(start, end))
    }
  }

  #look(walker: Walker, packet: Uint8Array): void {
    const change = deltaOf(packet)?.u?.find(({ i }) => i === walker.self)
    if (change?.p === undefined) return
    const [x, y] = change.p
    const shown = walker.unseen.findIndex(({ to }) => to[0] === x && to[1] === y)
    const sentAtMs = walker.unseen[shown]?.sentAtMs
    if (sentAtMs === undefined) return
    walker.unseen.splice(0, shown + 1)
    if (this.#shown.length < samplesMax) this.#shown.push(performance.now() - sentAtMs)
  }

  /** A refused step did not take place; the walker goes on from where it is. */
  #stepBack(walker: Walker, packet: Uint8Array): void {
    const message = decodeMessage(decodePacket(packet).body)
    const at = HydraError.fromBody(decode(message.body)).metadata?.['at']
    if (Array.isArray(at)) walker.at = [Number(at[0]), Number(at[1])]
    walker.unseen.length = 0
  }
}

/** The delta that a packet carries, if it carries one. */
function deltaOf(packet: Uint8Array): SceneDelta | undefined {
  const message = decodeMessage(decodePacket(packet).body)
  if (message.kind !== 'push' || message.route !== pushes.game.scene.delta.code) return undefined
  return decode(message.body) as SceneDelta
}
