import { describe, expect, test } from 'vitest'
import { fileFits, packageFits, thisPlatform, type Platform } from './platform.ts'

const debian: Platform = { os: 'linux', cpu: 'x64', libc: 'glibc', abi: '137' }
const alpine: Platform = { ...debian, libc: 'musl' }
const mac: Platform = { os: 'darwin', cpu: 'arm64', abi: '137' }

describe('an add-on fits', () => {
  test.each([
    ['uws_linux_x64_137.node', debian, true],
    ['uws_linux_x64_115.node', debian, false],
    ['uws_linux_arm64_137.node', debian, false],
    ['uws_darwin_arm64_137.node', debian, false],
    ['uws_darwin_arm64_137.node', mac, true],
    ['node.napi.glibc.node', debian, true],
    ['node.napi.musl.node', debian, false],
    ['node.napi.musl.node', alpine, true],
    ['node.abi137.glibc.node', debian, true],
    ['node.abi115.glibc.node', debian, false],
    ['index.node', debian, true],
    ['uws_linux_x64_115.js', debian, true],
  ])('%s', (name, platform, fits) => {
    expect(fileFits(name, platform)).toBe(fits)
  })
})

describe('a package fits', () => {
  test.each([
    [{ name: 'yargs' }, debian, true],
    [{ name: 'fsevents', os: ['darwin'] }, debian, false],
    [{ name: 'any', os: ['!win32'] }, debian, true],
    [{ name: 'any', os: ['!linux'] }, debian, false],
    [{ name: 'any', cpu: ['arm64', 'x64'] }, debian, true],
    [{ name: '@libsql/linux-x64-musl', os: ['linux'], cpu: ['x64'] }, debian, false],
    [{ name: '@libsql/linux-x64-gnu', os: ['linux'], cpu: ['x64'] }, debian, true],
    [{ name: '@libsql/linux-arm-gnueabihf', os: ['linux'], cpu: ['arm'] }, { ...debian, cpu: 'arm' }, true],
    [{ name: 'binding-linux-x64-musl', libc: ['musl'] }, debian, false],
    [{ name: 'binding-linux-x64-musl', libc: ['musl'] }, alpine, true],
    [{ name: '@msgpackr-extract/msgpackr-extract-linux-x64', os: ['linux'] }, alpine, true],
  ])('%o', (fields, platform, fits) => {
    expect(packageFits(fields, platform)).toBe(fits)
  })
})

test('this process tells its platform', () => {
  expect(thisPlatform()).toMatchObject({
    os: process.platform,
    cpu: process.arch,
    abi: process.versions.modules,
  })
  expect(thisPlatform().libc !== undefined).toBe(process.platform === 'linux')
})
