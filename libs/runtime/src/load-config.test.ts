import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HydraError } from '@hydra/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Environment } from './config-env.ts'
import { logConfigSchema, serviceConfigSchema, tokenConfigSchema } from './config-sections.ts'
import { developmentSecrets, loadConfig } from './load-config.ts'
import { secretString } from './secret.ts'

const schema = z.strictObject({
  service: serviceConfigSchema.prefault({}),
  log: logConfigSchema.prefault({}),
  token: tokenConfigSchema.prefault({}),
  gate: z.strictObject({
    host: z.string(),
    port: z.int().min(0).max(65_535).default(3_250),
    origins: z.array(z.string()).default([]),
    limits: z.strictObject({ bodyMaxBytes: z.int().default(1_024) }).prefault({}),
  }),
})

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hydra-config-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const load = (toml: string, env: Environment = {}) => {
  const file = join(folder, 'gateserver.toml')
  writeFileSync(file, toml)
  return loadConfig({ file, schema, service: 'gate', env })
}
const failure = (toml: string, env: Environment = {}): HydraError => {
  try {
    load(toml, env)
  } catch (error) {
    if (error instanceof HydraError && error.code === 'CONFIG_INVALID') return error
    throw error
  }
  throw new Error('the configuration was accepted')
}
const valid = '[gate]\nhost = "0.0.0.0"\n'

describe('loadConfig', () => {
  test('reads the file, fills in defaults and freezes the result, deeply', () => {
    const config = load(`${valid}port = 1\norigins = ["a"]`)
    expect(config.gate).toEqual({ host: '0.0.0.0', port: 1, origins: ['a'], limits: { bodyMaxBytes: 1_024 } })
    expect(config.log.level).toBe('info')
    expect(() => Object.assign(config.gate.limits, { bodyMaxBytes: 0 })).toThrow(TypeError)
    expect(() => config.gate.origins.push('b')).toThrow(TypeError)
  })

  test('lets the variable of all services beat the file, and that of the service beat both', () => {
    const toml = `${valid}[log]\nlevel = "debug"`
    expect(load(toml).log.level).toBe('debug')
    expect(load(toml, { HYDRA_LOG_LEVEL: 'warn' }).log.level).toBe('warn')
    expect(load(toml, { HYDRA_LOG_LEVEL: 'warn', HYDRA_GATE_LOG_LEVEL: 'error' }).log.level).toBe('error')
    expect(load(toml, { HYDRA_CHAT_LOG_LEVEL: 'error' }).log.level).toBe('debug')
  })

  test('turns texts into what the schema asks for, also where the file has no such section', () => {
    const env = { HYDRA_GATE_GATE_HOST: 'h', HYDRA_GATE_GATE_PORT: '7', HYDRA_GATE_ORIGINS: 'a, b' }
    const config = load('', { ...env, HYDRA_GATE_LIMITS_BODY_MAX_BYTES: '64' })
    expect(config.gate).toEqual({ host: 'h', port: 7, origins: ['a', 'b'], limits: { bodyMaxBytes: 64 } })
  })

  test('accepts HYDRA_MODE, and leaves variables of others alone', () => {
    const secrets = { HYDRA_TOKEN_SECRETS: 's'.repeat(32) }
    const config = load(valid, {
      ...secrets,
      HYDRA_MODE: 'production',
      HYDRA_TEST_BACKENDS: 'x',
      PATH: '/bin',
    })
    expect(config.service.mode).toBe('production')
  })

  test('names a missing file', () => {
    const file = join(folder, 'absent.toml')
    const read = (path: string) => () => loadConfig({ file: path, schema, service: 'gate', env: {} })
    expect(read(file)).toThrow(`${file}: the file does not exist`)
    expect(read(folder)).toThrow(`${folder}: the file cannot be read (EISDIR)`)
  })

  test('names the place of a syntax error', () => {
    expect(failure('[gate\nhost = 1').message).toMatch(
      /gateserver\.toml: is not valid TOML at line 1, column \d+: /,
    )
  })

  test('names key, expectation and file of a wrong value', () => {
    const error = failure('[gate]\nhost = 5')
    expect(error.message).toMatch(
      /gateserver\.toml: "gate\.host" is wrong: expected string, received number$/,
    )
    expect(error.metadata).toMatchObject({
      key: 'gate.host',
      expectation: 'expected string, received number',
    })
  })

  test('names a missing key and the variable that would set it', () => {
    expect(failure('[gate]').message).toMatch(
      /"gate\.host" is missing: expected string \(or set HYDRA_GATE_GATE_HOST\)$/,
    )
  })

  test('names the variable that a wrong value came from', () => {
    const tooLarge = failure(valid, { HYDRA_GATE_GATE_PORT: '70000' })
    expect(tooLarge.message).toContain('"gate.port" is wrong')
    expect(tooLarge.message).toContain('HYDRA_GATE_GATE_PORT')
    expect(tooLarge.metadata).toMatchObject({ key: 'gate.port', variable: 'HYDRA_GATE_GATE_PORT' })
    const noNumber = failure(valid, { HYDRA_GATE_PORT: 'many' })
    expect(noNumber.message).toMatch(/"gate\.port" is wrong: expected a number \(from HYDRA_GATE_PORT\)$/)
  })

  test('names what is wrong in several places, in one line', () => {
    const { message } = failure('[gate]\nhost = 5\nport = "x"\n[log]\nlevel = "loud"')
    expect(message).toContain('"gate.host"')
    expect(message).toContain('"gate.port"')
    expect(message).toMatch(/"log\.level" is wrong: .*"trace"/)
    expect(message).not.toContain('\n')
  })

  test('refuses unknown keys and sections and names the nearest', () => {
    expect(failure(`${valid}prot = 1`).message).toMatch(
      /"gate\.prot" is not a known key; did you mean "gate\.port"\?$/,
    )
    expect(failure(`${valid}[lgo]\nlevel = "info"`).message).toContain(
      '"lgo" is not a known key; did you mean "log"?',
    )
    expect(failure(`${valid}xyz = 1`).metadata).toMatchObject({ key: 'gate.xyz' })
  })

  test('refuses unknown variables of the service and names the nearest', () => {
    expect(failure(valid, { HYDRA_GATE_LOG_LEVLE: 'info' }).message).toMatch(
      /HYDRA_GATE_LOG_LEVLE sets no known key; did you mean HYDRA_GATE_LOG_LEVEL\?$/,
    )
    expect(() => load(valid, { HYDRA_GATE_CONFIG: 'elsewhere.toml' })).not.toThrow()
  })

  test('refuses a value where a section belongs', () => {
    expect(failure('gate = 5', { HYDRA_GATE_GATE_PORT: '1' }).message).toContain(
      '"gate" is wrong: expected object',
    )
  })
})

describe('secrets', () => {
  test('work with their development value in development only', () => {
    const config = load(valid)
    expect(config.token.secrets).toHaveLength(1)
    expect(developmentSecrets(schema, config)).toEqual(['token.secrets'])
    const { message } = failure(`${valid}[service]\nmode = "production"`)
    expect(message).toMatch(
      /"token\.secrets" is wrong: expected a secret of your own .*HYDRA_GATE_TOKEN_SECRETS/,
    )
  })

  test('stay secrets when they are described', () => {
    const described = z.strictObject({
      service: serviceConfigSchema.prefault({}),
      api: z.strictObject({ key: secretString('d'.repeat(32)).describe('Opens it.') }).prefault({}),
    })
    expect(developmentSecrets(described, described.parse({}))).toEqual(['api.key'])
  })

  test('come from the environment in production, several for a rotation', () => {
    const [fresh, old] = ['n'.repeat(32), 'o'.repeat(32)]
    const config = load(valid, { HYDRA_MODE: 'production', HYDRA_TOKEN_SECRETS: `${fresh},${old}` })
    expect(config.token.secrets).toEqual([fresh, old])
    expect(developmentSecrets(schema, config)).toEqual([])
  })

  test('do not show up in errors', () => {
    const { message } = failure(valid, { HYDRA_TOKEN_SECRETS: 'too-short-secret' })
    expect(message).toContain('"token.secrets.0" is wrong')
    expect(message).not.toContain('too-short-secret')
  })
})
