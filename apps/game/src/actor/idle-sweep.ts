import type { SessionStore } from '@hydra/persistence'
import type { Registry } from '@hydra/rpc'
import { PeriodicLook, type Clock, type Logger } from '@hydra/runtime'
import { actorGone, type RoleActor } from './role-actor.ts'
import type { RoleActors } from './role-actors.ts'
import type { ActorSession } from './role-session.ts'

/** What the sweep needs. */
export interface IdleSweepOptions {
  readonly actors: Pick<RoleActors, 'all'>
  readonly sessions: Pick<SessionStore, 'get'>
  readonly registry: Pick<Registry, 'connected' | 'get'>
  readonly clock: Clock
  readonly log: Logger
  /** A role that was called within this time is not idle. */
  readonly idleMs: number
  readonly sweepIntervalMs: number
}

/** So many session records are read at the same time. */
const readsAtOnce = 100

/**
 * Compares every role with the session record of its account, for what no message has told: a role played by a
 * session that a newer login has replaced leaves at once, since the kick must have been lost. An idle role whose
 * session or gate is gone gets the grace, as after a disconnect, in which a request proves that the player is there.
 *
 * @example const sweep = new IdleSweep(options).start()
 */
export class IdleSweep {
  readonly #options: IdleSweepOptions
  readonly #periodic: PeriodicLook

  constructor(options: IdleSweepOptions) {
    this.#options = options
    const { clock, sweepIntervalMs: intervalMs } = options
    this.#periodic = new PeriodicLook({ clock, intervalMs, look: () => this.#sweep() })
  }

  start(): this {
    this.#periodic.start()
    return this
  }

  stop(): void {
    this.#periodic.stop()
  }

  /** Looks once at every role. Never rejects. */
  sweep(): Promise<void> {
    return this.#periodic.now()
  }

  async #sweep(): Promise<void> {
    const { actors, clock, idleMs, log } = this.#options
    try {
      const idleSinceMs = clock.monotonicMs() - idleMs
      const active = [...actors.all()].filter((actor) => actor.stage === 'active')
      for (let from = 0; from < active.length && !this.#periodic.stopped; from += readsAtOnce) {
        const some = active.slice(from, from + readsAtOnce)
        await Promise.all(some.map((actor) => this.#look(actor, actor.usedAtMs <= idleSinceMs)))
      }
    } catch (err) {
      log.warn({ err }, 'the sweep for forgotten roles was cut short; the next one goes on')
    }
  }

  async #look(actor: RoleActor, idle: boolean): Promise<void> {
    const { sessions, registry, log } = this.#options
    const { rid, uid, session } = actor
    if (session === undefined) return
    if (idle && registry.connected && registry.get(session.gateId) === undefined) {
      log.info({ rid, uid, gateId: session.gateId }, 'the gate of an idle role is gone')
      return actor.suspect({ kind: 'ended', reason: 'GATE_LOST', session })
    }
    const record = await sessions.get(uid)
    if (this.#periodic.stopped || (record !== undefined && record.epoch <= session.epoch)) return
    if (record !== undefined) return this.#replaced(actor, session)
    if (!idle) return
    log.info({ rid, uid, sessionId: session.sessionId }, 'the session of an idle role is gone')
    actor.suspect({ kind: 'ended', reason: 'IDLE', session })
  }

  #replaced(actor: RoleActor, session: ActorSession): void {
    const { log } = this.#options
    const { rid, uid } = actor
    log.warn(
      { rid, uid, sessionId: session.sessionId },
      'a replaced session still played its role; the role leaves',
    )
    actor
      .leave({ kind: 'ended', reason: 'DUPLICATE_LOGIN', session }, { grace: false })
      .catch((err: unknown) => {
        if (err !== actorGone) log.error({ rid, uid, err }, 'a role could not leave')
      })
  }
}
