import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildService, type BuiltService } from './build-service.ts'

const nodeModules = fileURLToPath(new URL('../../../node_modules', import.meta.url))

let folder = ''
let built: BuiltService
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydra-build-'))
  built = await buildService({ service: 'http', outDir: join(folder, 'http') })
  // Stands for `npm install` in the folder.
  await symlink(nodeModules, join(folder, 'node_modules'), 'dir')
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs the bundle from another folder, as an operator might. */
const run = (env: Readonly<Record<string, string>> = {}) =>
  new Promise<{ code: number | string | null | undefined; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [built.main], { cwd: tmpdir(), env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    )
  })

describe('the bundle of http', { timeout: 30_000 }, () => {
  test('is a folder with program, source map, manifest and configuration', async () => {
    for (const file of ['main.mjs', 'main.mjs.map', 'package.json', 'data/conf/httpserver.toml']) {
      expect([file, existsSync(join(built.outDir, file))]).toEqual([file, true])
    }
  })

  test('pins what it leaves outside, and only what it uses', async () => {
    const manifest = JSON.parse(await readFile(join(built.outDir, 'package.json'), 'utf8')) as Record<
      string,
      unknown
    >
    expect(manifest).toMatchObject({ type: 'module', dependencies: built.externals })
    expect(Object.keys(built.externals)).not.toContain('uWebSockets.js')
    for (const [name, version] of Object.entries(built.externals)) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/)
      const installed = JSON.parse(await readFile(join(nodeModules, name, 'package.json'), 'utf8')) as object
      expect(installed).toMatchObject({ version })
    }
    const text = await readFile(built.main, 'utf8')
    const imported = [...text.matchAll(/^import .*? from "([^"]+)";$/gm)].map(([, name]) => name)
    const packages = imported.filter((name) => name !== undefined && !name.startsWith('node:'))
    for (const name of Object.keys(built.externals)) expect(text).toContain(`"${name}"`)
    expect(
      packages.filter((name) => name !== undefined && !isBuiltin(name) && !(name in built.externals)),
    ).toEqual([])
  })

  test('exits 78 with one line when its configuration is broken', async () => {
    const file = join(folder, 'broken.toml')
    await writeFile(file, '[http]\nport = "none"\n')
    const { code, stdout, stderr } = await run({ HYDRA_HTTP_CONFIG: file })
    expect(stderr).toBe(`hydra http: ${file}: "http.port" is wrong: expected number, received string\n`)
    expect([code, stdout]).toEqual([78, ''])
  })

  test('finds its own configuration from wherever it is started', async () => {
    const { code, stderr } = await run({ HYDRA_LOG_LEVEL: 'loud' })
    expect(code).toBe(78)
    expect(stderr).toContain(join(built.outDir, 'data', 'conf', 'httpserver.toml'))
  })
})

describe('the folder that is built into', { timeout: 30_000 }, () => {
  test('is made anew when it is one of an earlier build', async () => {
    const outDir = join(folder, 'again', 'http')
    await buildService({ service: 'http', outDir })
    await writeFile(join(outDir, 'left-over'), '')
    await buildService({ service: 'http', outDir })
    expect(existsSync(join(outDir, 'left-over'))).toBe(false)
    expect(existsSync(join(outDir, 'main.mjs'))).toBe(true)
    expect(await readdir(join(folder, 'again'))).toEqual(['http'])
  })

  test.each([
    ['sources', { 'package.json': '{"name":"@hydra/http"}' }],
    ['a build of another service', { 'package.json': '{"name":"hydra-gate"}' }],
    ['a broken package.json', { 'package.json': '{"name":' }],
    ['files of somebody', { 'thesis.txt': 'the only copy' }],
  ])('is left as it is when it holds %s', async (_, files) => {
    const outDir = await mkdtemp(join(folder, 'foreign-'))
    for (const [name, text] of Object.entries(files)) await writeFile(join(outDir, name), text)
    await expect(buildService({ service: 'http', outDir })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(outDir),
    })
    expect(await readdir(outDir)).toEqual(Object.keys(files))
  })

  test('stays as it was when the build fails', async () => {
    const outDir = join(folder, 'failing')
    await mkdir(outDir)
    await writeFile(join(outDir, 'package.json'), '{"name":"hydra-http"}')
    // A workspace without sources.
    await expect(buildService({ service: 'http', root: tmpdir(), outDir })).rejects.toThrow('Build failed')
    expect(await readdir(outDir)).toEqual(['package.json'])
    expect((await readdir(folder)).filter((name) => name.startsWith('failing'))).toEqual(['failing'])
  })
})
