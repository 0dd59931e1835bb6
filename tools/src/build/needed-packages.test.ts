import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { neededPackages } from './needed-packages.ts'

const platform = { os: 'linux', cpu: 'x64', libc: 'glibc', abi: '137' } as const

let nodeModules = ''
beforeEach(async () => {
  nodeModules = await mkdtemp(join(tmpdir(), 'hydra-needed-'))
})
afterEach(() => rm(nodeModules, { recursive: true, force: true }))

const install = async (folder: string, manifest: object = {}): Promise<void> => {
  await mkdir(join(nodeModules, folder), { recursive: true })
  const name = folder.split('node_modules/').at(-1)
  await writeFile(
    join(nodeModules, folder, 'package.json'),
    JSON.stringify({ name, version: '1.0.0', ...manifest }),
  )
}

test('takes what is needed, where Node.js finds it, and nothing else', async () => {
  await install('wanted', {
    dependencies: { shared: '1', '@types/node': '1' },
    optionalDependencies: { absent: '1' },
  })
  await install('shared', { dependencies: { wanted: '1' } })
  await install('wanted/node_modules/shared', { dependencies: { deep: '1' } })
  await install('deep', { optionalDependencies: { 'deep-darwin': '1', 'deep-linux': '1' } })
  await install('deep-darwin', { os: ['darwin'] })
  await install('deep-linux', { os: ['linux'] })
  await install('@types/node')
  await install('stranger')
  expect(await neededPackages({ wanted: '1.0.0' }, nodeModules, platform)).toEqual([
    'deep',
    'deep-linux',
    'wanted',
    'wanted/node_modules/shared',
  ])
})

test('takes a package that is installed under another name', async () => {
  await install('alias', { name: 'real' })
  expect(await neededPackages({ alias: 'npm:real@1.0.0' }, nodeModules, platform)).toEqual(['alias'])
})

test('refuses another version than the pinned one', async () => {
  await install('wanted')
  await expect(neededPackages({ wanted: '1.0.1' }, nodeModules, platform)).rejects.toThrow(
    'wanted is installed as 1.0.0, but pinned to 1.0.1',
  )
})

test('names what is missing, and who needs it', async () => {
  await install('wanted', { dependencies: { lost: '1' } })
  await expect(neededPackages({ wanted: '1.0.0' }, nodeModules, platform)).rejects.toThrow(
    'lost is not installed, but needed by wanted',
  )
})
