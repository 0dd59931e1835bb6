import type { AllianceRoster, Alliances, AllianceViews } from '@hydra/persistence'
import { HydraError } from '@hydra/protocol'
import type { Logger } from '@hydra/runtime'

/** A read that is under way, and the one that begins when it has ended. */
interface Flight {
  readonly running: Promise<AllianceRoster | undefined>
  next?: Promise<AllianceRoster | undefined>
}

/** What rosters are read from. */
export interface AllianceRostersOptions {
  readonly alliances: Pick<Alliances, 'roster'>
  readonly allianceViews: Pick<AllianceViews, 'get' | 'put'>
  readonly log: Logger
  /** Alliances read from the database at the same time, 1,000 when absent; one more is refused. */
  readonly readsMax?: number
}

/**
 * Alliances with their members as everybody reads them: from the view, else from the database. However many ask for an
 * alliance, this server has one read of it under way, and whoever comes meanwhile shares the next: nobody is answered
 * what was read before they asked.
 */
export class AllianceRosters {
  readonly #options: AllianceRostersOptions
  readonly #flights = new Map<string, Flight>()

  constructor(options: AllianceRostersOptions) {
    this.#options = options
  }

  /** @throws HydraError `STORAGE_UNAVAILABLE`, `SERVER_BUSY`. */
  async get(allianceId: string): Promise<AllianceRoster | undefined> {
    return (await this.#viewed(allianceId)) ?? (await this.#read(allianceId))
  }

  #read(allianceId: string): Promise<AllianceRoster | undefined> {
    const flight = this.#flights.get(allianceId)
    if (flight !== undefined) {
      flight.next ??= flight.running.then(
        () => this.#begin(allianceId),
        () => this.#begin(allianceId),
      )
      return flight.next
    }
    if (this.#flights.size >= (this.#options.readsMax ?? 1_000)) {
      return Promise.reject(
        new HydraError('SERVER_BUSY', 'Too many alliances are being read; try again in a moment.'),
      )
    }
    return this.#begin(allianceId)
  }

  #begin(allianceId: string): Promise<AllianceRoster | undefined> {
    const flight: Flight = {
      running: this.#load(allianceId).finally(() => {
        // The next read, if somebody waits for one, has its own entry from its beginning on.
        if (this.#flights.get(allianceId) === flight && flight.next === undefined) {
          this.#flights.delete(allianceId)
        }
      }),
    }
    this.#flights.set(allianceId, flight)
    return flight.running
  }

  async #load(allianceId: string): Promise<AllianceRoster | undefined> {
    const { alliances, allianceViews, log } = this.#options
    const roster = await alliances.roster(allianceId)
    if (roster === undefined) return undefined
    try {
      await allianceViews.put(roster)
    } catch (err) {
      log.warn({ allianceId, err }, 'an alliance was read but not noted; it is read again next time')
    }
    return roster
  }

  /** Without the view there is the database. */
  async #viewed(allianceId: string): Promise<AllianceRoster | undefined> {
    const { allianceViews, log } = this.#options
    try {
      return await allianceViews.get(allianceId)
    } catch (err) {
      log.warn({ allianceId, err }, 'the view of an alliance could not be read; reading the database')
      return undefined
    }
  }
}
