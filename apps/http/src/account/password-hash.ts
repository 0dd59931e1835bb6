/** Cost of scrypt (RFC 7914): work grows with `2^costLog2 × blockSize × parallelism`. */
export interface ScryptParameters {
  /** Logarithm to base 2 of N. */
  readonly costLog2: number
  /** r; one hash needs `128 × 2^costLog2 × r` bytes of memory. */
  readonly blockSize: number
  /** p: how often that memory is gone through, one after another. */
  readonly parallelism: number
}

/** A stored password: how it was hashed, and to what. */
export interface PasswordHash {
  readonly parameters: ScryptParameters
  readonly salt: Uint8Array
  readonly key: Uint8Array
}

const pattern =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{16,88})\$([A-Za-z0-9+/]{32,88})$/

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '')

/**
 * Writes a hash with everything that checking it needs, so that the cost can be raised later: the PHC string format
 * (github.com/P-H-C/phc-string-format), with scrypt's parameters named as passlib names them.
 *
 * @example encodePasswordHash(hash) // $scrypt$ln=15,r=8,p=3$<salt>$<key>
 */
export function encodePasswordHash({ parameters, salt, key }: PasswordHash): string {
  const { costLog2, blockSize, parallelism } = parameters
  return `$scrypt$ln=${costLog2},r=${blockSize},p=${parallelism}$${base64(salt)}$${base64(key)}`
}

/** Reads what {@link encodePasswordHash} has written. @throws TypeError for anything else, without quoting it. */
export function decodePasswordHash(text: string): PasswordHash {
  const [, costLog2, blockSize, parallelism, salt, key] = pattern.exec(text) ?? []
  if (salt === undefined || key === undefined)
    throw new TypeError('a stored password hash has an unknown form')
  return {
    parameters: {
      costLog2: Number(costLog2),
      blockSize: Number(blockSize),
      parallelism: Number(parallelism),
    },
    salt: Buffer.from(salt, 'base64'),
    key: Buffer.from(key, 'base64'),
  }
}

/** What an attacker pays per guess, in units of one block of scrypt. */
export const workOf = ({ costLog2, blockSize, parallelism }: ScryptParameters): number =>
  2 ** costLog2 * blockSize * parallelism
