import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@hydra/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stateOf } from './cluster-state.fixture.ts'
import { clusterFolder, type ClusterFolder } from './cluster-folder.ts'
import {
  createClusterState,
  readClusterState,
  removeClusterState,
  writeClusterState,
  type ClusterState,
} from './cluster-state.ts'
import { findCluster, findRunningCluster } from './find-cluster.ts'
import { isRunning, markOf } from './process-mark.ts'

let folder: ClusterFolder
beforeEach(() => {
  folder = clusterFolder(mkdtempSync(join(tmpdir(), 'hydra-state-')))
})
afterEach(() => rmSync(folder.dir, { recursive: true, force: true }))

const supervisedBy = (supervisor: Partial<ClusterState['supervisor']>): ClusterState =>
  stateOf({ supervisor: { ...stateOf().supervisor, ...supervisor } })

describe('the state of a cluster', () => {
  test('is not there before it is written', async () => {
    expect(await readClusterState(folder.dir)).toBeUndefined()
    expect(await findCluster(folder.dir)).toBeUndefined()
  })

  test('is read as it was written, and nothing is left beside it', async () => {
    expect(createClusterState(folder, stateOf())).toBe(true)
    writeClusterState(folder, { ...stateOf(), phase: 'stopping' })
    expect(await readClusterState(folder.dir)).toEqual({ ...stateOf(), phase: 'stopping' })
    expect(readdirSync(folder.dir)).toEqual(['state.json'])
  })

  test.skipIf(process.platform === 'win32')('is for its owner only', () => {
    createClusterState(folder, stateOf())
    expect(statSync(folder.stateFile).mode & 0o777).toBe(0o600)
    writeClusterState(folder, stateOf())
    expect(statSync(folder.stateFile).mode & 0o777).toBe(0o600)
  })

  test('is created once', async () => {
    expect(createClusterState(folder, stateOf())).toBe(true)
    expect(createClusterState(folder, supervisedBy({ token: 'second' }))).toBe(false)
    expect((await readClusterState(folder.dir))?.supervisor.token).toBe('first')
  })

  test('is removed by whoever wrote it only', async () => {
    createClusterState(folder, stateOf())
    await removeClusterState(folder, 'second')
    expect(await readClusterState(folder.dir)).toBeDefined()
    await removeClusterState(folder, 'first')
    expect(await readClusterState(folder.dir)).toBeUndefined()
  })

  test.each(['{', '{"version":2}'])('that is not understood says so: %s', async (text) => {
    writeFileSync(folder.stateFile, text)
    await expect(readClusterState(folder.dir)).rejects.toThrow(/state\.json is no state of a cluster/)
  })
})

describe('a supervisor', () => {
  test('that runs is known by its number and its mark', async () => {
    createClusterState(folder, supervisedBy({ mark: await markOf(process.pid) }))
    expect((await findCluster(folder.dir))?.supervised).toBe(true)
    expect((await findRunningCluster(folder.dir))?.httpUrl).toBe('http://127.0.0.1:9001')
  })

  test('is not taken for another process that has its number now', async () => {
    createClusterState(folder, supervisedBy({ mark: 'of another time' }))
    expect((await findCluster(folder.dir))?.supervised).toBe(false)
    expect(await findRunningCluster(folder.dir)).toBeUndefined()
  })

  test('that was killed is gone', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const { pid = 0 } = child
    const mark = await eventually(() => markOf(pid))
    expect(await isRunning({ pid, mark })).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(await isRunning({ pid, mark })).toBe(false)
    expect(await markOf(pid)).toBeUndefined()
  })

  test('two processes have two marks', async () => {
    expect(await markOf(process.pid)).not.toBe(await markOf(process.ppid))
  })
})
