import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProcess, type ProcessResult } from '../test/run-process.ts'
import { clusterFolder } from './cluster-folder.ts'
import { stateOf as clusterState } from './cluster-state.fixture.ts'
import { createClusterState } from './cluster-state.ts'

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

  test('hydra dev -h is help as well', async () => {
    const { exitCode, output } = await hydra('dev', '-h')
    expect(output).toMatch(/^npx hydra dev/)
    expect(exitCode).toBe(0)
  })

  test.each(['up', 'restart'])('hydra %s says so when the supervisor does not answer', async (command) => {
    const frozen = createServer().listen(0, '127.0.0.1')
    await once(frozen, 'listening')
    const { port } = frozen.address() as AddressInfo
    const own = mkdtempSync(join(dir, 'frozen-'))
    const supervisor = { pid: process.pid, url: `http://127.0.0.1:${port}`, token: 'x' }
    createClusterState(clusterFolder(own), clusterState({ supervisor }))
    const { exitCode, output } = await hydra(command, '--dir', own)
    frozen.close()
    expect(output).toBe(
      `The supervisor of the cluster (process ${process.pid}) does not answer. To end it with all that it runs: npx hydra down (with the same --dir)\n`,
    )
    expect(exitCode).toBe(1)
  })

  test('hydra build leaves sources alone', async () => {
    const sources = join(dir, 'apps', 'http')
    mkdirSync(sources, { recursive: true })
    writeFileSync(join(sources, 'package.json'), '{"name":"@hydra/http"}')
    const { exitCode, output } = await hydra('build', 'http', '--out', join(dir, 'apps'))
    expect(output).toContain('is no earlier build')
    expect(exitCode).toBe(2)
    expect(readdirSync(sources)).toEqual(['package.json'])
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
