import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chatConfigSchema } from '@hydra/chat'
import { gameConfigSchema } from '@hydra/game'
import { gateConfigSchema } from '@hydra/gate'
import { httpConfigSchema } from '@hydra/http'
import { configFields, loadConfig } from '@hydra/runtime'
import { describe, expect, test } from 'vitest'

const files = [
  { service: 'chat', schema: chatConfigSchema },
  { service: 'game', schema: gameConfigSchema },
  { service: 'gate', schema: gateConfigSchema },
  { service: 'http', schema: httpConfigSchema },
]

/** The shipped files name the user and password of docker-compose.yml; a schema has no password as default. */
const differsFromDefault = ['storage.mysqlUrl']

describe.each(files)('configuration file of $service', ({ service, schema }) => {
  const file = fileURLToPath(new URL(`../../../data/conf/${service}server.toml`, import.meta.url))
  const text = readFileSync(file, 'utf8')
  const { set, commented } = keysOf(text)
  const paths = configFields(schema).map(({ path }) => path.join('.'))

  test('is accepted by the service', () => {
    expect(() => loadConfig({ file, schema, service, env: {} })).not.toThrow()
  })

  test('has every key of the service, those without a default as a comment', () => {
    const defaults = schema.parse({})
    const missing = paths.filter(
      (path) => !set.has(path) && !(commented.has(path) && mayBeAbsent(path, defaults)),
    )
    expect(missing).toEqual([])
    expect([...set, ...commented].filter((path) => !paths.includes(path))).toEqual([])
  })

  test('says what the defaults are', () => {
    const [written, defaults] = [loadConfig({ file, schema, service, env: {} }), schema.parse({})]
    const differing = [...set].filter(
      (path) => JSON.stringify(valueAt(written, path)) !== JSON.stringify(valueAt(defaults, path)),
    )
    expect(differing).toEqual(differsFromDefault)
  })

  test('explains each section', () => {
    for (const section of text.split(/^(?=\[)/m).slice(1)) expect(section).toMatch(/^# /m)
  })
})

test('all services agree about what they share', () => {
  const shared = ['cluster', 'storage', 'token', 'rpc', 'service', 'log']
  const sections = new Map<string, string>()
  for (const { service } of files) {
    const text = readFileSync(new URL(`../../../data/conf/${service}server.toml`, import.meta.url), 'utf8')
    for (const section of text.split(/^(?=\[)/m)) {
      const [, name = ''] = /^\[(.+)\]/.exec(section) ?? []
      if (!shared.includes(name)) continue
      expect(sections.get(name) ?? section.trim()).toBe(section.trim())
      sections.set(name, section.trim())
    }
  }
  expect([...sections.keys()].toSorted()).toEqual(shared.toSorted())
})

/** The machine's name is the default of `host`: there is no one text for it. */
const mayBeAbsent = (path: string, defaults: unknown): boolean =>
  path === 'cluster.host' || valueAt(defaults, path) === undefined

/** Paths of the keys that a TOML file sets, and of those that it shows as a comment. */
function keysOf(text: string): {
  readonly set: ReadonlySet<string>
  readonly commented: ReadonlySet<string>
} {
  const set = new Set<string>()
  const commented = new Set<string>()
  let section = ''
  for (const line of text.split('\n')) {
    const [, header] = /^\[([\w.]+)\]$/.exec(line) ?? []
    const [, mark, key] = /^(# )?([A-Za-z]\w*) = /.exec(line) ?? []
    if (header !== undefined) section = header
    else if (key !== undefined) (mark === undefined ? set : commented).add(`${section}.${key}`)
  }
  return { set, commented }
}

function valueAt(value: unknown, path: string): unknown {
  let inner = value
  for (const key of path.split('.')) {
    inner = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined
  }
  return inner
}
