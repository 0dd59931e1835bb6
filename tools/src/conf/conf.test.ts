import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configFields, describeConfig, loadConfig } from '@hydra/runtime'
import { describe, expect, test } from 'vitest'
import { shippedValues } from '../docs/config-file.ts'
import { configuredServices } from '../docs/config-services.ts'

const folder = join(import.meta.dirname, '../../../data/conf')

describe.each(configuredServices)('configuration of $service', ({ service, schema }) => {
  const file = join(folder, `${service}server.toml`)

  // Written by tools/src/docs; its tests see that the files are up to date.
  test('is described, every key and section of it', () => {
    expect(() => describeConfig(schema)).not.toThrow()
  })

  test('as shipped has the defaults, but for those that are named', () => {
    const [written, defaults] = [loadConfig({ file, schema, service, env: {} }), schema.parse({})]
    const differing = configFields(schema).filter(
      ({ path }) => JSON.stringify(valueAt(written, path)) !== JSON.stringify(valueAt(defaults, path)),
    )
    expect(differing.map(({ path }) => path.join('.'))).toEqual(Object.keys(shippedValues))
  })

  test('takes the examples that it shows as comments', async () => {
    const text = (await readFile(file, 'utf8')).replaceAll(/^# (?=[a-z]\w* = )/gim, '')
    const uncommented = join(await mkdtemp(join(tmpdir(), 'hydra-conf-')), 'all.toml')
    try {
      await writeFile(uncommented, text)
      const config = loadConfig({ file: uncommented, schema, service, env: {} })
      const absent = configFields(schema).filter(({ path }) => valueAt(config, path) === undefined)
      expect(absent.map(({ path }) => path.join('.'))).toEqual([])
    } finally {
      await rm(join(uncommented, '..'), { recursive: true })
    }
  })
})

const valueAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
    value,
  )
