import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBinary, missingServers, requireBinary } from './find-binary.ts'

describe('binaries', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hydra-binaries-'))
    for (const name of ['redis-server', 'mariadbd', 'notes'])
      await writeFile(join(folder, name), '#!/bin/sh\n')
    for (const name of ['redis-server', 'mariadbd']) await chmod(join(folder, name), 0o755)
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('are found in PATH, before the usual folders', () => {
    expect(findBinary('redis-server', { PATH: `/nowhere:${folder}` })).toBe(join(folder, 'redis-server'))
  })

  test('must be executable', () => {
    expect(findBinary('notes', { PATH: folder })).toBeUndefined()
  })

  test('are looked for in HYDRA_TEST_SERVER_PATH only, when that is set', () => {
    const env = { PATH: '/nowhere', HYDRA_TEST_SERVER_PATH: folder }
    expect(findBinary('redis-server', env)).toBe(join(folder, 'redis-server'))
    expect(findBinary('sh', { ...env, PATH: '/bin' })).toBeUndefined()
  })

  test('a kind is missing when one of its programs is', () => {
    const env = { HYDRA_TEST_SERVER_PATH: folder }
    expect(missingServers(['mysql', 'redis', 'nats'], env)).toEqual(['mysql', 'nats'])
  })

  test('the error says what to do', () => {
    expect(() => requireBinary('etcd', { HYDRA_TEST_SERVER_PATH: folder })).toThrow(
      expect.objectContaining({
        code: 'BINARY_MISSING',
        message: expect.stringContaining('HYDRA_TEST_BACKENDS=embedded'),
      }),
    )
  })
})
