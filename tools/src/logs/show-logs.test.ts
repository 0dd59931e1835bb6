import { appendFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@hydra/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { clusterFolder } from '../cluster/cluster-folder.ts'
import { showLogs, type ShowLogsOptions } from './show-logs.ts'

let dir = ''
let shown: string[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hydra-logs-'))
  shown = []
})
afterEach(() => rmSync(dir, { recursive: true }))

const line = (second: number, level: string, msg: string): string =>
  `${JSON.stringify({ level, time: `2026-11-28T05:51:${String(second).padStart(2, '0')}.000Z`, msg })}\n`
const file = (name: string): string => clusterFolder(dir).logFile(name)
const fill = (): void => {
  mkdirSync(clusterFolder(dir).logsDir)
  writeFileSync(file('gate-1'), line(1, 'info', 'a') + line(3, 'error', 'c') + line(5, 'info', 'e'))
  writeFileSync(file('game-1'), line(2, 'warn', 'b') + line(4, 'info', 'd'))
  writeFileSync(`${file('game-1')}.1`, line(0, 'info', 'before'))
}
const show = (options: Partial<ShowLogsOptions> = {}): Promise<number> =>
  showLogs({
    dir,
    names: [],
    lines: '50',
    follow: false,
    json: true,
    color: false,
    print: (text) => void shown.push(String((JSON.parse(text) as { msg: unknown }).msg)),
    ...options,
  })

describe('logs', () => {
  test('are shown together as they were written, also what was before the file was begun anew', async () => {
    fill()
    expect(await show()).toBe(0)
    expect(shown).toEqual(['before', 'a', 'b', 'c', 'd', 'e'])
  })

  test('the last ones, those of a service, those of a level', async () => {
    fill()
    await show({ lines: '2' })
    await show({ names: ['game'] })
    await show({ level: 'warn', lines: '1' })
    expect(shown).toEqual(['d', 'e', 'before', 'b', 'd', 'c'])
  })

  test('are followed: what is added, files that appear, files that are begun anew', async () => {
    fill()
    const abort = new AbortController()
    const following = show({ lines: '0', follow: true, signal: abort.signal })
    // Both may be before the first look; then they count as the past, which was not asked for.
    await eventually(() => {
      appendFileSync(file('gate-1'), line(6, 'info', 'added'))
      return shown.includes('added')
    })
    writeFileSync(file('chat-1'), line(7, 'info', 'appeared').slice(0, -5))
    appendFileSync(file('chat-1'), line(7, 'info', 'appeared').slice(-5))
    await eventually(() => shown.includes('appeared'))
    truncateSync(file('gate-1'))
    appendFileSync(file('gate-1'), line(8, 'info', 'anew'))
    await eventually(() => shown.includes('anew'))
    abort.abort()
    expect(await following).toBe(0)
    expect(shown.filter((text) => text === 'appeared')).toEqual(['appeared'])
  })

  test('that are not there are told', async () => {
    await expect(show()).rejects.toMatchObject({ exitCode: 69 })
    fill()
    await expect(show({ names: ['gate', 'gat'] })).rejects.toThrow(
      'There is no log of gat. There are: game-1, gate-1.',
    )
    await expect(show({ lines: 'all' })).rejects.toMatchObject({ exitCode: 2 })
    await expect(show({ level: 'loud' })).rejects.toMatchObject({ exitCode: 2 })
  })
})
