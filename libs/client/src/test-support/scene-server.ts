import {
  HydraError,
  pushes,
  type ErrorCode,
  type ErrorMetadata,
  type PayloadOf,
  type SceneEntity,
  type SceneInfo,
} from '@hydra/protocol'
import type { GameClient } from '../game-client.ts'
import { PushSource } from './push-source.ts'

const { beat, closed, delta, view } = pushes.game.scene

interface Request {
  readonly name: string
  readonly body: unknown
  answer(value: unknown): void
  fail(code: ErrorCode, metadata?: ErrorMetadata): void
}

/** A server whose side of the scene routes each test plays by hand: nothing happens by itself. */
export class SceneServer extends PushSource implements Pick<GameClient, 'on' | 'request'> {
  /** Requests that wait for an answer. */
  readonly requests: Request[] = []

  request: GameClient['request'] = (route, body) =>
    new Promise((resolve, reject) => {
      this.requests.push({
        name: route.name,
        body,
        answer: (value) => resolve(value as never),
        fail: (code, metadata) =>
          reject(new HydraError(code, `${route.name} failed.`, metadata === undefined ? {} : { metadata })),
      })
    })

  /** The request that waits, which has to be the only one. */
  next(): Request {
    const [request, ...others] = this.requests.splice(0)
    if (request === undefined || others.length > 0)
      throw new Error(`${others.length + 1} requests wait, not one`)
    return request
  }

  delta(payload: Partial<PayloadOf<typeof delta>>): void {
    this.tell(delta, { x: 1, c: 0, t: 1, p: 0, ...payload })
  }

  beat(payload: Partial<PayloadOf<typeof beat>>): void {
    this.tell(beat, { x: 1, c: 0, t: 20, p: 0, d: 0, ...payload })
  }

  view(payload: Partial<PayloadOf<typeof view>>): void {
    this.tell(view, { x: 1, t: 0, v: [0], c: [{ c: 0, t: 0, e: [] }], ...payload })
  }

  closed(payload: PayloadOf<typeof closed>): void {
    this.tell(closed, payload)
  }
}

/** What is answered to who enters, but for what a test says. */
export const infoOf = (info: Partial<SceneInfo> = {}): SceneInfo => ({
  scene: 'meadow',
  x: 1,
  t: 0,
  tickMs: 100,
  width: 600,
  height: 600,
  cellSize: 200,
  self: 1,
  at: [10, 10],
  ...info,
})

/** A player at a place. */
export const playerAt = (i: number, x: number, y: number): SceneEntity => ({
  i,
  k: 'p',
  p: [x, y],
  n: 'Ada',
  r: `r${i}`,
})
