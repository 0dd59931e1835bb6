import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chatConfigSchema } from '@hydra/chat'
import { gameConfigSchema } from '@hydra/game'
import { gateConfigSchema } from '@hydra/gate'
import { httpConfigSchema } from '@hydra/http'
import { configFields, loadConfig, variablesOf } from '@hydra/runtime'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { serverStandIns } from './stand-ins.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const read = (file: string): string => readFileSync(root + file, 'utf8')

/** What is read of a service of the compose file. */
interface ComposeService {
  readonly image: string
  readonly build?: { readonly args: Readonly<Record<string, string>> }
  readonly environment?: Readonly<Record<string, string>>
  readonly healthcheck?: object
  readonly ports?: readonly string[]
  readonly stop_grace_period: string
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly networks: readonly string[]
  readonly [key: string]: unknown
}

const composeText = read('docker-compose.yml')
/** As compose reads it where no variable is set. */
const { services } = parse(composeText.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1'), { merge: true }) as {
  readonly services: Readonly<Record<string, ComposeService>>
}
const dockerfile = read('Dockerfile')
const edge = read('deploy/edge/haproxy.cfg')

const schemas = [
  { name: 'chat', schema: chatConfigSchema },
  { name: 'game', schema: gameConfigSchema },
  { name: 'gate', schema: gateConfigSchema },
  { name: 'http', schema: httpConfigSchema },
] as const

/** @example bytes('256m') // 268435456 */
const bytes = (limit: unknown): number => {
  const [, count, unit] = /^(\d+)([mg])$/.exec(String(limit)) ?? []
  return Number(count) * 1_024 ** (unit === 'g' ? 3 : 2)
}

const milliseconds = (period: string): number => Number(/^(\d+)s$/.exec(period)?.[1]) * 1_000

describe.each(Object.entries(services))('%s', (name, service) => {
  test('comes back, is bounded, and may do little', () => {
    expect(service).toMatchObject({
      restart: 'unless-stopped',
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '5' } },
    })
    expect(service['mem_limit']).toMatch(/^\d+[mg]$/)
    // Docker refuses more CPUs than the machine has.
    expect(Number(service['cpus'])).toBeLessThanOrEqual(1)
    // HAProxy and the servers written in Go start threads by the CPUs of the machine, of which there may be many.
    const threadsMin = ['edge', 'nats', 'etcd'].includes(name) ? 256 : 64
    expect(Number(service['pids_limit'])).toBeGreaterThanOrEqual(threadsMin)
    expect(milliseconds(service.stop_grace_period)).toBeGreaterThanOrEqual(15_000)
  })

  test('can be scaled: no fixed name, no port of the machine but at the edge', () => {
    expect(service['container_name']).toBeUndefined()
    expect(service.ports !== undefined).toBe(name === 'edge')
  })

  test('tells its health, and starts after the health of what it needs', () => {
    const isOurs = service.build !== undefined
    expect(service.healthcheck !== undefined || (isOurs && dockerfile.includes('HEALTHCHECK'))).toBe(true)
    for (const { condition } of Object.values(service.depends_on ?? {}))
      expect(condition).toBe('service_healthy')
    const needed = isOurs ? ['mysql', 'redis', 'nats', 'etcd'] : []
    expect(Object.keys(service.depends_on ?? {})).toEqual(expect.arrayContaining(needed))
  })

  test('is on a network that leads outside only where players come', () => {
    expect(service.networks.includes('edge')).toBe(['edge', 'gate', 'http'].includes(name))
  })
})

describe.each(schemas)('$name', ({ name, schema }) => {
  const service = services[name]
  const env = service?.environment ?? {}
  const file = `${root}data/conf/${name}server.toml`
  const load = (more: Readonly<Record<string, string>> = {}) =>
    loadConfig({ file, schema, service: name, env: { ...env, ...imageEnv(name), ...more } })

  test('knows every variable that it is given', () => {
    const known = new Set(configFields(schema).flatMap(({ path }) => variablesOf(name, path)))
    expect(Object.keys(env).filter((variable) => !known.has(variable))).toEqual([])
    expect(() => load()).not.toThrow()
  })

  test('ends by itself before Docker ends it', () => {
    expect(load().service.stopTimeoutMs).toBeLessThan(milliseconds(service?.stop_grace_period ?? ''))
  })

  test('is asked for its health where it tells it', () => {
    const { ops, http } = load() as { ops?: { host: string; port: number }; http?: { port: number } }
    const port = ops?.port ?? http?.port
    expect(imageEnv(name)['HYDRA_HEALTH_URL']).toBe(`http://127.0.0.1:${port}/readyz`)
    expect(ops?.host ?? '0.0.0.0').toBe('0.0.0.0')
    expect(exposed(name)).toContain(String(port))
  })

  test('is built by the Dockerfile, on the image that the Dockerfile names', () => {
    const [, nodeImage] = /^ARG NODE_IMAGE=(.+)$/m.exec(dockerfile) ?? []
    expect(service?.build?.args).toEqual({ SERVICE: name, NODE_IMAGE: nodeImage })
  })

  test.runIf(name === 'gate' || name === 'http')(
    'refuses the secrets of development in production mode',
    () => {
      expect(() => load({ HYDRA_MODE: 'production' })).toThrow('HYDRA_TOKEN_SECRETS')
      expect(
        load({ HYDRA_MODE: 'production', HYDRA_TOKEN_SECRETS: 'x'.repeat(40), ...ownPasswords }).service.mode,
      ).toBe('production')
    },
  )
})

/** Stands for MYSQL_PASSWORD, REDIS_PASSWORD and NATS_PASSWORD. */
const ownPasswords = {
  HYDRA_STORAGE_MYSQL_URL: 'mysql://hydra:0af31b1dd9a1c2e7@mysql:3306/hydra',
  HYDRA_STORAGE_REDIS_URL: 'redis://:0af31b1dd9a1c2e8@redis:6379/0',
  HYDRA_CLUSTER_NATS_PASSWORD: '0af31b1dd9a1c2e9',
}

describe('the edge', () => {
  test('finds gates and http where they listen', () => {
    const gate = gateConfigSchema.parse({})
    const http = httpConfigSchema.parse({})
    expect(edge).toContain(`gate:${gate.gate.port} check port ${gate.ops.port}`)
    expect(edge).toContain(`http:${http.http.port} check port ${http.ops.port}`)
    expect(services['edge']?.ports).toEqual([
      `127.0.0.1:${gate.gate.port}:${gate.gate.port}`,
      `127.0.0.1:${http.http.port}:${http.http.port}`,
    ])
    expect(services['gate']?.environment).toMatchObject({
      HYDRA_GATE_GATE_ANNOUNCED_HOST: '127.0.0.1',
      HYDRA_GATE_GATE_ANNOUNCED_PORT: String(gate.gate.port),
    })
  })

  test('has memory and files for as many connections as it takes, with TLS as well', () => {
    const { EDGE_MAXCONN: connections } = services['edge']?.environment ?? {}
    // As .env.example and docs/deploy.md reckon.
    expect(bytes(services['edge']?.['mem_limit'])).toBeGreaterThan(Number(connections) * 80 * 1_024)
    expect(services['edge']?.['ulimits']).toMatchObject({ nofile: { soft: expect.any(String) } })
    const [, files] = /soft: '\$\{OPEN_FILES:-(\d+)\}'/.exec(composeText) ?? []
    expect(Number(files)).toBeGreaterThan(2 * Number(connections))
  })

  test('is through with a soft stop before Docker ends it', () => {
    const [, seconds] = /hard-stop-after (\d+)s/.exec(edge) ?? []
    expect(Number(seconds) * 1_000).toBeLessThan(milliseconds(services['edge']?.stop_grace_period ?? ''))
  })
})

test('the Dockerfile copies the manifest of each workspace before it installs', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Readonly<Record<string, object>> }
  const workspaces = Object.keys(packages).filter((path) => path !== '' && !path.includes('node_modules'))
  const manifests = workspaces.map((path) => `${path}/package.json`)
  const copied = [...dockerfile.matchAll(/^COPY (\S+\/package\.json) /gm)].map(([, file]) => file)
  expect(copied.toSorted()).toEqual(manifests.toSorted())
})

test('.env.example names every variable with its default', () => {
  const used = new Map(
    [...composeText.matchAll(/\$\{(\w+):-([^}]*)\}/g)].map(([, name, value]) => [name, value]),
  )
  const examples = [...read('.env.example').matchAll(/^# ([A-Z_]+)=(.*)$/gm)].map(
    ([, name, value]) => [name, value] as const,
  )
  expect(examples.map(([name]) => name).toSorted()).toEqual([...used.keys()].toSorted())
  const withoutDefault = new Set(['HYDRA_MODE', 'HYDRA_TOKEN_SECRETS', 'EDGE_TLS'])
  const shown = examples.filter(([name = '']) => !withoutDefault.has(name))
  expect(shown).toEqual(shown.map(([name = '']) => [name, used.get(name)]))
})

test('stand-ins have the names of the images that they stand for', () => {
  for (const { name, image, variable } of serverStandIns('mariadb')) {
    expect(services[name]?.image).toBe(image)
    expect(composeText).toContain(`\${${variable}:-${image}}`)
  }
})

/** The part of the Dockerfile that is only for one service. */
const stage = (name: string): string =>
  new RegExp(`^FROM runtime AS ${name}\\n((?:\\w.*\\n)*)`, 'm').exec(dockerfile)?.[1] ?? ''

const imageEnv = (name: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...stage(name).matchAll(/(HYDRA_\w+)=(\S+)/g)].map(([, key = '', value = '']) => [key, value]),
  )

const exposed = (name: string): readonly string[] => /^EXPOSE (.*)$/m.exec(stage(name))?.[1]?.split(' ') ?? []
