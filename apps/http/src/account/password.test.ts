import { createMetrics } from '@hydra/runtime'
import { describe, expect, test } from 'vitest'
import { createPasswordHasher, deriveScrypt, type Derive } from './password.ts'
import type { ScryptParameters } from './password-hash.ts'

const cheap: ScryptParameters = { costLog2: 10, blockSize: 8, parallelism: 1 }

function make(parameters = cheap) {
  const work: ScryptParameters[] = []
  const derive: Derive = (password, salt, keyBytes, cost) => {
    work.push(cost)
    return deriveScrypt(password, salt, keyBytes, cost)
  }
  const bounds = { concurrencyMax: 2, queueMax: 16 }
  const metrics = createMetrics({ service: 'http' })
  return { work, hasher: createPasswordHasher({ parameters, bounds, metrics, derive }) }
}

describe('deriveScrypt', () => {
  // RFC 7914, section 12: the second and the third vector.
  test.each([
    [
      'password',
      'NaCl',
      { costLog2: 10, blockSize: 8, parallelism: 16 },
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    ],
    [
      'pleaseletmein',
      'SodiumChloride',
      { costLog2: 14, blockSize: 8, parallelism: 1 },
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
    ],
  ])('computes the vector of %s', async (password, salt, parameters, expected) => {
    const key = await deriveScrypt(password, Buffer.from(salt), 64, parameters)
    expect(Buffer.from(key).toString('hex')).toBe(expected)
  })

  test('is allowed the memory that the default cost needs', async () => {
    const key = await deriveScrypt('password', Buffer.from('salt'), 32, {
      costLog2: 15,
      blockSize: 8,
      parallelism: 1,
    })
    expect(key).toHaveLength(32)
  })
})

describe('password hasher', () => {
  test('matches the password and no other', async () => {
    const { hasher } = make()
    const stored = await hasher.hash('correct horse')
    expect(await hasher.verify('correct horse', stored)).toEqual({ matches: true, outdated: false })
    expect(await hasher.verify('correct Horse', stored)).toEqual({ matches: false, outdated: false })
  })

  test('salts: the same password twice has two hashes', async () => {
    const { hasher } = make()
    expect(await hasher.hash('correct horse')).not.toBe(await hasher.hash('correct horse'))
  })

  test('takes one password in two Unicode forms for the same', async () => {
    const { hasher } = make()
    const stored = await hasher.hash('p\u00e4ssw\u00f6rd')
    expect(await hasher.verify('pa\u0308sswo\u0308rd', stored)).toMatchObject({ matches: true })
  })

  test('does the same work for an unknown account as for a wrong password', async () => {
    const { hasher, work } = make()
    const stored = await hasher.hash('correct horse')
    work.length = 0
    await hasher.verify('wrong password', stored)
    const [...forWrong] = work.splice(0)
    expect(await hasher.verify('wrong password', undefined)).toEqual({ matches: false, outdated: false })
    expect(work).toEqual(forWrong)
    expect(work).toEqual([cheap])
  })

  test('still matches hashes of a lower cost and says that they are outdated', async () => {
    const stored = await make({ ...cheap, parallelism: 1 }).hasher.hash('correct horse')
    const { hasher } = make({ ...cheap, parallelism: 2 })
    expect(await hasher.verify('correct horse', stored)).toEqual({ matches: true, outdated: true })
    const stronger = await hasher.hash('correct horse')
    expect(await make().hasher.verify('correct horse', stronger)).toEqual({ matches: true, outdated: false })
  })
})
