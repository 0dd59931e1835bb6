import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rotateLogs } from './log-rotation.ts'

test('a full log is begun anew while its process writes on, and what it had is kept once', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'hydra-logs-'))
  const read = (name: string): string => readFileSync(join(dir, name), 'utf8')
  const log = openSync(join(dir, 'game-1.log'), 'a')
  writeFileSync(join(dir, 'gate-1.log'), 'short')
  for (const text of ['first round', 'second round']) {
    writeSync(log, text)
    await rotateLogs(dir, 8)
  }
  writeSync(log, 'now')
  closeSync(log)
  expect(readdirSync(dir).toSorted()).toEqual(['game-1.log', 'game-1.log.1', 'gate-1.log'])
  expect([read('game-1.log'), read('game-1.log.1'), read('gate-1.log')]).toEqual([
    'now',
    'second round',
    'short',
  ])
  rmSync(dir, { recursive: true })
})
