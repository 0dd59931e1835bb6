import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProcess, type ProcessResult } from '../test/run-process.ts'

const launcher = fileURLToPath(new URL('../../bin/hydra.mjs', import.meta.url))
let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydra-commands-'))
})
afterAll(() => rmSync(dir, { recursive: true }))

const hydra = (...args: readonly string[]): Promise<ProcessResult> =>
  runProcess({
    command: process.execPath,
    args: [launcher, ...args],
    env: process.env,
    output: 'capture',
    signal: new AbortController().signal,
  })

describe('the commands about a local cluster', () => {
  test.each(['up', 'down', 'status', 'restart', 'logs', 'build', 'dev', 'migrate'])(
    'hydra %s --help names its exit codes',
    async (command) => {
      const { exitCode, output } = await hydra(command, '--help')
      expect(output).toMatch(new RegExp(`^npx hydra ${command}`))
      expect(output).toMatch(/Exit codes:\n +0 [^]*\n +2 the command line is not understood/)
      expect(exitCode).toBe(0)
    },
  )

  test.each([
    [['status'], 69, 'No cluster runs here'],
    [['restart'], 69, 'No cluster runs here'],
    [['logs'], 69, 'No cluster has run here'],
    [['down'], 0, 'No cluster runs here'],
    [['up', '--gate', 'many'], 2, '--gate is "many"'],
    [['up', '--gates', '2'], 2, "Unknown option '--gates'"],
    [['up', '--etcd-url', 'http://127.0.0.1:1'], 69, 'etcd: 127.0.0.1:1 cannot be reached'],
  ])('%j exits with %d where nothing runs', async (args, code, text) => {
    const { exitCode, output } = await hydra(...args, '--dir', dir)
    expect(output).toContain(text)
    expect(exitCode).toBe(code)
  })

  test.each([
    [['build', 'gat'], 2, 'There is no service gat'],
    [['migrate', 'sideways'], 2, 'npx hydra migrate up'],
    [['migrate', 'down'], 2, 'add --yes'],
    [['migrate', 'status', '--config', '/nowhere.toml'], 78, '/nowhere.toml'],
  ])('%j exits with %d', async (args, code, text) => {
    const { exitCode, output } = await hydra(...args)
    expect(output).toContain(text)
    expect(exitCode).toBe(code)
  })
})
