import { HydraError } from '@hydra/protocol'
import { beforeAll, expect, test } from 'vitest'
import type { Database } from '../database/database.ts'
import type { Accounts } from './accounts.ts'
import { createAccounts } from './sql-accounts.ts'

/** What accounts do on every database. */
export function accountsContract(open: () => Promise<Database>): void {
  let accounts: Accounts
  beforeAll(async () => {
    accounts = createAccounts(await open())
    await accounts.create(ann)
  })

  const ann = {
    uid: 'u-ann',
    username: 'Ann_1@x.y-z',
    passwordHash: '$scrypt$N=1$salt$hash',
    createdAtMs: 1_767_225_600_123,
  }
  const stored = { ...ann, bannedUntilMs: 0 }

  test('an account is found by uid and by name, whatever the case', async () => {
    expect(await accounts.findByUid('u-ann')).toEqual(stored)
    expect(await accounts.findByUsername('Ann_1@x.y-z')).toEqual(stored)
    expect(await accounts.findByUsername('aNN_1@X.Y-z')).toEqual(stored)
  })

  test('what does not exist is not found', async () => {
    expect(await accounts.findByUid('U-ANN')).toBeUndefined()
    expect(await accounts.findByUsername('ann')).toBeUndefined()
    expect(await accounts.findByUsername("' or 1=1 --")).toBeUndefined()
  })

  test('a name is taken whatever the case', async () => {
    await expect(accounts.create({ ...ann, uid: 'u-2', username: 'ANN_1@X.Y-Z' })).rejects.toMatchObject({
      code: 'USERNAME_TAKEN',
      metadata: { username: 'ANN_1@X.Y-Z' },
    })
    expect(await accounts.findByUid('u-2')).toBeUndefined()
  })

  test('of many that register one name at once exactly one gets it', async () => {
    const tries = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        accounts.create({ ...ann, uid: `u-race-${index}`, username: 'race' }),
      ),
    )
    const codes = tries.flatMap((result) =>
      result.status === 'rejected' ? [HydraError.from(result.reason).code] : [],
    )
    expect(codes).toEqual(Array.from({ length: 19 }, () => 'USERNAME_TAKEN'))
  })

  test('a ban is set, set again and lifted', async () => {
    const untilMs = 1_800_000_000_000
    expect(await accounts.setBan('u-ann', untilMs)).toBe(true)
    expect(await accounts.setBan('u-ann', untilMs)).toBe(true)
    expect(await accounts.findByUid('u-ann')).toMatchObject({ bannedUntilMs: untilMs })
    expect(await accounts.setBan('u-ann', 0)).toBe(true)
    expect(await accounts.findByUid('u-ann')).toEqual(stored)
    expect(await accounts.setBan('u-none', untilMs)).toBe(false)
  })

  test('a password hash is replaced only by who knows the one that is stored', async () => {
    const uid = 'u-hash'
    await accounts.create({ ...ann, uid, username: 'hash', passwordHash: 'Old' })
    expect(await accounts.replacePasswordHash(uid, 'old', 'new')).toBe(false)
    expect(await accounts.replacePasswordHash(uid, 'Old', 'new')).toBe(true)
    expect(await accounts.findByUid(uid)).toMatchObject({ passwordHash: 'new' })
    expect(await accounts.replacePasswordHash('u-none', 'Old', 'new')).toBe(false)
  })
}
