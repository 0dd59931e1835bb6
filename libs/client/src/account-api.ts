import {
  accountEndpoints,
  HydraError,
  type AccountEndpoint,
  type AccountToken,
  type Credentials,
  type ResponseOf,
  type ServerList,
} from '@hydra/protocol'
import { AccountServers } from './account-servers.ts'
import { systemClock, type ClientClock } from './client-clock.ts'

/** The part of `fetch` that is used here. */
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body: string | null; signal: AbortSignal },
) => Promise<{ readonly ok: boolean; readonly status: number; text(): Promise<string> }>

/** Options of {@link createAccountApi}. */
export interface AccountApiOptions {
  /** How long an answer of one server may take. Default 10,000. */
  readonly timeoutMs?: number
  /** In [0, 1): which of several servers is asked first. Default `Math.random`. */
  readonly random?: () => number
  /** Where the platform's own `fetch` will not do. */
  readonly fetch?: Fetch
  /** For tests. */
  readonly clock?: ClientClock
}

/**
 * What the http service offers to players. All reject with a HydraError: the code that the server answered, or
 * `CONNECTION_CLOSED` when it cannot be reached, or `TIMEOUT`. With several addresses, a server that cannot be reached,
 * does not answer in time, or says that it cannot answer now, is passed over: then the code is that of the last one.
 */
export interface AccountApi {
  /**
   * Creates an account. `USERNAME_TAKEN`, `BAD_REQUEST`.
   *
   * When the answer of one server is lost and the next says that there is such an account, it is the one that was just
   * made if it has this password: then it is logged in to.
   */
  register(credentials: Credentials): Promise<AccountToken>
  /** Returns a token for `gate.session.login`. `CREDENTIALS_WRONG`. */
  login(credentials: Credentials): Promise<AccountToken>
  /** Lists the running servers of a type: the gates, if none is named. */
  serverList(serverType?: string): Promise<ServerList>
}

/**
 * Makes the http service callable, at one address or at several, for where no proxy stands before its servers.
 *
 * @throws HydraError `BAD_REQUEST` without any address.
 * @example
 * const accounts = createAccountApi(['http://10.0.0.1:9001', 'http://10.0.0.2:9001'])
 * const { token } = await accounts.login({ username: 'ada', password: 'correct horse' })
 */
export function createAccountApi(
  baseUrls: string | readonly string[],
  options: AccountApiOptions = {},
): AccountApi {
  const settings = {
    timeoutMs: options.timeoutMs ?? 10_000,
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    clock: options.clock ?? systemClock,
  }
  const urls = typeof baseUrls === 'string' ? [baseUrls] : baseUrls
  const servers = new AccountServers(urls, options.random ?? Math.random)
  const call = <E extends AccountEndpoint>(endpoint: E, request: Record<string, string>) =>
    servers.ask((url) => callEndpoint(url, endpoint, request, settings))

  const register = (credentials: Credentials): Promise<AccountToken> =>
    servers.ask(async (url, isRepeat) => {
      const post = (endpoint: typeof accountEndpoints.register | typeof accountEndpoints.login) =>
        callEndpoint(url, endpoint, { ...credentials }, settings)
      try {
        return await post(accountEndpoints.register)
      } catch (taken) {
        if (!isRepeat || !HydraError.hasCode(taken, 'USERNAME_TAKEN')) throw taken
        try {
          return await post(accountEndpoints.login)
        } catch (error) {
          throw HydraError.hasCode(error, 'CREDENTIALS_WRONG') ? taken : error
        }
      }
    })

  return {
    register,
    login: (credentials) => call(accountEndpoints.login, { ...credentials }),
    serverList: (serverType = 'gate') => call(accountEndpoints.serverList, { serverType }),
  }
}

async function callEndpoint<E extends AccountEndpoint>(
  baseUrl: string,
  endpoint: E,
  request: Record<string, string>,
  { timeoutMs, fetch, clock }: Required<Omit<AccountApiOptions, 'random'>>,
): Promise<ResponseOf<E>> {
  const isPost = endpoint.method === 'POST'
  const url = `${baseUrl}${endpoint.path}${isPost ? '' : `?${new URLSearchParams(request)}`}`
  const abort = new AbortController()
  const timer = clock.after(timeoutMs, () => abort.abort())
  let answer: { ok: boolean; status: number; text: string }
  try {
    const { ok, status, ...response } = await fetchText(fetch, url, {
      method: endpoint.method,
      headers: isPost ? { 'content-type': 'application/json' } : {},
      body: isPost ? JSON.stringify(request) : null,
      signal: abort.signal,
    })
    answer = { ok, status, text: response.text }
  } catch (cause) {
    throw abort.signal.aborted
      ? new HydraError('TIMEOUT', `${url} did not answer within ${timeoutMs} ms.`, { cause })
      : new HydraError('CONNECTION_CLOSED', `${url} cannot be reached.`, { cause })
  } finally {
    timer.cancel()
  }
  return read(endpoint, url, answer)
}

async function fetchText(fetch: Fetch, url: string, init: Parameters<Fetch>[1]) {
  const response = await fetch(url, init)
  return { ok: response.ok, status: response.status, text: await response.text() }
}

function read<E extends AccountEndpoint>(
  endpoint: E,
  url: string,
  { ok, status, text }: { ok: boolean; status: number; text: string },
): ResponseOf<E> {
  const body = parseJson(text)
  if (!ok) {
    const error = HydraError.fromBody(body)
    if (error.code !== 'INTERNAL') throw error
    throw new HydraError('INTERNAL', `${url} answered ${status}: ${error.message}`, {
      cause: error,
      metadata: { ...error.metadata, httpStatus: status },
    })
  }
  const parsed = endpoint.response.safeParse(body)
  if (parsed.success) return parsed.data as ResponseOf<E>
  throw new HydraError('PROTOCOL_ERROR', `The answer of ${url} does not have the form of its contract.`, {
    cause: parsed.error,
  })
}

/** `undefined` for what is no JSON, such as the error page of a proxy; the schemas refuse it with a better message. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
