import {
  accountEndpoints,
  HydraError,
  type AccountEndpoint,
  type AccountToken,
  type Credentials,
  type ResponseOf,
  type ServerList,
} from '@hydra/protocol'
import { systemClock, type ClientClock } from './client-clock.ts'

/** The part of `fetch` that is used here. */
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body: string | null; signal: AbortSignal },
) => Promise<{ readonly ok: boolean; readonly status: number; text(): Promise<string> }>

/** Options of {@link createAccountApi}. */
export interface AccountApiOptions {
  /** How long an answer may take. Default 10,000. */
  readonly timeoutMs?: number
  /** Where the platform's own `fetch` will not do. */
  readonly fetch?: Fetch
  /** For tests. */
  readonly clock?: ClientClock
}

/**
 * What the http service offers to players. All reject with a HydraError: the code that the server answered, or
 * `CONNECTION_CLOSED` when it cannot be reached, or `TIMEOUT`.
 */
export interface AccountApi {
  /** Creates an account. `USERNAME_TAKEN`, `BAD_REQUEST`. */
  register(credentials: Credentials): Promise<AccountToken>
  /** Returns a token for `gate.session.login`. `CREDENTIALS_WRONG`. */
  login(credentials: Credentials): Promise<AccountToken>
  /** Lists the running servers of a type: the gates, if none is named. */
  serverList(serverType?: string): Promise<ServerList>
}

/**
 * Makes the http service callable.
 *
 * @example
 * const accounts = createAccountApi('http://127.0.0.1:9001')
 * const { token } = await accounts.login({ username: 'ada', password: 'correct horse' })
 */
export function createAccountApi(baseUrl: string, options: AccountApiOptions = {}): AccountApi {
  const call = <E extends AccountEndpoint>(endpoint: E, request: Record<string, string>) =>
    callEndpoint(baseUrl.replace(/\/+$/, ''), endpoint, request, {
      timeoutMs: options.timeoutMs ?? 10_000,
      fetch: options.fetch ?? ((url, init) => fetch(url, init)),
      clock: options.clock ?? systemClock,
    })
  return {
    register: (credentials) => call(accountEndpoints.register, { ...credentials }),
    login: (credentials) => call(accountEndpoints.login, { ...credentials }),
    serverList: (serverType = 'gate') => call(accountEndpoints.serverList, { serverType }),
  }
}

async function callEndpoint<E extends AccountEndpoint>(
  baseUrl: string,
  endpoint: E,
  request: Record<string, string>,
  { timeoutMs, fetch, clock }: Required<AccountApiOptions>,
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
