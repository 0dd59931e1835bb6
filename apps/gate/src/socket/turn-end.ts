/** Something that has gathered work in this turn and does it at the turn's end. */
export interface Gathering {
  flush(): void
}

/**
 * Runs what was gathered in one turn of the event loop together, as soon as the running callback and its promises are
 * done: nothing waits for more to come, so it costs no latency.
 *
 * @example
 * const turnEnd = new TurnEnd()
 * turnEnd.add(connection) // connection.flush() runs once, later in this turn
 */
export class TurnEnd {
  #gathered: Gathering[] = []
  #scheduled = false

  /** Notes one that has work; it must add itself only once before it is flushed. */
  add(gathering: Gathering): void {
    this.#gathered.push(gathering)
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(this.#run)
  }

  /** Does all of it now, for what must come after it. */
  flush(): void {
    if (this.#gathered.length === 0) return
    const gathered = this.#gathered
    this.#gathered = []
    for (const gathering of gathered) gathering.flush()
  }

  readonly #run = (): void => {
    this.#scheduled = false
    this.flush()
  }
}
