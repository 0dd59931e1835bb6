import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, isProcessAlive } from '@hydra/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Interrupted } from './interrupt.ts'
import { runProcess, type ProcessOptions } from './run-process.ts'

const shell = (script: string, signal = new AbortController().signal): ProcessOptions => ({
  command: 'sh',
  args: ['-c', script],
  env: process.env,
  output: 'capture',
  signal,
})

describe('runProcess', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hydra-process-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('gives exit code and both outputs', async () => {
    expect(await runProcess(shell('echo out; echo err >&2; exit 3'))).toEqual({
      exitCode: 3,
      output: expect.stringMatching(/^(out\nerr\n|err\nout\n)$/),
    })
  })

  test('a process that a signal ended has no exit code', async () => {
    expect(await runProcess(shell('kill -9 $$'))).toMatchObject({ exitCode: null })
  })

  test('rejects when there is no such command', async () => {
    await expect(runProcess({ ...shell(''), command: '/nowhere/at-all' })).rejects.toMatchObject({
      code: 'ENOENT',
    })
  })

  test('when aborted, ends grandchildren too and rejects with the reason', async () => {
    const abort = new AbortController()
    const pidFile = join(folder, 'pid')
    const running = runProcess(shell(`sleep 1000 & echo $! > ${pidFile}; wait`, abort.signal))
    const pid = await eventually(async () => Number((await readFile(pidFile, 'utf8')).trim()) || undefined)
    abort.abort(new Interrupted('SIGINT'))
    await expect(running).rejects.toMatchObject({ name: 'Interrupted', exitCode: 130 })
    expect(isProcessAlive(pid)).toBe(false)
  })

  test('does not start once aborted', async () => {
    const signal = AbortSignal.abort(new Interrupted('SIGTERM'))
    await expect(runProcess(shell(`touch ${join(folder, 'started')}`, signal))).rejects.toMatchObject({
      exitCode: 143,
    })
    await expect(readFile(join(folder, 'started'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
