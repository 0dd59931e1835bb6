import { bodyCodec, type PayloadOf, type Push } from '@hydra/protocol'
import { createTopicMembers, type TopicMembers, type TopicMessage } from '@hydra/rpc'
import { createMetrics, silentLogger } from '@hydra/runtime'
import { eventually } from '@hydra/testing'
import { roleTopic } from '../role/tell-role.ts'
import type { GameWorld } from './game-world.ts'
import type { TestGate } from './test-gate.ts'

/** What players of roles are sent, as the gates of their sessions would hear it. */
export class RolePushes {
  readonly #members: TopicMembers
  readonly #received = new Map<string, { readonly push: string; readonly payload: unknown }[]>()
  readonly #listeners = new Map<string, (push: string, payload: unknown) => void>()

  constructor(world: Pick<GameWorld, 'env' | 'clock'>, gate: Pick<TestGate, 'cluster'>) {
    this.#members = createTopicMembers({
      bus: gate.cluster.bus,
      env: world.env,
      clock: world.clock,
      log: silentLogger,
      metrics: createMetrics({ service: 'gate' }),
      deliver: (topic, message) => this.#onMessage(topic, message),
    })
  }

  /** Begins to hear what is sent to a role; resolves when nothing sent from now on can be missed. */
  async hear(rid: string, onPush: (push: string, payload: unknown) => void = () => {}): Promise<void> {
    this.#received.set(roleTopic(rid), [])
    this.#listeners.set(roleTopic(rid), onPush)
    await this.#members.join(roleTopic(rid), rid)
  }

  /** What a role was sent of one kind, in order. */
  of<P extends Push>(rid: string, push: P): readonly PayloadOf<P>[] {
    const all = this.#received.get(roleTopic(rid)) ?? []
    return all
      .filter((one) => one.push === push.name)
      .map(({ payload }) => push.payload.parse(payload) as PayloadOf<P>)
  }

  /** Resolves with the last push of a kind once it says what is asked for. */
  async last<P extends Push>(
    rid: string,
    push: P,
    says: (payload: PayloadOf<P>) => boolean = () => true,
  ): Promise<PayloadOf<P>> {
    return eventually(() => {
      const last = this.of(rid, push).at(-1)
      return last !== undefined && says(last) ? last : false
    })
  }

  #onMessage(topic: string, { push, bodies }: TopicMessage): void {
    const payload: unknown = bodyCodec('json').decode(bodies.json)
    this.#received.get(topic)?.push({ push, payload })
    this.#listeners.get(topic)?.(push, payload)
  }
}

/** What the player of one role is told, in order; resolves when nothing told from now on can be missed. */
export async function roleTold<P extends Push>(
  world: Pick<GameWorld, 'env' | 'clock'>,
  gate: Pick<TestGate, 'cluster'>,
  rid: string,
  push: P,
): Promise<readonly PayloadOf<P>[]> {
  const told: PayloadOf<P>[] = []
  await new RolePushes(world, gate).hear(rid, (name, payload) => {
    if (name === push.name) told.push(push.payload.parse(payload) as PayloadOf<P>)
  })
  return told
}
