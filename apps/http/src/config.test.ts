import { describe, expect, test } from 'vitest'
import { httpConfigSchema } from './config.ts'

const problem = (value: object): string | undefined => {
  const [issue] = httpConfigSchema.safeParse(value).error?.issues ?? []
  return issue && `${issue.path.join('.')}: ${issue.message}`
}

describe('http configuration', () => {
  test('needs nothing to be said', () => {
    expect(httpConfigSchema.parse({})).toMatchObject({ http: { port: 9_001 }, password: { costLog2: 15 } })
  })

  test('names what is no network', () => {
    expect(problem({ http: { trustedProxies: ['proxy.local'] } })).toContain(
      'http.trustedProxies.0: expected an address',
    )
  })

  test('allows weak passwords hashes in development only', () => {
    const password = { costLog2: 14, parallelism: 4 }
    expect(problem({ password })).toBeUndefined()
    expect(problem({ password, service: { mode: 'production' } })).toContain(
      'password.costLog2: expected a stronger',
    )
    expect(
      problem({ password: { ...password, parallelism: 5 }, service: { mode: 'production' } }),
    ).toBeUndefined()
  })
})
