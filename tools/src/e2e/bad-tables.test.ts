import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dirVariable } from '@hydra/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildService } from '../build/build-service.ts'
import { startService } from './service-process.ts'

const nodeModules = fileURLToPath(new URL('../../../node_modules', import.meta.url))

describe('a game server whose design tables are wrong', { timeout: 60_000 }, () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(process.env[dirVariable] ?? tmpdir(), 'tables-'))
    await symlink(nodeModules, join(folder, 'node_modules'), 'dir')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('exits 78, names what is wrong, and does not wait for its backends before', async () => {
    const { main, outDir } = await buildService({ service: 'game', outDir: join(folder, 'game') })
    const file = join(outDir, 'data', 'tables', 'monsters.json')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace('"item": "slime-jelly"', '"item": "slime-jam"'))
    const running = startService('game', main, { HYDRA_OPS_ENABLED: 'false' })
    await expect(running.ready).rejects.toThrow(
      /ended with code 78 [^]*monsters\.json:\d+, row 1 \(slimeling\): "loot\.0\.item" is wrong: .*"slime-jam"/,
    )
  })
})
