import type { SessionStore } from '@hydra/persistence'
import type { Registry } from '@hydra/rpc'
import type { Clock, Logger, Timer } from '@hydra/runtime'
import type { RoleActor } from './role-actor.ts'
import type { RoleActors } from './role-actors.ts'

/** What the sweep needs. */
export interface IdleSweepOptions {
  readonly actors: Pick<RoleActors, 'all'>
  readonly sessions: Pick<SessionStore, 'get'>
  readonly registry: Pick<Registry, 'connected' | 'get'>
  readonly clock: Clock
  readonly log: Logger
  /** Roles that were called within this time are left alone. */
  readonly idleMs: number
  readonly sweepIntervalMs: number
}

/**
 * Finds roles whose session went away without a word, for example because the gate's leave never arrived: their
 * account has no session record, or a newer one, or their gate is gone. They get the grace, as after a disconnect,
 * in which a request proves that the player is there after all.
 *
 * @example const sweep = new IdleSweep(options).start()
 */
export class IdleSweep {
  readonly #options: IdleSweepOptions
  #timer: Timer | undefined
  #running: Promise<void> = Promise.resolve()
  #busy = false

  constructor(options: IdleSweepOptions) {
    this.#options = options
  }

  start(): this {
    this.#timer = this.#options.clock.every(this.#options.sweepIntervalMs, () => {
      if (!this.#busy) this.#running = this.sweep()
    })
    return this
  }

  /** Resolves when no sweep is under way. */
  async stop(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = undefined
    await this.#running
  }

  /** Looks once at every idle role. Never rejects. */
  async sweep(): Promise<void> {
    const { actors, clock, idleMs, log } = this.#options
    this.#busy = true
    try {
      const usedBeforeMs = clock.monotonicMs() - idleMs
      for (const actor of actors.all()) {
        if (actor.stage === 'active' && actor.usedAtMs <= usedBeforeMs) await this.#look(actor)
      }
    } catch (err) {
      log.warn({ err }, 'the sweep for forgotten roles was cut short; the next one goes on')
    } finally {
      this.#busy = false
    }
  }

  async #look(actor: RoleActor): Promise<void> {
    const { sessions, registry, log } = this.#options
    const { rid, uid, session } = actor
    if (session === undefined) return
    if (registry.connected && registry.get(session.gateId) === undefined) {
      log.info({ rid, uid, gateId: session.gateId }, 'the gate of an idle role is gone')
      return actor.suspect({ kind: 'ended', reason: 'GATE_LOST', session })
    }
    const record = await sessions.get(uid)
    if (record !== undefined && record.epoch <= session.epoch) return
    log.info({ rid, uid, sessionId: session.sessionId }, 'the session of an idle role is gone')
    actor.suspect({ kind: 'ended', reason: 'IDLE', session })
  }
}
