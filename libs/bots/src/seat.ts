import {
  connect,
  createAccountApi,
  createSceneView,
  gateUrl,
  type AccountApi,
  type ClientClock,
  type CloseReason,
  type ConnectOptions,
  type GameClient,
  type SceneView,
} from '@hydra/client'
import { HydraError, pushes, routes } from '@hydra/protocol'
import { oneAmong } from './random.ts'
import type { BotStats } from './stats/bot-stats.ts'

/** Whose seat, and where. */
export interface SeatOptions {
  readonly httpUrl: string | readonly string[]
  /** Of the account and of the role; both are made where they are not there yet. */
  readonly name: string
  readonly password: string
  /** Gives a token, instead of registering or logging in at http. */
  readonly token: (() => Promise<string>) | undefined
  /** The gate to connect to, always; else any that http lists, another one when that cannot be reached. */
  readonly gateUrl: string | undefined
  readonly clock: ClientClock
  readonly random: () => number
  readonly stats: BotStats
  readonly connectOptions: Omit<ConnectOptions, 'url' | 'clock'>
  /** Whether it waits until a gate that has said that it will close does so, instead of going to another one. */
  readonly staysToTheEnd: boolean
  /** Is given each new client before it logs in. */
  readonly onClient: (client: GameClient) => void
  /** Is told of the end of each connection. */
  readonly onClosed: (reason: CloseReason) => void
}

/**
 * A bot's place in the game, taken again after each loss as a real client does it: first on the same gate, where the
 * session may go on, then on another one. One call at a time.
 */
export class Seat {
  readonly #options: SeatOptions
  readonly #accounts: AccountApi
  #token: string | undefined
  #client: GameClient | undefined
  #gateUrl: string | undefined
  #isReachable = false
  /** Whether the gate has said that it will close. */
  #isToLeave = false
  #isEntered = false
  #scene: SceneView | undefined
  #isInScene = false
  #rid = ''

  constructor(options: SeatOptions) {
    this.#options = options
    const { timeoutMs } = options.connectOptions
    this.#accounts = createAccountApi(options.httpUrl, {
      clock: options.clock,
      random: options.random,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
  }

  /** `''` before the role has been entered for the first time. */
  get rid(): string {
    return this.#rid
  }

  /** Whether the role is entered, as far as is known. */
  get isTaken(): boolean {
    return this.#isEntered && this.#client !== undefined && this.#client.closed === undefined
  }

  /** The world around the role while it is in one. */
  get view(): SceneView | undefined {
    return this.isTaken && this.#isInScene ? this.#scene : undefined
  }

  /**
   * The client, with the role entered.
   *
   * @throws HydraError what registering, connecting, logging in or entering answers; to be called again.
   */
  async client(): Promise<GameClient> {
    const client = await this.#connected()
    if (!this.#isEntered) {
      this.#isInScene = false
      await client.request(routes.game.role.enter, { rid: await this.#role(client) })
      this.#isEntered = true
    }
    return client
  }

  /** The world, entered. @throws HydraError as {@link client}, and what entering the scene answers. */
  async scene(): Promise<SceneView> {
    const client = await this.client()
    const { clock, random, stats } = this.#options
    this.#scene ??= createSceneView({ client, clock, random })
    if (!this.#isInScene || this.#scene.info === undefined) {
      await this.#scene.enter()
      this.#isInScene = true
      stats.happened('arrivals')
    }
    return this.#scene
  }

  /** The server has said that the role is in no scene. */
  outOfScene(): void {
    this.#isInScene = false
  }

  /** Gives the connection up without a word. */
  async drop(): Promise<void> {
    await this.#client?.close()
  }

  /** Logs out, which is answered when the role is saved, and closes. @throws HydraError when that fails. */
  async logOut(): Promise<void> {
    if (!this.isTaken) await this.client()
    await this.#client?.request(routes.gate.session.logout, {})
    this.#isEntered = false
    this.#isInScene = false
    await this.#client?.close()
  }

  /** Closes everything for good. */
  async close(): Promise<void> {
    this.#scene?.close()
    await this.#client?.close()
  }

  async #connected(): Promise<GameClient> {
    const present = this.#client
    const isOpen = present !== undefined && present.closed === undefined
    if (isOpen) return this.#isToLeave ? this.#moveOn(present) : present
    const token = await this.#giveToken()
    const url = this.#isReachable && !this.#isToLeave ? this.#gateUrl : undefined
    this.#isReachable = false
    const wasEntered = this.#isEntered
    this.#isEntered = false
    return this.#loggingIn(() =>
      url !== undefined && present !== undefined
        ? this.#comeBack(present, token, wasEntered)
        : this.#logInAnew(token),
    )
  }

  /** To another gate, while there is one; until then the present one serves. */
  async #moveOn(present: GameClient): Promise<GameClient> {
    const token = await this.#giveToken()
    let client: GameClient
    try {
      client = await this.#open()
    } catch (error) {
      if (present.closed !== undefined) throw error
      return present
    }
    await present.close()
    this.#isEntered = false
    return this.#loggingIn(() => this.#logIn(client, token))
  }

  async #loggingIn(logIn: () => Promise<GameClient>): Promise<GameClient> {
    try {
      const client = await logIn()
      this.#isReachable = true
      return client
    } catch (error) {
      // A connection whose login has failed is of no use: the next attempt begins with a new one.
      await this.#client?.close()
      if (HydraError.hasCode(error, 'TOKEN_EXPIRED') || HydraError.hasCode(error, 'TOKEN_INVALID')) {
        this.#token = undefined
        this.#client = undefined
      }
      throw error
    }
  }

  async #comeBack(client: GameClient, token: string, wasEntered: boolean): Promise<GameClient> {
    const { stats, onClosed } = this.#options
    const { resumed } = await client.reconnect(token)
    client.onClose(onClosed)
    stats.happened('reconnects')
    if (resumed) stats.happened('resumed')
    this.#isEntered = resumed && wasEntered
    if (this.#isEntered && this.#isInScene) this.#scene?.resync()
    return client
  }

  async #logInAnew(token: string): Promise<GameClient> {
    return this.#logIn(await this.#open(), token)
  }

  /** Connects to another gate than before, where there is one. */
  async #open(): Promise<GameClient> {
    const { clock, connectOptions } = this.#options
    const url = await this.#chooseGate()
    const client = await connect({ ...connectOptions, url, clock })
    this.#gateUrl = url
    return client
  }

  async #logIn(client: GameClient, token: string): Promise<GameClient> {
    const { onClient, onClosed, staysToTheEnd, stats } = this.#options
    if (this.#client !== undefined) stats.happened('reconnects')
    this.#scene?.close()
    this.#scene = undefined
    this.#client = client
    this.#isToLeave = false
    client.onClose(onClosed)
    client.on(pushes.gate.server.draining, () => {
      if (client === this.#client && !staysToTheEnd) this.#isToLeave = true
    })
    onClient(client)
    await client.logIn(token)
    return client
  }

  async #chooseGate(): Promise<string> {
    if (this.#options.gateUrl !== undefined) return this.#options.gateUrl
    const { servers } = await this.#accounts.serverList('gate')
    const urls = servers.map(gateUrl)
    if (urls.length === 0) throw new HydraError('NO_SERVER', 'http lists no gate; is one running?')
    const others = urls.filter((url) => url !== this.#gateUrl)
    return oneAmong(others.length === 0 ? urls : others, this.#options.random)
  }

  async #giveToken(): Promise<string> {
    const { name, password, token } = this.#options
    // Renewed while the bot was connected.
    if (this.#token !== undefined) this.#token = this.#client?.token ?? this.#token
    if (token !== undefined) return (this.#token ??= await token())
    if (this.#token !== undefined) return this.#token
    const credentials = { username: name, password }
    try {
      this.#token = (await this.#accounts.register(credentials)).token
    } catch (error) {
      if (!HydraError.hasCode(error, 'USERNAME_TAKEN')) throw error
      this.#token = (await this.#accounts.login(credentials)).token
    }
    return this.#token
  }

  async #role(client: GameClient): Promise<string> {
    if (this.#rid !== '') return this.#rid
    const { roles } = await client.request(routes.game.role.list, {})
    const [known] = roles
    const made = known ?? (await client.request(routes.game.role.create, { name: this.#options.name })).role
    return (this.#rid = made.rid)
  }
}
