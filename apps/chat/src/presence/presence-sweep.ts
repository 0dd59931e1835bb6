import type { Presence } from '@hydra/persistence'
import { HydraError, routes } from '@hydra/protocol'
import { PeriodicLook } from '@hydra/runtime'
import { roleTopic } from '../channel/channel.ts'
import type { Chat } from '../chat.ts'
import { endPresence, type EndPresenceChat } from './end-presence.ts'

/** What the sweep needs. */
export type PresenceSweepChat = EndPresenceChat &
  Pick<Chat, 'registry' | 'metrics'> & {
    readonly config: Pick<Chat['config'], 'channel' | 'presence'>
    /** Joins a session that is noted as present to its channels, see `arrive.ts`. */
    rejoin(noted: Presence): Promise<unknown>
    /** Sees to it that roles are noted with the alliances they are in, see `compare-memberships.ts`. Never rejects. */
    compare(page: readonly Presence[]): Promise<void>
  }

/** How much the sweep does at a time. */
export interface PresenceSweepBounds {
  /** Roles read and asked about in one step, at most 1,000. */
  readonly pageMax?: number
  /** Roles looked at in one look; gates that come after that have their turn in the next one. */
  readonly rolesPerLookMax?: number
}

/** Reading a page holds up everybody else at Redis for a millisecond or two. */
const defaultPageMax = 500
const defaultRolesPerLookMax = 100_000

/** Presences that are ended at one time. */
const endingMax = 16

/** Roles by the epoch of the session that was not there. */
type Suspects = ReadonlyMap<string, number>
const nobody: Suspects = new Map()

/** Those of the last look at a gate. */
interface Suspected {
  /** Their sessions were not there. */
  readonly gone: Suspects
  /** They received nothing. */
  readonly deaf: Suspects
}

/**
 * Ends presences that nobody else will: those of gates that have left, after the time that game has to do so, and those
 * of sessions that their gates do not have. Joins sessions that are noted as present and receive nothing, because the
 * server that they came through has died meanwhile, and compares alliances. The first two must be so on two looks in a row, so as to leave alone what is
 * just coming or going. Of all chat servers one looks after a gate, and another one when it dies.
 *
 * @example
 * const sweep = new PresenceSweep(chat).start()
 * sweep.stop()
 */
export class PresenceSweep {
  readonly #chat: PresenceSweepChat
  readonly #pageMax: number
  readonly #rolesPerLookMax: number
  readonly #periodic: PeriodicLook
  /** Since when gates are missing, by the monotonic clock. */
  readonly #missing = new Map<string, number>()
  readonly #suspects = new Map<string, Suspected>()
  /** The gate that the last look ended with. */
  #lastGateId = ''

  constructor(
    chat: PresenceSweepChat,
    { pageMax = defaultPageMax, rolesPerLookMax = defaultRolesPerLookMax }: PresenceSweepBounds = {},
  ) {
    this.#chat = chat
    this.#pageMax = pageMax
    this.#rolesPerLookMax = rolesPerLookMax
    const { sweepIntervalMs: intervalMs } = chat.config.presence
    this.#periodic = new PeriodicLook({ clock: chat.clock, intervalMs, look: () => this.#look() })
  }

  start(): this {
    this.#periodic.start()
    return this
  }

  stop(): void {
    this.#periodic.stop()
  }

  /** Looks once at the gates that are this server's. Never rejects. */
  look(): Promise<void> {
    return this.#periodic.now()
  }

  async #look(): Promise<void> {
    const { registry, presence, log } = this.#chat
    // Without a view that is kept up to date, nobody can be said to have left.
    if (!registry.connected) return this.#forgetAllBut([])
    try {
      const gates = (await presence.gates()).filter((gateId) => this.#isMine(gateId)).toSorted()
      this.#forgetAllBut(gates)
      await this.#lookAt(gates)
    } catch (err) {
      log.warn({ err }, 'the look for roles that are not online any more failed; the next one tries again')
    }
  }

  /** Goes round the gates, so that each has its turn. */
  async #lookAt(gates: readonly string[]): Promise<void> {
    const { log } = this.#chat
    const next = gates.findIndex((gateId) => gateId > this.#lastGateId)
    const turns = next < 0 ? gates : [...gates.slice(next), ...gates.slice(0, next)]
    let roles = 0
    for (const gateId of turns) {
      if (roles >= this.#rolesPerLookMax || this.#periodic.stopped) return
      this.#lastGateId = gateId
      try {
        roles += await this.#lookAtGate(gateId)
      } catch (err) {
        log.warn(
          { gate: gateId, err },
          'the roles of a gate could not be looked at; the next look tries again',
        )
        this.#suspects.delete(gateId)
      }
    }
  }

  /** Answers at how many roles it has looked. */
  async #lookAtGate(gateId: string): Promise<number> {
    const { registry, clock, config } = this.#chat
    const isThere = registry.get(gateId) !== undefined
    if (isThere) {
      this.#missing.delete(gateId)
      return this.#lookAtSessions(gateId)
    }
    this.#suspects.delete(gateId)
    const nowMs = clock.monotonicMs()
    const sinceMs = this.#missing.get(gateId) ?? nowMs
    this.#missing.set(gateId, sinceMs)
    if (nowMs - sinceMs < config.presence.gateGraceMs) return 0
    return this.#eachPage(gateId, (page) => this.#end(page, 'gate'))
  }

  async #lookAtSessions(gateId: string): Promise<number> {
    const before = this.#suspects.get(gateId) ?? { gone: nobody, deaf: nobody }
    const now = { gone: new Map<string, number>(), deaf: new Map<string, number>() }
    const roles = await this.#eachPage(gateId, async (page) => {
      const found = await this.#ask(gateId, page)
      const again = (what: keyof Suspected) => {
        const isKnown = ({ rid, sessionEpoch }: Presence) => before[what].get(rid) === sessionEpoch
        for (const one of found[what]) if (!isKnown(one)) now[what].set(one.rid, one.sessionEpoch)
        return found[what].filter(isKnown)
      }
      await this.#end(again('gone'), 'session')
      await this.#rejoin(again('deaf'))
      await this.#chat.compare(page.filter((one) => !found.gone.includes(one)))
    })
    this.#suspects.set(gateId, now)
    return roles
  }

  /** Those of a page whose sessions the gate does not have, and those that it has and delivers nothing to. */
  async #ask(gateId: string, page: readonly Presence[]): Promise<Record<keyof Suspected, Presence[]>> {
    const { peer, config } = this.#chat
    const sessions = page.map(({ sessionId, rid }) => ({ sessionId, rid, topic: roleTopic(rid) }))
    const { present, receives } = await peer.call(
      routes.gate.session.present,
      { sessions },
      { to: { server: gateId }, timeoutMs: config.channel.gateTimeoutMs },
    )
    return {
      gone: page.filter((_, index) => present[index] === false),
      deaf: page.filter((_, index) => present[index] === true && receives[index] === false),
    }
  }

  async #rejoin(deaf: readonly Presence[]): Promise<void> {
    const { presence, metrics, log } = this.#chat
    for (const { rid, sessionId } of deaf) {
      if (this.#periodic.stopped) return
      // It may have left by now, and nobody else would end what arriving would note.
      const noted = await presence.get(rid)
      if (noted?.sessionId !== sessionId) continue
      await this.#chat.rejoin(noted)
      metrics.presenceRejoined.inc()
      log.info({ rid, gate: noted.gateId, sessionId }, 'a role that was noted as online received nothing')
    }
  }

  async #eachPage(gateId: string, visit: (page: readonly Presence[]) => Promise<void>): Promise<number> {
    let roles = 0
    let afterRid: string | undefined
    while (!this.#periodic.stopped) {
      const page = await this.#chat.presence.atGate(gateId, this.#pageMax, afterRid)
      afterRid = page.at(-1)?.rid
      if (afterRid === undefined) break
      await visit(page)
      roles += page.length
    }
    return roles
  }

  async #end(gone: readonly Presence[], what: 'gate' | 'session'): Promise<void> {
    const { metrics, log } = this.#chat
    for (let at = 0; at < gone.length && !this.#periodic.stopped; at += endingMax) {
      const ended = await Promise.all(
        gone
          .slice(at, at + endingMax)
          .map(({ rid, sessionEpoch }) => endPresence(this.#chat, rid, sessionEpoch)),
      )
      for (const presence of ended) {
        if (presence === undefined) continue
        metrics.presenceSwept.inc({ gone: what })
        const { rid, gateId, sessionId } = presence
        log.info({ rid, gate: gateId, sessionId, gone: what }, 'a role that was noted as online was not')
      }
    }
  }

  /** Of several chat servers one; none while this one is not, or no longer, among them. */
  #isMine(gateId: string): boolean {
    const { peer } = this.#chat
    try {
      return peer.pick({ type: 'chat', key: gateId }) === peer.id
    } catch (error) {
      if (HydraError.hasCode(error, 'NO_SERVER')) return false
      throw error
    }
  }

  /** What is known of a gate ends when another server looks after it, or nobody is noted there. */
  #forgetAllBut(gates: readonly string[]): void {
    const kept = new Set(gates)
    for (const known of [this.#missing, this.#suspects])
      for (const gateId of known.keys()) if (!kept.has(gateId)) known.delete(gateId)
  }
}
