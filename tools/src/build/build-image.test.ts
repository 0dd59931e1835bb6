import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildImage, checkAddOns } from './build-image.ts'
import type { BuiltService } from './build-service.ts'

let folder = ''
let built: BuiltService
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydra-image-'))
  built = await buildImage({ service: 'gate', outDir: join(folder, 'app') })
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (file: string, env: Readonly<Record<string, string>>) =>
  new Promise<{ code: number | string | null | undefined; output: string }>((resolve) => {
    execFile(process.execPath, [join(built.outDir, file)], { cwd: tmpdir(), env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr }),
    )
  })

describe('the folder of an image', { timeout: 30_000 }, () => {
  test('has add-ons for this platform only, and they load', async () => {
    const files = await readdir(built.outDir, { recursive: true })
    const addOns = files.filter((file) => file.endsWith('.node'))
    const uws = `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`
    expect(addOns.filter((file) => file.includes('uws_'))).toEqual([
      join('node_modules', 'uWebSockets.js', uws),
    ])
    expect(addOns.filter((file) => /win32|musl/.test(file))).toEqual([])
    expect(() => checkAddOns(built)).not.toThrow()
    expect(files.filter((file) => /\.d\.ts$|@types/.test(file))).toEqual([])
  })

  test('is small', async () => {
    const files = await readdir(built.outDir, { recursive: true })
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(built.outDir, file))).size))
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(48 * 1024 * 1024)
  })

  test('has a program that runs without this workspace', async () => {
    const { code, output } = await run('main.mjs', { HYDRA_GATE_GATE_PORT: 'none' })
    expect(output).toContain('"gate.port" is wrong')
    expect(code).toBe(78)
  })

  test('a binary that does not load is named, with what to do', async () => {
    const outDir = join(folder, 'broken')
    await rm(outDir, { recursive: true, force: true })
    const broken = await buildImage({ service: 'gate', outDir })
    const addOn = `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`
    await writeFile(join(outDir, 'node_modules/uWebSockets.js', addOn), 'no binary')
    expect(() => checkAddOns(broken)).toThrow(/^uWebSockets\.js does not load .* choose another NODE_IMAGE/s)
  })
})

describe('its health check', { timeout: 30_000 }, () => {
  test.each([
    [200, 0],
    [503, 1],
  ])('answer %i: exit code %i', async (status, code) => {
    const server = createServer((_, response) => response.writeHead(status).end('{"checks":{}}'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const result = await run('health-check.mjs', { HYDRA_HEALTH_URL: `http://127.0.0.1:${port}/readyz` })
    server.close()
    expect(result).toEqual({ code, output: `${status} {"checks":{}}\n` })
  })

  test('no answer: exit code 1, and where it asked', async () => {
    expect(existsSync(join(built.outDir, 'health-check.mjs'))).toBe(true)
    const { code, output } = await run('health-check.mjs', { HYDRA_HEALTH_URL: 'http://127.0.0.1:1/readyz' })
    expect(output).toContain('http://127.0.0.1:1/readyz')
    expect(code).toBe(1)
  })
})
