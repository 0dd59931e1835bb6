import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { configuredPath, findAbove } from './find-file.ts'

let folder = ''
let mainUrl = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hydra-find-'))
  mkdirSync(join(folder, 'apps', 'game'), { recursive: true })
  mkdirSync(join(folder, 'hydra-tables'))
  writeFileSync(join(folder, 'hydra-note'), '')
  mainUrl = pathToFileURL(join(folder, 'apps', 'game', 'main.mjs')).href
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('finds files and folders beside a program and above it, the nearest first', () => {
  expect(findAbove(mainUrl, 'hydra-note')).toBe(join(folder, 'hydra-note'))
  expect(configuredPath(mainUrl, 'hydra-tables')).toBe(join(folder, 'hydra-tables'))
  mkdirSync(join(folder, 'apps', 'hydra-tables'))
  expect(configuredPath(mainUrl, 'hydra-tables')).toBe(join(folder, 'apps', 'hydra-tables'))
})

it('takes what is nowhere above as of the folder of the process, and an absolute path as it is', () => {
  expect(findAbove(mainUrl, 'hydra-nowhere')).toBeUndefined()
  expect(configuredPath(mainUrl, 'hydra-nowhere')).toBe(resolve('hydra-nowhere'))
  expect(configuredPath(mainUrl, join(folder, 'hydra-nowhere'))).toBe(join(folder, 'hydra-nowhere'))
})
