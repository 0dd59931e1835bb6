import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@hydra/testing'
import { createLogger, createMetrics, ManualClock } from '@hydra/runtime'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createChatMetrics } from '../chat-metrics.ts'
import { ReloadableWords } from './reloadable-words.ts'

const reloadMs = 1_000
let folder: string
let file: string
let clock: ManualClock
let lines: string[]
let metrics: ReturnType<typeof createMetrics>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydra-words-'))
  file = join(folder, 'words.txt')
  clock = new ManualClock()
  lines = []
  metrics = createMetrics({ service: 'chat' })
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const reading = (of = file) =>
  new ReloadableWords({
    file: of,
    reloadMs,
    clock,
    log: createLogger({ level: 'error', write: (line) => lines.push(line) }),
    metrics: createChatMetrics(metrics),
  })

/** As editors and deployments do it: never half a file. */
async function replace(content: string | Uint8Array): Promise<void> {
  await writeFile(`${file}.new`, content)
  await rename(`${file}.new`, file)
}

/** Lets the time for a look come, and waits for it. */
async function nextLook(words: ReloadableWords): Promise<void> {
  await eventually(() => clock.pendingTimers === 1)
  clock.advance(reloadMs)
  await words.look()
}

const metric = async (name: string) =>
  Number(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'm').exec(await metrics.expose())?.[1])

test('a changed file takes the place of the former list at the next look', async () => {
  await replace('foo\n')
  const words = reading()
  await words.start()
  expect([words.clean('foo bar'), words.isClean('bar')]).toEqual(['*** bar', true])
  expect(await metric('hydra_chat_words')).toBe(1)
  await nextLook(words)
  await replace('bar\nbaz\n')
  expect(words.clean('foo bar')).toBe('*** bar')
  await nextLook(words)
  expect([words.clean('foo bar'), words.isClean('bar')]).toEqual(['foo ***', false])
  expect(await metric('hydra_chat_words')).toBe(2)
  await words.stop()
  expect(clock.pendingTimers).toBe(0)
})

test('a broken or lost list is logged and counted once, and the former one stays until there is a good one', async () => {
  await replace('foo\n')
  const words = reading()
  await words.start()
  await replace(`foo\nbar\n${'x'.repeat(100)}\n`)
  await nextLook(words)
  await nextLook(words)
  expect(words.clean('foo bar')).toBe('*** bar')
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ file, line: 3, msg: 'the word list cannot be used; the former one stays' }),
  ])
  await rm(file)
  await nextLook(words)
  await nextLook(words)
  expect(words.clean('foo bar')).toBe('*** bar')
  expect(lines).toHaveLength(2)
  expect(lines[1]).toContain('it does not exist')
  expect(await metric('hydra_chat_word_reload_failures_total')).toBe(2)
  await replace('bar\n')
  await nextLook(words)
  expect(words.clean('foo bar')).toBe('foo ***')
  await words.stop()
})

test.each([
  ['is not there', undefined, 'words.txt: expected a readable file, but it does not exist'],
  ['is no list', 'ok\n**\n', 'words.txt, line 2: expected a word with something that can be found'],
])('a file that %s refuses the start', async (_what, content, message) => {
  if (content !== undefined) await replace(content)
  const words = reading()
  await expect(words.start()).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(message),
  })
  expect(clock.pendingTimers).toBe(0)
})

test('without a file nothing is filtered, and nothing is looked at', async () => {
  const words = reading('')
  await words.start()
  expect([words.clean('foo'), words.isClean('foo')]).toEqual(['foo', true])
  expect([await metric('hydra_chat_words'), clock.pendingTimers]).toEqual([0, 0])
  await words.stop()
})

test('stopping waits for the look under way, and sets no timer any more', async () => {
  await replace('foo\n')
  const words = reading()
  await words.start()
  await replace('bar\n')
  clock.advance(reloadMs)
  await words.stop()
  expect(words.clean('foo bar')).toBe('foo ***')
  await words.look()
  expect(clock.pendingTimers).toBe(0)
})
