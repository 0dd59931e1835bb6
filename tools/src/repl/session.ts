import {
  connect,
  createAccountApi,
  gateUrl,
  type AccountApi,
  type ClientIssue,
  type CloseReason,
  type GameClient,
} from '@hydra/client'
import { allPushes, HydraError, routes, type RequestOf, type Route, type RouteName } from '@hydra/protocol'
import type { Callable } from './callables.ts'

/** Where a session plays, and who is told of what comes unasked. */
export interface SessionOptions {
  readonly httpUrl: string
  /** The gate to connect to; else one that http lists. */
  readonly gateUrl?: string | undefined
  readonly random: () => number
  readonly onPush: (name: string, payload: unknown) => void
  readonly onClosed: (reason: CloseReason) => void
  readonly onIssue: (issue: ClientIssue) => void
}

/** How a session stands. */
export interface SessionState {
  readonly connection: 'none' | 'open' | 'closed'
  readonly gateUrl: string | undefined
  /** Why it is closed. */
  readonly closed: CloseReason | undefined
  readonly username: string | undefined
  readonly isLoggedIn: boolean
  /** Of the entered role. */
  readonly role: { readonly rid: string; readonly name: string } | undefined
  /** Of the account, as far as answers have told. */
  readonly rids: readonly string[]
}

/** Answers whose role is that which is played. */
const entering: ReadonlySet<string> = new Set([routes.game.role.enter.name, routes.game.role.rename.name])
const ridsMax = 64

/** A player at a prompt: one account, one connection, whatever is called by hand. */
export class Session {
  readonly #options: SessionOptions
  readonly #accounts: AccountApi
  readonly #rids = new Set<string>()
  #client: GameClient | undefined
  #gateUrl: string | undefined
  #username: string | undefined
  #token: string | undefined
  #isLoggedIn = false
  #role: SessionState['role']

  constructor(options: SessionOptions) {
    this.#options = options
    this.#accounts = createAccountApi(options.httpUrl)
  }

  get state(): SessionState {
    const closed = this.#client?.closed
    return {
      connection: this.#client === undefined ? 'none' : closed === undefined ? 'open' : 'closed',
      gateUrl: this.#gateUrl,
      closed,
      username: this.#username,
      isLoggedIn: this.#isLoggedIn,
      role: this.#role,
      rids: [...this.#rids],
    }
  }

  /**
   * Calls something with a body. Connects first where there has been no connection; what is called after one was lost
   * fails until it is opened again. `register` and `login` also connect and log in at a gate.
   *
   * @throws HydraError what is answered.
   */
  async call({ name, route }: Callable, body: Readonly<Record<string, unknown>>): Promise<unknown> {
    if (route === undefined) return this.#callHttp(name, body)
    const client = this.#client ?? (await this.connect())
    if (route.kind === 'notify') {
      client.notify(route as Route<RouteName, 'notify'>, body as RequestOf<Route>)
      return undefined
    }
    if (name === routes.gate.session.login.name && typeof body['token'] === 'string' && !('resume' in body)) {
      return this.#logIn(client, body['token'])
    }
    const answer = await client.request(route as Route<RouteName, 'request'>, body as RequestOf<Route>)
    this.#learn(name, answer)
    return answer
  }

  /** Connects to a gate; what was open is closed. @throws HydraError as `connect` of libs/client, `NO_SERVER`. */
  async connect(gateUrl = this.#options.gateUrl): Promise<GameClient> {
    const former = this.#client
    this.#client = undefined
    this.#isLoggedIn = false
    await former?.close()
    const url = gateUrl ?? (await this.#chooseGate())
    const client = await connect({ url, onIssue: this.#options.onIssue })
    for (const push of allPushes) client.on(push, (payload) => this.#options.onPush(push.name, payload))
    this.#client = client
    this.#gateUrl = url
    this.#lookAfter(client)
    return client
  }

  /** Closes the connection as it is, without a logout. */
  async disconnect(): Promise<void> {
    await this.#client?.close()
    this.#isLoggedIn = false
  }

  /**
   * Comes back after the end of a connection.
   *
   * @throws HydraError `BAD_REQUEST` when it is open, or nobody has logged in; what `GameClient.reconnect` throws.
   */
  async reconnect(): Promise<{ readonly resumed: boolean }> {
    if (this.#client === undefined || this.#token === undefined) {
      throw new HydraError('BAD_REQUEST', 'There is no login to come back to; log in first.')
    }
    const client = this.#client
    const { resumed } = await client.reconnect(this.#token)
    this.#lookAfter(client)
    this.#isLoggedIn = true
    if (!resumed) this.#role = undefined
    return { resumed }
  }

  async #callHttp(name: string, body: Readonly<Record<string, unknown>>): Promise<unknown> {
    // What is missing or wrong in it is said by http, as everything else.
    if (name === 'serverList') return this.#accounts.serverList(body['serverType'] as string | undefined)
    const credentials = body as { username: string; password: string }
    const { token, ...account } =
      await this.#accounts[name === 'register' ? 'register' : 'login'](credentials)
    const { uid, sessionId } = await this.#logIn(await this.connect(), token)
    this.#username = credentials.username
    return { ...account, uid, sessionId, gate: this.#gateUrl }
  }

  async #logIn(client: GameClient, token: string) {
    const answer = await client.logIn(token)
    this.#token = token
    this.#isLoggedIn = true
    this.#username = undefined
    this.#role = undefined
    this.#rids.clear()
    return answer
  }

  #lookAfter(client: GameClient): void {
    client.onClose((reason) => {
      if (client !== this.#client) return
      this.#isLoggedIn = false
      this.#options.onClosed(reason)
    })
  }

  #learn(name: string, answer: unknown): void {
    if (name === routes.gate.session.logout.name) {
      this.#isLoggedIn = false
      this.#role = undefined
    }
    const { role, roles = [] } = answer as { role?: SessionState['role']; roles?: readonly { rid: string }[] }
    if (role !== undefined && entering.has(name)) this.#role = { rid: role.rid, name: role.name }
    if (!name.startsWith('game.role.')) return
    for (const { rid } of [...roles, ...(role === undefined ? [] : [role])]) {
      if (this.#rids.size < ridsMax) this.#rids.add(rid)
    }
  }

  async #chooseGate(): Promise<string> {
    const { servers } = await this.#accounts.serverList('gate')
    const gate = servers[Math.floor(this.#options.random() * servers.length)]
    if (gate === undefined) throw new HydraError('NO_SERVER', 'http lists no gate; is one running?')
    return gateUrl(gate)
  }
}
