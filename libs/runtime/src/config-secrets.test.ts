import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HydraError } from '@hydra/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Environment } from './config-env.ts'
import { serviceConfigSchema, tokenConfigSchema } from './config-sections.ts'
import { loadConfig } from './load-config.ts'
import { password, urlWithPassword } from './secret.ts'
import { tracingConfigSchema } from './tracing/tracing-config.ts'

const schema = z.strictObject({
  service: serviceConfigSchema.prefault({}),
  token: tokenConfigSchema.prefault({}),
  tracing: tracingConfigSchema.prefault({}),
  storage: z
    .strictObject({
      database: z.enum(['mysql', 'sqlite']).default('mysql'),
      mysqlUrl: urlWithPassword(z.url({ protocol: /^mysql$/ }), ({ database }) => database === 'mysql')
        .default('mysql://root@127.0.0.1/hydra')
        .describe('Where it is.'),
      natsPassword: password().optional().describe('Opens it.'),
      port: z.int().default(1),
    })
    .prefault({}),
})

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hydra-secrets-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const fileOf = (content: string, name = 'value'): string => {
  const file = join(folder, name)
  writeFileSync(file, content)
  return file
}
const load = (env: Environment, toml = '') =>
  loadConfig({ file: fileOf(toml, 'gateserver.toml'), schema, service: 'gate', env })
const failure = (env: Environment, toml = ''): HydraError => {
  try {
    load(env, toml)
  } catch (error) {
    if (error instanceof HydraError && error.code === 'CONFIG_INVALID') return error
    throw error
  }
  throw new Error('the configuration was accepted')
}
const tokenSecret = 't'.repeat(40)
const production = { HYDRA_MODE: 'production', HYDRA_TOKEN_SECRETS: tokenSecret }

describe('values from files', () => {
  test('have the content of the file, without the line break at its end', () => {
    const names = ['HYDRA_STORAGE_NATS_PASSWORD_FILE', 'HYDRA_GATE_STORAGE_NATS_PASSWORD_FILE']
    for (const name of names) {
      for (const [content, value] of [
        ['p w\n', 'p w'],
        ['p w\r\n', 'p w'],
        ['two\n\n', 'two\n'],
        ['plain', 'plain'],
      ] as const) {
        expect(load({ [name]: fileOf(content) }).storage.natsPassword).toBe(value)
      }
    }
  })

  test('are numbers and lists too, a list also with one value on each line', () => {
    expect(load({ HYDRA_STORAGE_PORT_FILE: fileOf('42\n') }).storage.port).toBe(42)
    const two = ['a'.repeat(32), 'b'.repeat(32)]
    expect(load({ HYDRA_TOKEN_SECRETS_FILE: fileOf(`${two.join('\n')}\n`) }).token.secrets).toEqual(two)
    expect(load({ HYDRA_TOKEN_SECRETS_FILE: fileOf(two.join(',')) }).token.secrets).toEqual(two)
    expect(load({ HYDRA_MODE_FILE: fileOf('development\n') }).service.mode).toBe('development')
  })

  test('follow the order of variables: that of the service is stronger, be it a value or a file', () => {
    const env = { HYDRA_STORAGE_NATS_PASSWORD_FILE: fileOf('all'), HYDRA_GATE_STORAGE_NATS_PASSWORD: 'own' }
    expect(load(env).storage.natsPassword).toBe('own')
    const other = { HYDRA_STORAGE_NATS_PASSWORD: 'all', HYDRA_GATE_STORAGE_NATS_PASSWORD_FILE: fileOf('own') }
    expect(load(other).storage.natsPassword).toBe('own')
  })

  test.each<[string, (file: string) => Environment, RegExp]>([
    [
      'beside the variable itself',
      (file) => ({ HYDRA_STORAGE_NATS_PASSWORD: 'p', HYDRA_STORAGE_NATS_PASSWORD_FILE: file }),
      /HYDRA_STORAGE_NATS_PASSWORD and HYDRA_STORAGE_NATS_PASSWORD_FILE are both set; unset one$/,
    ],
    [
      'that is not there',
      (file) => ({ HYDRA_STORAGE_NATS_PASSWORD_FILE: `${file}-absent` }),
      /HYDRA_STORAGE_NATS_PASSWORD_FILE names .*-absent, which does not exist$/,
    ],
    ['without a name', () => ({ HYDRA_STORAGE_NATS_PASSWORD_FILE: '' }), /_FILE names no file$/],
  ])('%s are refused', (_, env, message) => {
    const error = failure(env(fileOf('x')))
    expect(error.message).toMatch(message)
    expect(error.metadata).toMatchObject({
      key: 'storage.natsPassword',
      variable: 'HYDRA_STORAGE_NATS_PASSWORD_FILE',
    })
  })

  test.each<[string, () => string, RegExp]>([
    ['an empty file', () => fileOf('\n'), /_FILE names .*value, which is empty$/],
    ['a large file', () => fileOf('x'.repeat(65_537)), /is larger than 65536 bytes$/],
    [
      'a folder',
      () => {
        const path = join(folder, 'folder')
        mkdirSync(path)
        return path
      },
      /cannot be read \(EISDIR\)$/,
    ],
  ])('%s is refused', (_, make, message) => {
    expect(failure({ HYDRA_GATE_STORAGE_NATS_PASSWORD_FILE: make() }).message).toMatch(message)
  })

  test('with a wrong value are named by variable, never by content', () => {
    const error = failure({ HYDRA_STORAGE_MYSQL_URL_FILE: fileOf('postgres://u:the-secret@h/d') })
    expect(error.message).toMatch(/"storage\.mysqlUrl" is wrong: .*\(from HYDRA_STORAGE_MYSQL_URL_FILE\)$/)
    expect(JSON.stringify(error.toBody())).not.toContain('the-secret')
    expect(failure({ HYDRA_GATE_STORAGE_MYSQL_URL_FIEL: 'x' }).message).toContain(
      'did you mean HYDRA_GATE_STORAGE_MYSQL_URL_FILE?',
    )
  })
})

describe('in production mode', () => {
  const withUrl = (url: string) => `[storage]\nmysqlUrl = "${url}"\n`

  test('secrets come from the environment or from files', () => {
    const url = 'mysql://u:p-of-mine@h/d'
    const config = load({
      ...production,
      HYDRA_STORAGE_MYSQL_URL_FILE: fileOf(`${url}\n`),
      HYDRA_STORAGE_NATS_PASSWORD: 'own',
    })
    expect(config.storage).toMatchObject({ mysqlUrl: url, natsPassword: 'own' })
  })

  test.each([
    ['storage.natsPassword', '[storage]\nnatsPassword = "of-my-own"\n'],
    ['storage.mysqlUrl', withUrl('mysql://u:of-my-own@h/d')],
    ['token.secrets', `[token]\nsecrets = ["of-my-own-${'x'.repeat(32)}"]\n`],
  ])('%s in the configuration file is refused', (key, toml) => {
    const { HYDRA_TOKEN_SECRETS: _, ...withoutToken } = production
    const env = key === 'token.secrets' ? withoutToken : production
    const error = failure(env, toml)
    expect(error.message).toContain(`"${key}" is wrong: expected a secret from the environment or a file`)
    expect(error.message).toMatch(/_FILE, to the path of a file with it/)
    expect(error.message).not.toContain('of-my-own')
    expect(() => load({ ...env, HYDRA_MODE: 'development' }, toml)).not.toThrow()
  })

  test('headers of traces are secrets too', () => {
    const error = failure(production, '[tracing]\nheaders = ["authorization=Bearer of-my-own"]\n')
    expect(error.message).toContain('"tracing.headers" is wrong: expected a secret from the environment')
    expect(error.message).not.toContain('of-my-own')
  })

  test('one in the file that a variable replaces has no effect, so it is let pass', () => {
    const toml = withUrl('mysql://hydra:hydra@h/d')
    expect(() => load({ ...production, HYDRA_STORAGE_MYSQL_URL: 'mysql://u:mine@h/d' }, toml)).not.toThrow()
  })

  test('a URL without a password may stand in the file, and what is not used is not looked at', () => {
    expect(() => load(production, withUrl('mysql://u@h/d'))).not.toThrow()
    const unused = `${withUrl('mysql://hydra:hydra@h/d')}database = "sqlite"\n`
    expect(() => load(production, unused)).not.toThrow()
  })

  test.each([
    'mysql://hydra:hydra@h/d',
    'mysql://hydra:%68ydra@h/d',
    'mysql://u:secret@h/d',
    'mysql://hydra_prod:change-me@h/d',
  ])('a public password is refused, wherever it comes from: %s', (url) => {
    const error = failure({ ...production, HYDRA_STORAGE_MYSQL_URL: url })
    expect(error.message).toMatch(/"storage\.mysqlUrl" is wrong: expected a secret of your own/)
  })

  test('certificates must not be left unchecked', () => {
    const unchecked = { NODE_TLS_REJECT_UNAUTHORIZED: '0' }
    const error = failure({ ...production, ...unchecked })
    expect(error.message).toContain('NODE_TLS_REJECT_UNAUTHORIZED=0 is refused in production mode')
    expect(error.metadata).toMatchObject({ variable: 'NODE_TLS_REJECT_UNAUTHORIZED' })
    expect(() => load({ ...production, NODE_TLS_REJECT_UNAUTHORIZED: '1' })).not.toThrow()
    expect(() => load({ ...production, ...unchecked, HYDRA_MODE: 'development' })).not.toThrow()
  })

  test('everything that is wrong is named at once', () => {
    const { message } = failure({ HYDRA_MODE: 'production' }, withUrl('mysql://hydra:hydra@h/d'))
    expect(message).toContain('"storage.mysqlUrl" is wrong')
    expect(message).toContain('"token.secrets" is wrong')
    expect(message).not.toContain('\n')
  })
})

test('a mistake in a line with a password does not show it, neither in the message nor in the cause', () => {
  const error = failure({}, '[storage]\nnatsPassword = "the-secret" "\n')
  expect(error.message).toContain('is not valid TOML at line 2')
  expect(`${error.message} ${String(error.cause)} ${error.stack}`).not.toContain('the-secret')
})
