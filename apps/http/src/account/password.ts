import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import type { Metrics } from '@hydra/runtime'
import { BoundedWork, type BoundedWorkOptions } from './bounded-work.ts'
import { decodePasswordHash, encodePasswordHash, workOf, type ScryptParameters } from './password-hash.ts'

/** The outcome of comparing a password. */
export interface PasswordMatch {
  readonly matches: boolean
  /** The stored hash is weaker than a new one would be: replace it while the password is at hand. */
  readonly outdated: boolean
}

/** Hashes passwords and compares them, off the event loop, a bounded number at once. */
export interface PasswordHasher {
  /** @throws HydraError `SERVER_BUSY`. */
  hash(password: string): Promise<string>
  /**
   * Compares with a stored hash. `undefined` (there is no such account) takes the work of a new hash all the same and
   * never matches, so that the time to the answer does not tell which names exist. Only a hash from before the cost
   * was raised takes less, until its owner logs in again.
   *
   * @throws HydraError `SERVER_BUSY`. @throws TypeError when the stored hash has an unknown form.
   */
  verify(password: string, stored: string | undefined): Promise<PasswordMatch>
}

/** Does the work of one hash; the memory-hard function itself. */
export type Derive = (
  password: string,
  salt: Uint8Array,
  keyBytes: number,
  parameters: ScryptParameters,
) => Promise<Uint8Array>

/** Cost, bounds and measurement of a hasher. */
export interface PasswordHasherOptions {
  readonly parameters: ScryptParameters
  readonly bounds: BoundedWorkOptions
  readonly metrics: Metrics
  /** {@link deriveScrypt} when absent. */
  readonly derive?: Derive
}

const saltBytes = 16
const keyBytes = 32

/** scrypt of Node.js, on its thread pool. */
export const deriveScrypt: Derive = (password, salt, length, { costLog2, blockSize, parallelism }) =>
  new Promise((resolve, reject) => {
    const N = 2 ** costLog2
    // What scrypt needs plus its buffers; Node.js refuses more than 32 MiB unless told.
    const maxmem = 128 * blockSize * (N + parallelism + 2) + 2 ** 20
    const options = { N, r: blockSize, p: parallelism, maxmem }
    scrypt(password, salt, length, options, (error, key) => (error === null ? resolve(key) : reject(error)))
  })

/**
 * Passwords as scrypt with a random salt. Passwords are compared in Unicode form NFKC, so that one typed on another
 * keyboard or system is the same.
 *
 * @example
 * const hasher = createPasswordHasher({ parameters, bounds: { concurrencyMax: 2, queueMax: 64 }, metrics })
 * const { matches } = await hasher.verify('correct horse', await hasher.hash('correct horse'))
 */
export function createPasswordHasher(options: PasswordHasherOptions): PasswordHasher {
  const { parameters, metrics, derive = deriveScrypt } = options
  const work = new BoundedWork(options.bounds)
  metrics.gauge({
    name: 'hydra_http_waiting_passwords',
    help: 'Passwords that wait to be hashed or compared.',
    collect: () => work.waiting,
  })
  const run = (
    password: string,
    salt: Uint8Array,
    length: number,
    cost: ScryptParameters,
  ): Promise<Uint8Array> => work.run(() => derive(password.normalize('NFKC'), salt, length, cost))

  return {
    async hash(password) {
      const salt = randomBytes(saltBytes)
      return encodePasswordHash({ parameters, salt, key: await run(password, salt, keyBytes, parameters) })
    },
    async verify(password, stored) {
      if (stored === undefined) {
        await run(password, randomBytes(saltBytes), keyBytes, parameters)
        return { matches: false, outdated: false }
      }
      const { parameters: cost, salt, key } = decodePasswordHash(stored)
      const derived = await run(password, salt, key.length, cost)
      return { matches: timingSafeEqual(derived, key), outdated: workOf(cost) < workOf(parameters) }
    },
  }
}
