import type { AllianceChangeMark } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import { PeriodicLook } from '@hydra/runtime'
import type { Chat } from '../chat.ts'
import { settle } from './change-alliance.ts'

/** Marks taken in one look; what is left over comes next. */
const marksMax = 100

/**
 * Looks after changes of alliances that nobody has finished: their server has died, or has not heard what became of
 * them. Any server does it for all; several doing the same do no harm.
 */
export class AllianceWatch {
  readonly #chat: Chat
  readonly #look: PeriodicLook

  /** @param intervalMs how long to wait between two looks; a third of the time that a change may take when absent */
  constructor(chat: Chat, intervalMs = Math.max(1, Math.ceil(chat.config.alliance.changeTimeoutMs / 3))) {
    this.#chat = chat
    this.#look = new PeriodicLook({ clock: chat.clock, intervalMs, look: () => this.#once() })
  }

  start(): this {
    this.#look.start()
    return this
  }

  stop(): void {
    this.#look.stop()
  }

  /** Looks now, or answers the look that is under way. Never rejects. */
  now(): Promise<void> {
    return this.#look.now()
  }

  async #once(): Promise<void> {
    const { allianceViews, clock, log } = this.#chat
    try {
      for (const mark of await allianceViews.expired(clock.nowMs(), marksMax)) {
        if (this.#look.stopped) return
        await this.#finish(mark)
      }
    } catch (err) {
      log.warn({ err }, 'unfinished changes of alliances could not be looked for; the next look tries again')
    }
  }

  async #finish(mark: AllianceChangeMark): Promise<void> {
    const { log } = this.#chat
    const { allianceId, rids } = mark
    try {
      await this.#awaitChanges(allianceId)
      await settle(this.#chat, mark, rids, await this.#chat.alliances.roster(allianceId))
      log.info({ allianceId, rids }, 'a change of an alliance that was left unfinished is settled')
    } catch (err) {
      log.warn({ allianceId, rids, err }, 'a change of an alliance stays unfinished; it is tried again')
      await this.#postpone(mark)
    }
  }

  /** Behind the others: so many that cannot be finished must not keep the rest waiting. */
  async #postpone(mark: AllianceChangeMark): Promise<void> {
    const { allianceViews, clock, config } = this.#chat
    await allianceViews.begin(mark, clock.nowMs() + config.alliance.changeTimeoutMs)
  }

  /** A transaction that still holds the lock ends before what it has made is read. */
  async #awaitChanges(allianceId: string): Promise<void> {
    try {
      await this.#chat.alliances.change(allianceId, [], () => undefined)
    } catch (error) {
      if (!HydraError.hasCode(error, 'ALLIANCE_NOT_FOUND')) throw error
    }
  }
}
