import { execFile } from 'node:child_process'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger } from '../logger.ts'
import { ManualClock } from '../manual-clock.ts'
import { createMetrics } from '../metrics.ts'
import { BufferedLines, type LineFile } from './buffered-lines.ts'
import { createEventLog, eventLogConfigSchema, type EventLog, type EventLogConfig } from './event-log.ts'

let folder = ''
let directory = ''
const opened: EventLog[] = []
let clock = new ManualClock()
let metrics = createMetrics({ service: 'game' })
let warnings: Record<string, unknown>[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hydra-events-'))
  directory = join(folder, 'made', 'events')
  clock = new ManualClock()
  metrics = createMetrics({ service: 'game' })
  warnings = []
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((eventLog) => eventLog.close()))
  await rm(folder, { recursive: true, force: true })
})

const log = createLogger({ level: 'warn', write: (line) => warnings.push(JSON.parse(line)) })
const configOf = (change: Partial<EventLogConfig> = {}) =>
  eventLogConfigSchema.parse({ directory, ...change })
const openLog = (change: Partial<EventLogConfig> = {}): EventLog => {
  const eventLog = createEventLog({
    config: configOf(change),
    service: 'game',
    server: 's1',
    clock,
    log,
    metrics,
  })
  opened.push(eventLog)
  return eventLog
}
const current = () => join(directory, 'game-events.jsonl')
const former = async () =>
  (await readdir(directory)).filter((name) => name.startsWith('game-events-')).toSorted()
const recordsIn = async (path: string) =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
const allNumbers = async () => {
  const files = [...(await former()).map((name) => join(directory, name)), current()]
  return (await Promise.all(files.map(recordsIn))).flat().map(({ n }) => n)
}
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)
const dropped = async (reason: string): Promise<number> => {
  const [, count = '0'] =
    new RegExp(`^hydra_event_log_dropped_total{.*reason="${reason}".*} (\\d+)$`, 'm').exec(
      await metrics.expose(),
    ) ?? []
  return Number(count)
}
/** Real files have no event to wait for. */
const eventually = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('an event log', () => {
  it('writes one JSON object for each record, and all of them by the time it is closed', async () => {
    const eventLog = openLog()
    expect(eventLog.isOn).toBe(true)
    eventLog.record('login', { uid: 'u1', name: 'a "b"\nc' })
    clock.advance(5)
    eventLog.record('logout', { uid: 'u1' })
    await eventLog.close()
    expect(await recordsIn(current())).toEqual([
      { at: '2026-01-01T00:00:00.000Z', type: 'login', server: 's1', uid: 'u1', name: 'a "b"\nc' },
      { at: '2026-01-01T00:00:00.005Z', type: 'logout', server: 's1', uid: 'u1' },
    ])
    expect(await metrics.expose()).toMatch(/hydra_event_log_records_total{.*type="login".*} 1/)
    expect(warnings).toEqual([])
  })

  it('does nothing when no directory is named', async () => {
    const eventLog = openLog({ directory: '' })
    eventLog.record('login', { uid: 'u1' })
    await eventLog.close()
    expect([eventLog.isOn, existsSync(join(folder, 'made'))]).toEqual([false, false])
  })

  it('goes on in the file that the process before has left, after the half line with which that ended', async () => {
    const first = openLog()
    first.record('tick', { n: 0 })
    await first.close()
    await writeFile(current(), '{"at":"2026', { flag: 'a' })
    const second = openLog()
    second.record('tick', { n: 1 })
    await second.close()
    const lines = (await readFile(current(), 'utf8')).trimEnd().split('\n')
    expect(lines).toHaveLength(3)
    expect(JSON.parse(lines[2] ?? '')).toMatchObject({ n: 1 })
  })

  it('begins another file when one is full, and deletes the oldest beyond its limit', async () => {
    const eventLog = openLog({ maxFileBytes: 1_024, maxFiles: 3 })
    for (const n of numbers(0, 100)) {
      eventLog.record('tick', { n, filler: 'x'.repeat(100) })
      // Each by itself, so that files end near their size.
      await eventually(async () =>
        (await metrics.expose()).includes('hydra_event_log_buffered_bytes{service="game"} 0'),
      )
    }
    await eventLog.close()
    expect(await former()).toHaveLength(2)
    const kept = await allNumbers()
    expect(kept).toEqual(numbers(100 - kept.length, 100))
    for (const name of await former()) {
      expect((await readFile(join(directory, name))).length).toBeLessThan(1_024 + 200)
    }
  })

  it('loses nothing of many records that come at once', async () => {
    const eventLog = openLog({
      maxFileBytes: 65_536,
      maxFiles: 1_000,
      bufferMaxBytes: 8_000_000,
      closeMs: 60_000,
    })
    for (const n of numbers(0, 20_000)) eventLog.record('tick', { n, filler: 'x'.repeat(100) })
    await eventLog.close()
    expect(await allNumbers()).toEqual(numbers(0, 20_000))
    expect((await former()).length).toBeGreaterThan(20)
  })

  it('does not go on in a file of another day', async () => {
    await mkdir(directory, { recursive: true })
    await writeFile(current(), '{"n":0}\n')
    const yesterday = new Date(Date.now() - 86_400_000)
    await utimes(current(), yesterday, yesterday)
    const eventLog = openLog()
    eventLog.record('tick', { n: 1 })
    await eventLog.close()
    expect((await recordsIn(current())).map(({ n }) => n)).toEqual([1])
    const [name = ''] = await former()
    expect(name).toBe('game-events-20260101T000000000Z-000001.jsonl')
    expect(await recordsIn(join(directory, name))).toEqual([{ n: 0 }])
  })

  it('begins a new file when its own was deleted or moved away', async () => {
    const eventLog = openLog()
    const write = async (n: number) => {
      // From the second look on, it is known which file was opened.
      clock.advance(5_000)
      eventLog.record('tick', { n })
      await eventually(
        async () => existsSync(current()) && (await recordsIn(current())).some((record) => record['n'] === n),
      )
    }
    for (const n of [0, 1, 2]) await write(n)
    await rename(current(), join(folder, 'kept.jsonl'))
    await write(3)
    expect((await recordsIn(join(folder, 'kept.jsonl'))).map(({ n }) => n)).toEqual([0, 1, 2])
    await rm(directory, { recursive: true })
    await write(4)
    await eventLog.close()
    expect((await recordsIn(current())).map(({ n }) => n)).toEqual([4])
    expect(warnings).toEqual([])
  })

  it('drops, counts and warns while its directory cannot be made, and writes again when it can', async () => {
    await writeFile(join(folder, 'made'), 'a file where a folder should be')
    const eventLog = openLog()
    eventLog.record('tick', { n: 0 })
    await eventually(async () => (await dropped('failed')) === 1)
    eventLog.record('tick', { n: 1 })
    expect(warnings).toEqual([
      expect.objectContaining({
        reason: 'failed',
        count: 1,
        err: expect.objectContaining({ code: 'ENOTDIR' }),
      }),
    ])
    await rm(join(folder, 'made'))
    clock.advance(250)
    await eventually(() => existsSync(current()))
    await eventLog.close()
    expect((await recordsIn(current())).map(({ n }) => n)).toEqual([1])
  })

  it('drops what is no JSON and what comes after its end', async () => {
    const eventLog = openLog()
    eventLog.record('tick', { n: 1n })
    eventLog.record('tick', { n: 2 })
    await eventLog.close()
    eventLog.record('tick', { n: 3 })
    expect([await dropped('unwritable'), await dropped('closed')]).toEqual([1, 1])
    expect((await recordsIn(current())).map(({ n }) => n)).toEqual([2])
  })
})

/** A file to which a stream of Node.js writes, for disks that a test cannot spoil by itself. */
function streamFile(path: string): LineFile {
  const stream = createWriteStream(path, { flags: 'a' })
  stream.on('error', () => {})
  return {
    append: (lines) =>
      new Promise((resolve, reject) => stream.write(lines, (error) => (error ? reject(error) : resolve()))),
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  }
}

describe('the lines of an event log', () => {
  const linesTo = (file: LineFile, change: Partial<EventLogConfig> = {}) =>
    new BufferedLines({ file, config: configOf(change), clock, log, metrics })

  it('are dropped and counted while the disk is full, and so are those that wait at the end', async () => {
    const lines = linesTo(streamFile('/dev/full'))
    lines.add(() => 'first')
    await eventually(async () => (await dropped('failed')) === 1)
    expect(warnings).toEqual([expect.objectContaining({ err: expect.objectContaining({ code: 'ENOSPC' }) })])
    lines.add(() => 'second')
    lines.add(() => 'third')
    await lines.close()
    expect(await dropped('failed')).toBe(3)
  })

  it('wait within their bound for a disk that is slow, in order, and what is beyond is dropped', async () => {
    const pipe = join(folder, 'pipe')
    await promisify(execFile)('mkfifo', [pipe])
    // Nobody reads it yet: opening it for writing takes until somebody does.
    const lines = linesTo(streamFile(pipe), { bufferMaxBytes: 1_024 })
    for (const n of numbers(0, 1_000)) lines.add(() => String(n).padStart(63, '0'))
    expect(await dropped('full')).toBe(1_000 - 16)
    expect(warnings).toHaveLength(1)
    const read = text(createReadStream(pipe))
    await lines.close()
    expect((await read).trimEnd().split('\n').map(Number)).toEqual(numbers(0, 16))
    expect(await metrics.expose()).toContain('hydra_event_log_buffered_bytes{service="game"} 0')
  })

  it('are given up, counted and told of when the disk does not take them within the time for closing', async () => {
    const pipe = join(folder, 'pipe')
    await promisify(execFile)('mkfifo', [pipe])
    const lines = linesTo(streamFile(pipe), { closeMs: 100 })
    lines.add(() => 'being written')
    lines.add(() => 'waiting')
    const closed = lines.close()
    clock.advance(100)
    await closed
    expect(await dropped('closed')).toBe(1)
    // Ends the write, so that nothing is left behind.
    await text(createReadStream(pipe))
  })
})
