import { randomBytes } from 'node:crypto'
import { TestServerError } from './test-server-error.ts'

/**
 * A name that no other test file uses: for a database, a key prefix or an environment on the shared servers. It is
 * valid in all of them: lower-case letters, digits and `_`, at most 49 characters (MySQL allows 64).
 *
 * @param prefix says in a listing whose it is: a letter, then up to 31 lower-case letters, digits or `_`
 * @throws TestServerError `ENVIRONMENT_WRONG` for another prefix
 * @example uniqueName('role_journal') // 'role_journal_9f86d081884c7d65'
 */
export const uniqueName = (prefix: string): string => {
  if (!/^[a-z][a-z0-9_]{0,31}$/.test(prefix)) {
    throw new TestServerError(
      'ENVIRONMENT_WRONG',
      `"${prefix}" is no usable prefix: a letter, then at most 31 lower-case letters, digits or "_".`,
    )
  }
  return `${prefix}_${randomBytes(8).toString('hex')}`
}
