import { IANAZone } from 'luxon'

/** When the days of a game begin. */
export interface GameDaysOptions {
  /** Hour of the day, 0 to 23, by the clocks of the time zone. */
  readonly resetHour: number
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string
}

/** A day and its bounds: the moment of its beginning is the first one of it, that of its end the first one after. */
interface GameDay {
  readonly day: string
  readonly startMs: number
  readonly endMs: number
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** No clock on earth was ever further from UTC. */
const offsetMaxMs = 16 * hourMs
/** Between two looks for a change of the clocks; zones keep each offset for days at least. */
const lookMs = hourMs / 2

/** Whether the runtime knows a time zone. @example isTimeZone('Europe/Berlin') // true */
export const isTimeZone = (name: string): boolean => IANAZone.isValidZone(name)

/**
 * The days of a game: a day such as `2026-11-28` begins at the first moment at which the clocks of the zone show the
 * hour of reset of that date, or have passed it. Days never go back, whatever the clocks do:
 *
 * - an hour that is left out in spring: the day begins when the clocks jump over it;
 * - an hour that comes twice in autumn: the day begins the first time, once;
 * - a date that is left out (Samoa has had no 30th of December 2011): its day is as short as what the clocks leave of it,
 *   or is left out too.
 *
 * @example
 * const days = new GameDays({ resetHour: 4, timeZone: 'Europe/Berlin' })
 * days.dayAt(Date.parse('2026-11-28T02:59:59Z')) // '2026-11-27'
 * days.nextResetMs(Date.parse('2026-11-28T02:59:59Z')) // 03:00 UTC
 */
export class GameDays {
  readonly #zone: IANAZone
  readonly #resetMs: number
  /** Nearly every question is about the present day. */
  #known: GameDay | undefined

  constructor({ resetHour, timeZone }: GameDaysOptions) {
    this.#zone = IANAZone.create(timeZone)
    this.#resetMs = resetHour * hourMs
    if (!this.#zone.isValid || !(resetHour >= 0 && resetHour <= 23))
      throw new RangeError(`there are no days in "${timeZone}" that begin at hour ${resetHour}`)
  }

  /** The day of a moment. */
  dayAt(ms: number): string {
    return this.#at(ms).day
  }

  /** The first moment after `ms` that belongs to another day. */
  nextResetMs(ms: number): number {
    return this.#at(ms).endMs
  }

  #at(ms: number): GameDay {
    const known = this.#known
    if (known !== undefined && ms >= known.startMs && ms < known.endMs) return known
    // Where the clocks went back, the day that they show may be over already.
    let number = Math.floor((ms + this.#offsetMs(ms) - this.#resetMs) / dayMs)
    let endMs = this.#startOf(number + 1)
    while (endMs <= ms) {
      number += 1
      endMs = this.#startOf(number + 1)
    }
    this.#known = { day: dateOf(number), startMs: this.#startOf(number), endMs }
    return this.#known
  }

  /** The first moment at which the clocks show the hour of reset of a date, or later; dates as days since 1970. */
  #startOf(number: number): number {
    const shownMs = number * dayMs + this.#resetMs
    let fromMs = shownMs - offsetMaxMs
    let offsetMs = this.#offsetMs(fromMs)
    for (;;) {
      // While the offset stays as it is, the clocks get there then.
      const reachedMs = shownMs - offsetMs
      const nextMs = fromMs + lookMs
      const nextOffsetMs = this.#offsetMs(nextMs)
      const changeMs = nextOffsetMs === offsetMs ? nextMs : this.#changeBetween(fromMs, nextMs)
      if (reachedMs < changeMs) return Math.max(reachedMs, fromMs)
      fromMs = changeMs
      offsetMs = nextOffsetMs
    }
  }

  /** The first moment of the other offset, to the millisecond. */
  #changeBetween(fromMs: number, toMs: number): number {
    const formerMs = this.#offsetMs(fromMs)
    let [low, high] = [fromMs, toMs]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.#offsetMs(middle) === formerMs) low = middle
      else high = middle
    }
    return high
  }

  #offsetMs(ms: number): number {
    return Math.round(this.#zone.offset(ms) * 60_000)
  }
}

const dateOf = (number: number): string => new Date(number * dayMs).toISOString().slice(0, 10)
