import { HydraError, type ErrorCode } from '@hydra/protocol'

/** After these another server may do better: this one is away, not there yet, leaving, or full. */
const elsewhere: ReadonlySet<ErrorCode> = new Set([
  'CONNECTION_CLOSED',
  'TIMEOUT',
  'SHUTTING_DOWN',
  'NO_SERVER',
  'STORAGE_UNAVAILABLE',
  'SERVER_BUSY',
])

/** What a reverse proxy answers for a server that it does not reach. */
const proxyStatuses: ReadonlySet<unknown> = new Set([502, 503, 504])

const mayDoBetterElsewhere = ({ code, metadata }: HydraError): boolean =>
  elsewhere.has(code) || (code === 'INTERNAL' && proxyStatuses.has(metadata?.['httpStatus']))

/** Several addresses of one service: the one that answered last is asked first, each of them at most once in a call. */
export class AccountServers {
  readonly #urls: readonly string[]
  #present: number

  /**
   * @param random in [0, 1): where to begin, so that not all clients come to the first address
   * @throws HydraError `BAD_REQUEST` without any address.
   */
  constructor(urls: readonly string[], random: () => number) {
    if (urls.length === 0) {
      throw new HydraError(
        'BAD_REQUEST',
        'The account service needs an address, such as http://127.0.0.1:9001.',
      )
    }
    this.#urls = urls.map((url) => url.replace(/\/+$/, ''))
    this.#present = Math.floor(random() * urls.length)
  }

  /**
   * Asks one server after the other until one answers, a refusal included. `isRepeat`: one before it may have done what
   * was asked, and its answer was lost.
   *
   * @throws HydraError the refusal, or what the last server has failed with.
   */
  async ask<T>(call: (url: string, isRepeat: boolean) => Promise<T>): Promise<T> {
    const first = this.#present
    for (let tried = 0; ; tried++) {
      const index = (first + tried) % this.#urls.length
      // The index is below the length by the line above.
      const url = this.#urls[index] as string
      try {
        const answer = await call(url, tried > 0)
        this.#present = index
        return answer
      } catch (thrown) {
        const error = HydraError.from(thrown)
        const isLast = tried === this.#urls.length - 1
        if (!mayDoBetterElsewhere(error)) this.#present = index
        if (isLast || !mayDoBetterElsewhere(error)) throw error
      }
    }
  }
}
