import { HydraError } from '@hydra/protocol'
import { expect, test } from 'vitest'
import { isConflict, isDuplicateKey, toHydraError } from './sql-error.ts'

const error = (fields: object, message = 'x') => Object.assign(new Error(message), fields)

test.each([
  ['refused connection', error({ code: 'ECONNREFUSED', errno: -111 })],
  ['lost connection', error({ code: 'PROTOCOL_CONNECTION_LOST', fatal: true })],
  ['query time-out', error({ code: 'PROTOCOL_SEQUENCE_TIMEOUT' })],
  ['closed pool', error({}, 'Pool is closed.')],
  ['unknown host', error({ code: 'ENOTFOUND' })],
  ['wrong password', error({ code: 'ER_ACCESS_DENIED_ERROR', sqlState: '28000' })],
  ['missing database', error({ code: 'ER_BAD_DB_ERROR', sqlState: '42000' })],
  ['too many connections', error({ code: 'ER_CON_COUNT_ERROR', sqlState: '08004' })],
  ['server shutdown', error({ code: 'ER_SERVER_SHUTDOWN', sqlState: '08S01' })],
  ['read-only replica', error({ code: 'ER_OPTION_PREVENTS_STATEMENT', sqlState: 'HY000' })],
  ['deadlock that would not end', error({ code: 'ER_LOCK_DEADLOCK', sqlState: '40001' })],
  ['locked file', error({ code: 'SQLITE_BUSY', rawCode: 5 })],
  ['full disk', error({ code: 'SQLITE_FULL', rawCode: 13 })],
  ['disk error', error({ code: 'SQLITE_IOERR_WRITE', rawCode: 778 })],
  ['closed database', new TypeError('The database connection is not open')],
])('%s: unavailable', (_, cause) => {
  const translated = toHydraError(cause, 'mysql db:3306/hydra')
  expect(translated.code).toBe('STORAGE_UNAVAILABLE')
  expect(translated.cause).toBe(cause)
  expect(translated.message).toContain('mysql db:3306/hydra')
})

test.each([
  ['too long', error({ code: 'ER_DATA_TOO_LONG', sqlState: '22001' })],
  ['missing column', error({ code: 'ER_BAD_FIELD_ERROR', sqlState: '42S22' })],
  ['not null', error({ code: 'SQLITE_CONSTRAINT_NOTNULL', rawCode: 1299 })],
  ['syntax', error({ code: 'SQLITE_ERROR', rawCode: 1 })],
])('%s: the fault of the statement', (_, cause) => {
  expect(toHydraError(cause, 'db')).toMatchObject({ code: 'INTERNAL', cause })
})

test('a full queue is busy, an error of ours stays as it is', () => {
  expect(toHydraError(error({}, 'Queue limit reached.'), 'db').code).toBe('SERVER_BUSY')
  const ours = new HydraError('NAME_TAKEN', 'x')
  expect(toHydraError(ours, 'db')).toBe(ours)
})

test('duplicates and conflicts are told apart from the rest', () => {
  const codes = [
    'ER_DUP_ENTRY',
    'SQLITE_CONSTRAINT_UNIQUE',
    'SQLITE_CONSTRAINT_PRIMARYKEY',
    'ER_LOCK_DEADLOCK',
    'x',
  ]
  expect(codes.map((code) => isDuplicateKey(error({ code })))).toEqual([true, true, true, false, false])
  expect(codes.map((code) => isConflict(error({ code })))).toEqual([false, false, false, true, false])
  expect([isDuplicateKey(undefined), isConflict('text')]).toEqual([false, false])
})
