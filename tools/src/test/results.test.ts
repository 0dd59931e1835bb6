import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countTests, readTestCounts } from './results.ts'
import { runProcess } from './run-process.ts'
import { summarise } from './summary.ts'

const vitest = fileURLToPath(new URL('../../../node_modules/.bin/vitest', import.meta.url))

describe('test counts', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hydra-results-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const runVitest = async (name: string, files: Record<string, string>) => {
    const root = join(folder, name)
    await mkdir(root)
    for (const [file, text] of Object.entries(files)) await writeFile(join(root, file), text)
    const results = join(root, 'results.json')
    const args = ['run', '--globals', '--root', root, '--reporter=json', `--outputFile.json=${results}`]
    const { exitCode } = await runProcess({
      command: vitest,
      args,
      env: process.env,
      output: 'capture',
      signal: new AbortController().signal,
    })
    return { exitCode, counts: await readTestCounts(results) }
  }

  test('of a green run', async () => {
    const files = { 'a.test.js': "test('1', () => {}); test('2', () => {}); test.todo('3')" }
    expect(await runVitest('green', files)).toEqual({
      exitCode: 0,
      counts: { passed: 2, failed: 0, skipped: 1 },
    })
  })

  test('of a run with a failed test, a file that does not load, and a hook that throws', async () => {
    const files = {
      'a.test.js': "test('1', () => {}); test('2', () => { throw new Error('no') })",
      'b.test.js': "import './missing.js'",
      'c.test.js': "beforeAll(() => { throw new Error('no') }); test('3', () => {})",
    }
    const { exitCode, counts } = await runVitest('red', files)
    expect(exitCode).toBe(1)
    expect(counts).toMatchObject({ passed: 1, failed: 3 })
  })

  test('of a run in which every test passed and something else threw', async () => {
    const files = { 'a.test.js': "test('1', () => { setTimeout(() => { throw new Error('late') }, 0) })" }
    const { exitCode, counts } = await runVitest('late', files)
    expect(exitCode).toBe(1)
    // Vitest's counts do not know of it; the summary goes by the exit code as well.
    const steps = [{ name: 'test', ok: exitCode === 0, durationMs: 1 }]
    expect(summarise({ steps, notRun: [], tests: counts, leftOut: [] })).toMatch(/\n1 passed, 1 failed$/)
  })

  test('of a file of another form: one failure, never zero', () => {
    expect(countTests({ passed: 7 })).toEqual({ passed: 0, failed: 1, skipped: 0 })
  })

  test('there are none when nothing was written', async () => {
    expect(await readTestCounts(join(folder, 'missing.json'))).toBeUndefined()
  })
})
