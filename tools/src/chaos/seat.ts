import { connect, type GameClient } from '@hydra/client'
import { routes } from '@hydra/protocol'

/** What a {@link Seat} needs. */
export interface SeatOptions {
  readonly token: string
  readonly rid: string
  /** Bound of connecting and of each request. */
  readonly timeoutMs: number
  /** A gate to connect to; not the one that could not be reached, if there is another. */
  readonly chooseGate: (unreachable: string | undefined) => Promise<string>
  /** Is told the version of the role each time that it was entered. */
  readonly onEntered: (version: number) => void
}

/**
 * A player's place in the game, taken again after each loss as a real client does it: first on the same gate, where the
 * session may go on, then on another one.
 */
export class Seat {
  readonly #options: SeatOptions
  #client: GameClient
  #gateUrl: string
  #isEntered = true
  #isReachable = true

  /** Takes over a client that is logged in and has entered. */
  constructor(options: SeatOptions, client: GameClient, gateUrl: string) {
    this.#options = options
    this.#client = client
    this.#gateUrl = gateUrl
  }

  /** The client while it is in the game. */
  get client(): GameClient | undefined {
    return this.#isEntered && this.#client.closed === undefined ? this.#client : undefined
  }

  /**
   * The client, brought back into the game if it was lost. One call at a time.
   *
   * @throws HydraError what connecting, logging in or entering answers; to be called again.
   */
  async take(): Promise<GameClient> {
    if (this.#client.closed !== undefined) await this.#connect()
    if (!this.#isEntered) {
      const { role } = await this.#client.request(routes.game.role.enter, { rid: this.#options.rid })
      this.#options.onEntered(role.version)
      this.#isEntered = true
    }
    return this.#client
  }

  /** Gives the connection up, for what only a new login can mend. */
  async leave(): Promise<void> {
    await this.#client.close()
  }

  async #connect(): Promise<void> {
    const { token, timeoutMs, chooseGate } = this.#options
    this.#isEntered = false
    const url = this.#isReachable ? this.#gateUrl : await chooseGate(this.#gateUrl)
    this.#isReachable = false
    try {
      if (url === this.#gateUrl) {
        const { resumed } = await this.#client.reconnect(token)
        this.#isEntered = resumed
      } else {
        const client = await connect({ url, timeoutMs, connectTimeoutMs: timeoutMs })
        this.#client = client
        this.#gateUrl = url
        await client.logIn(token)
      }
    } catch (error) {
      // A connection whose login has failed is of no use: the next attempt begins with a new one.
      await this.#client.close()
      throw error
    }
    this.#isReachable = true
  }
}
