import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually, serverPathVariable, urlVariables } from '@hydra/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const launcher = fileURLToPath(new URL('../../bin/hydra.mjs', import.meta.url))

/** The runner with servers of its own, whatever this run has. */
const startRunner = (folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
  const noUrls = Object.fromEntries(Object.values(urlVariables).map((name) => [name, '']))
  const runner = spawn(process.execPath, [launcher, 'test', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...noUrls, HYDRA_TEST_DIR: folder, ...env },
  })
  let output = ''
  for (const stream of [runner.stdout, runner.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  return { runner, output: () => output }
}
const exitOf = async (runner: ChildProcess): Promise<unknown> => (await once(runner, 'close'))[0]
const unitTest = 'libs/testing/src/unique-name.test.ts'

// Each starts a runner, servers and a vitest of its own.
describe('npm test', { timeout: 60_000 }, () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hydra-runner-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('starts servers, runs the tests asked for, counts them, leaves nothing', async () => {
    const { runner, output } = startRunner(folder, [unitTest])
    expect(await exitOf(runner)).toBe(0)
    expect(output()).toMatch(/Backends: started MariaDB \d/)
    expect(output().trimEnd().split('\n').at(-1)).toBe('6 passed, 0 failed')
    expect(await readdir(folder)).toEqual([])
  })

  test('does without servers in embedded mode and says what it left out', async () => {
    const { runner, output } = startRunner(folder, [unitTest], { HYDRA_TEST_BACKENDS: 'embedded' })
    expect(await exitOf(runner)).toBe(0)
    expect(output()).toContain('Backends: embedded drivers only')
    expect(output()).toMatch(/Left out:\n {2}the real drivers/)
    expect(output()).toContain('tools/src/test/main.servers.test.ts')
    expect(await readdir(folder)).toEqual([])
  })

  test('ends with 1 and the counts when a file cannot be found', async () => {
    const { runner, output } = startRunner(folder, ['no-such-test'], { HYDRA_TEST_BACKENDS: 'embedded' })
    expect(await exitOf(runner)).toBe(1)
    expect(output().trimEnd().split('\n').at(-1)).toBe('0 passed, 1 failed')
  })

  test('explains what to install where it can neither find nor install it', async () => {
    const { runner, output } = startRunner(folder, [], { [serverPathVariable]: '/nowhere' })
    expect(await exitOf(runner)).toBe(1)
    expect(output()).toContain('not installed here: MariaDB, Redis, NATS, etcd.')
  })

  test('names the variable of a given server that does not answer', async () => {
    const { runner, output } = startRunner(folder, [], { HYDRA_TEST_ETCD_URL: 'http://127.0.0.1:1' })
    expect(await exitOf(runner)).toBe(1)
    expect(output()).toContain('HYDRA_TEST_ETCD_URL: 127.0.0.1:1 cannot be reached')
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s in the middle of the tests: all is taken down, exit code %i', async (signal, code) => {
    const { runner, output } = startRunner(folder, ['libs/testing/src/servers'])
    await eventually(() => output().includes('RUN'), { timeoutMs: 30_000 })
    runner.kill(signal)
    // A terminal and npm both deliver a Ctrl-C.
    runner.kill(signal)
    expect(await exitOf(runner)).toBe(code)
    expect(output()).toContain(`Interrupted by ${signal}`)
    expect(await readdir(folder)).toEqual([])
  })

  test('SIGTERM while the servers start', async () => {
    const { runner } = startRunner(folder, [unitTest])
    await eventually(async () => (await readdir(folder)).length > 0, { timeoutMs: 30_000, intervalMs: 1 })
    runner.kill('SIGTERM')
    expect(await exitOf(runner)).toBe(143)
    expect(await readdir(folder)).toEqual([])
  })

  test('SIGKILL in the middle of the tests: the watchdog takes all down', async () => {
    const { runner, output } = startRunner(folder, ['libs/testing/src/servers'])
    await eventually(() => output().includes('RUN'), { timeoutMs: 30_000 })
    runner.kill('SIGKILL')
    await eventually(async () => (await readdir(folder)).length === 0, { timeoutMs: 10_000 })
  })
})
