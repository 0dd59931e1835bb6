import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runProcess, type ProcessResult } from './run-process.ts'

const bin = fileURLToPath(new URL('../../bin/', import.meta.url))
const node = (...args: readonly string[]): Promise<ProcessResult> =>
  runProcess({
    command: process.execPath,
    args,
    env: process.env,
    output: 'capture',
    signal: new AbortController().signal,
  })

describe('tools/bin/hydra.mjs', () => {
  let elsewhere: string

  beforeAll(async () => {
    elsewhere = await mkdtemp(join(tmpdir(), 'hydra-launcher-'))
    await mkdir(join(elsewhere, 'tools'))
    await cp(bin, join(elsewhere, 'tools', 'bin'), { recursive: true })
  })
  afterAll(() => rm(elsewhere, { recursive: true }))

  test('runs a command from its source and passes the arguments on', async () => {
    const { exitCode, output } = await node(join(bin, 'hydra.mjs'), 'test', '--help')
    expect(output).toContain('usage: npm test')
    expect(exitCode).toBe(0)
  })

  test.each([['fly'], ['constructor']])('lists the commands when there is no "%s"', async (command) => {
    const { exitCode, output } = await node(join(bin, 'hydra.mjs'), command)
    expect(output).toContain(`Unknown command "${command}"`)
    for (const name of ['dev', 'up', 'demo', 'test', 'migrate', 'chaos', 'docs'])
      expect(output).toContain(`  ${name} `)
    expect(exitCode).toBe(2)
  })

  test('each command that it lists explains itself and its exit codes', async () => {
    const { output } = await node(join(bin, 'hydra.mjs'))
    const names = [...output.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name = '']) => name)
    expect(names.length).toBeGreaterThan(12)
    for (const name of names) {
      const help = await node(join(bin, 'hydra.mjs'), name, '-h')
      expect([name, help.exitCode]).toEqual([name, 0])
      expect([name, /exit code/i.test(help.output)]).toEqual([name, true])
    }
  })

  test('asks for npm ci where the packages are missing', async () => {
    const { exitCode, output } = await node(join(elsewhere, 'tools/bin/hydra.mjs'), 'dev')
    expect(output).toContain('Run "npm ci" first.')
    expect(exitCode).toBe(69)
  })

  test('asks for a newer Node.js', async () => {
    const pretend = "Object.defineProperty(process, 'versions', { value: { node: '20.19.4' } })"
    const { exitCode, output } = await node(
      `--import=data:text/javascript,${encodeURIComponent(pretend)}`,
      join(bin, 'hydra.mjs'),
      'dev',
    )
    expect(output).toContain('Hydra needs Node.js 20.20 or newer; this is 20.19.4.')
    expect(exitCode).toBe(69)
  })
})
