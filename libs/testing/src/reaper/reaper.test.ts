import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { eventually } from '../eventually.ts'
import { isProcessAlive } from '../is-process-alive.ts'
import { startReaper } from './reaper.ts'
import { startFixture } from './start-fixture.ts'

interface Report {
  readonly dir: string
  readonly watchdogPid: number
  readonly pids: readonly number[]
}

const startOwner = async (
  ending: string,
  child?: string,
): Promise<{ owner: ChildProcess; report: Report }> => {
  const { process: owner, report } = await startFixture('owner.fixture.ts', [
    ending,
    ...(child === undefined ? [] : [child]),
  ])
  // The fixture prints exactly this form.
  return { owner, report: report as Report }
}

const expectNothingLeft = async ({ dir, pids, watchdogPid }: Report): Promise<void> => {
  await eventually(() => !existsSync(dir), { timeoutMs: 10_000 })
  expect(pids.filter(isProcessAlive)).toEqual([])
  await eventually(() => !isProcessAlive(watchdogPid))
}

describe('nothing is left when the owner', () => {
  test('closes the reaper', async () => {
    const { owner, report } = await startOwner('close')
    expect(report.pids).toHaveLength(1)
    expect(await once(owner, 'exit')).toEqual([0, null])
    // Already gone: close() waits for it.
    expect(existsSync(report.dir)).toBe(false)
    await expectNothingLeft(report)
  })

  test('just ends', async () => {
    const { owner, report } = await startOwner('return')
    expect(await once(owner, 'exit')).toEqual([0, null])
    await expectNothingLeft(report)
  })

  test('throws', async () => {
    const { owner, report } = await startOwner('throw')
    expect(await once(owner, 'exit')).toEqual([1, null])
    await expectNothingLeft(report)
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)('and its group get %s', async (signal) => {
    const { owner, report } = await startOwner('wait')
    expect(report.pids.every(isProcessAlive)).toBe(true)
    expect(existsSync(report.dir)).toBe(true)
    // To the whole group, as a terminal does.
    process.kill(-Number(owner.pid), signal)
    expect(await once(owner, 'exit')).toEqual([null, signal])
    await expectNothingLeft(report)
  })

  test('is killed while its server ignores SIGTERM', async () => {
    const deaf = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"
    const { owner, report } = await startOwner('wait', deaf)
    owner.kill('SIGKILL')
    await expectNothingLeft(report)
  })

  test('is killed after its server was frozen', async () => {
    const { owner, report } = await startOwner('wait')
    for (const pid of report.pids) process.kill(pid, 'SIGSTOP')
    owner.kill('SIGKILL')
    await expectNothingLeft(report)
  })
})

describe('the watchdog', () => {
  test('outlives signals that a terminal or a service manager sends', async () => {
    const { owner, report } = await startOwner('wait')
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(report.watchdogPid, signal)
    owner.kill('SIGKILL')
    await expectNothingLeft(report)
  })

  test('is replaced by another when it was killed itself', async () => {
    const reaper = await startReaper()
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      detached: true,
      env: { ...reaper.env },
    })
    const ended = once(child, 'exit')
    process.kill(Number(reaper.watchdogPid), 'SIGKILL')
    await reaper.close()
    expect(existsSync(reaper.dir)).toBe(false)
    expect(await ended).toEqual([null, 'SIGTERM'])
  })

  test('ends what a run inside the run has left', async () => {
    const outer = await startReaper()
    const inner = await startReaper(outer.dir)
    expect(dirname(inner.dir)).toBe(outer.dir)
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      detached: true,
      env: { ...inner.env },
    })
    const ended = once(child, 'exit')
    await outer.close()
    expect(await ended).toEqual([null, 'SIGTERM'])
    await inner.close()
  })

  test('ends a server that hides its environment', async () => {
    const { owner, report } = await startOwner('unmarked')
    expect(report.pids.every(isProcessAlive)).toBe(true)
    owner.kill('SIGKILL')
    await expectNothingLeft(report)
  })

  test('leaves others alone', async () => {
    const reaper = await startReaper()
    const other = await startReaper()
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env: { ...other.env } })
    await reaper.close()
    expect(existsSync(other.dir)).toBe(true)
    expect(isProcessAlive(Number(child.pid))).toBe(true)
    await other.close()
  })

  test('says why it could not make its folder', async () => {
    await expect(startReaper('/nowhere/at/all')).rejects.toMatchObject({
      code: 'START_FAILED',
      message: expect.stringContaining('ENOENT'),
    })
  })
})
