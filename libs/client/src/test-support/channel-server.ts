import {
  HydraError,
  pushes,
  routes,
  type ChatMessage,
  type ErrorCode,
  type PayloadOf,
  type Push,
  type Route,
} from '@hydra/protocol'
import type { GameClient } from '../game-client.ts'
import { PushSource } from './push-source.ts'

const { history, join } = routes.chat.channel
const { message, deleted } = pushes.chat.channel

/** Something on its way to the client; what it is about is decided already, when it arrives is not. */
interface OnTheWay {
  readonly isPush: boolean
  arrive(): void
  /** Is lost: a request then has no answer. */
  drop(): void
}

interface Request {
  answer(): OnTheWay
  fail(code: ErrorCode): void
}

/** A model of a server with one channel, and of the network before it: nothing happens by itself. */
export class ChannelServer extends PushSource implements Pick<GameClient, 'on' | 'request'> {
  /** Full name of the channel. */
  channel = 'world-1'
  /** Every message that there ever was, as it is now. */
  messages: ChatMessage[] = []
  /** Messages before this number have left the history. */
  oldest = 1
  /** Behind this one numbers have gone on after a loss. */
  baseSeq = 0
  readonly requests: Request[] = []
  readonly onTheWay: OnTheWay[] = []

  get lastSeq(): number {
    return this.messages.length
  }

  request: GameClient['request'] = (route, body) =>
    new Promise((resolve, reject) => {
      const fail = (code: ErrorCode) => reject(new HydraError(code, `${route.name} failed.`))
      this.requests.push({
        fail,
        answer: () => {
          const answer = this.#answer(route, body as { channel: string; afterSeq?: number; limit?: number })
          return {
            isPush: false,
            // The newest number may be read after the page was made.
            arrive: () => resolve({ ...answer, lastSeq: this.lastSeq, baseSeq: this.baseSeq } as never),
            drop: () => fail('TIMEOUT'),
          }
        },
      })
    })

  /** Stores a message; its push is on the way. */
  post(rid = 'r1'): void {
    const seq = this.lastSeq + 1
    const stored = { channel: this.channel, seq, from: { rid, name: 'Ada' }, text: `${seq}`, sentAtMs: seq }
    this.messages.push(stored)
    this.#push(message, stored)
  }

  delete(seq: number): void {
    const stored = this.messages[seq - 1]
    if (stored === undefined || stored.deleted === true) return
    this.messages[seq - 1] = { ...stored, text: '', deleted: true }
    this.#push(deleted, { channel: this.channel, seq })
  }

  /** Answers what was asked, and lets everything arrive in order. */
  settle(): void {
    for (const request of this.requests.splice(0)) this.onTheWay.push(request.answer())
    for (const each of this.onTheWay.splice(0)) each.arrive()
  }

  #push<P extends Push>(push: P, payload: PayloadOf<P>): void {
    this.onTheWay.push({
      isPush: true,
      arrive: () => this.tell(push, payload),
      drop: () => {},
    })
  }

  #answer(route: Route, body: { afterSeq?: number; limit?: number }): object {
    const { channel, oldest } = this
    if (route.name === join.name) return { channel }
    if (route.name !== history.name) throw new Error(`unexpected request ${route.name}`)
    const { afterSeq, limit = 20 } = body
    const kept = this.messages.filter(({ seq }) => seq >= oldest && seq > (afterSeq ?? 0))
    const messages = afterSeq === undefined ? kept.slice(-limit) : kept.slice(0, limit)
    return { messages, hasMore: messages.length < kept.length }
  }
}
