import { EventEmitter } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { HydraError } from '@hydra/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { logConfigSchema, serviceConfigSchema } from './config-sections.ts'
import { ManualClock } from './manual-clock.ts'
import {
  exitCode,
  runService,
  type ProcessHost,
  type ServiceApp,
  type ServiceContext,
} from './run-service.ts'

const schema = z.strictObject({
  service: serviceConfigSchema.prefault({}),
  log: logConfigSchema.prefault({}),
  game: z.strictObject({ speed: z.number().default(1) }).prefault({}),
})
type Config = z.output<typeof schema>

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hydra-run-'))
  mkdirSync(join(folder, 'data', 'conf'), { recursive: true })
  writeFileSync(
    join(folder, 'data', 'conf', 'gameserver.toml'),
    '[log]\nlevel = "silent"\n[service]\nstopTimeoutMs = 1000',
  )
  writeFileSync(join(folder, 'other.toml'), '[log]\nlevel = "silent"\n[game]\nspeed = 9')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A process whose signals a test sends and whose exit it awaits. */
class RecordedProcess extends EventEmitter implements ProcessHost {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  errors = ''
  readonly codes: number[] = []
  readonly exited: Promise<number>
  #resolve: (code: number) => void = () => {}
  readonly stderr = { write: (text: string) => (this.errors += text) }

  constructor({
    argv = [],
    env = {},
  }: { argv?: readonly string[]; env?: Readonly<Record<string, string>> } = {}) {
    super()
    this.argv = argv
    this.env = env
    this.exited = new Promise((resolve) => (this.#resolve = resolve))
  }

  exit(code: number): void {
    this.codes.push(code)
    this.#resolve(code)
  }
}

const app = (change: Partial<ServiceApp> = {}): ServiceApp => ({
  start: async () => {},
  stop: async () => {},
  ...change,
})
const run = (
  host: RecordedProcess,
  create: (context: ServiceContext<Config>) => ServiceApp | Promise<ServiceApp>,
  clock = new ManualClock(),
) =>
  runService({
    service: 'game',
    schema,
    mainUrl: pathToFileURL(join(folder, 'apps', 'game', 'main.ts')).href,
    create,
    host,
    clock,
  })

describe('runService', () => {
  test('finds the configuration in a folder above, starts, and stops with 0 on SIGTERM', async () => {
    const host = new RecordedProcess()
    const events: string[] = []
    let speed: number | undefined
    await run(host, ({ config }) => {
      speed = config.game.speed
      return app({ start: async () => void events.push('start'), stop: async () => void events.push('stop') })
    })
    expect([speed, events]).toEqual([1, ['start']])
    host.emit('SIGTERM')
    expect(await host.exited).toBe(exitCode.stopped)
    expect(events).toEqual(['start', 'stop'])
  })

  test.each([
    ['--config', (file: string) => ({ argv: ['node', 'main.ts', '--config', file] })],
    ['HYDRA_GAME_CONFIG', (file: string) => ({ env: { HYDRA_GAME_CONFIG: file } })],
  ])('reads the file that %s names', async (_, given) => {
    const host = new RecordedProcess(given(join(folder, 'other.toml')))
    let speed: number | undefined
    await run(host, ({ config }) => {
      speed = config.game.speed
      return app()
    })
    expect(speed).toBe(9)
    host.emit('SIGINT')
    expect(await host.exited).toBe(exitCode.stopped)
  })

  test('exits 78 with one line for a configuration that is missing or wrong', async () => {
    const wrong = new RecordedProcess({ env: { HYDRA_GAME_GAME_SPEED: 'fast' } })
    await run(wrong, () => app())
    expect(wrong.codes).toEqual([exitCode.config])
    expect(wrong.errors).toMatch(
      /^hydra game: .*gameserver\.toml: "game\.speed" is wrong: .*HYDRA_GAME_GAME_SPEED.*\n$/,
    )
    const missing = new RecordedProcess({ argv: ['node', 'main.ts', '--config', 'nowhere.toml'] })
    await run(missing, () => app())
    expect(missing.codes).toEqual([exitCode.config])
    expect(missing.errors).toContain('nowhere.toml')
    for (const argument of ['--confg=here.toml', '--config', '--help', 'here.toml']) {
      const unknown = new RecordedProcess({ argv: ['node', 'main.ts', argument] })
      await run(unknown, () => app())
      expect([argument, unknown.codes]).toEqual([argument, [exitCode.config]])
      expect(unknown.errors).toContain('--config <file>')
    }
  })

  test('exits 78 in production where Node.js has been told to check no certificate', async () => {
    const env = { HYDRA_MODE: 'production', NODE_TLS_REJECT_UNAUTHORIZED: '0' }
    const host = new RecordedProcess({ env })
    await run(host, () => app())
    expect(host.codes).toEqual([exitCode.config])
    expect(host.errors).toContain('NODE_TLS_REJECT_UNAUTHORIZED=0 is refused')
  })

  test('exits 78 when the application finds its configuration wrong', async () => {
    const host = new RecordedProcess()
    await run(host, () => {
      throw new HydraError('CONFIG_INVALID', 'mysqlUrl is no URL')
    })
    expect(await host.exited).toBe(exitCode.config)
    expect(host.errors).toBe('hydra game: mysqlUrl is no URL\n')
  })

  test('exits 69 after stopping what was started when the start fails', async () => {
    const host = new RecordedProcess()
    let stopped = false
    const start = () => Promise.reject(new Error('EADDRINUSE'))
    await run(host, () => app({ start, stop: async () => void (stopped = true) }))
    expect(await host.exited).toBe(exitCode.unavailable)
    expect(stopped).toBe(true)
  })

  test('aborts a start that waits for its backends, stops, and exits 0', async () => {
    const host = new RecordedProcess()
    const events: string[] = []
    let onWaiting = (): void => {}
    const waiting = new Promise<void>((resolve) => (onWaiting = resolve))
    const start = (signal: AbortSignal) =>
      new Promise<void>((_, reject) => {
        onWaiting()
        signal.addEventListener('abort', () => {
          events.push('aborted')
          reject(signal.reason)
        })
      })
    const running = run(host, () => app({ start, stop: async () => void events.push('stop') }))
    await waiting
    host.emit('SIGTERM')
    expect(await host.exited).toBe(exitCode.stopped)
    await running
    expect(events).toEqual(['aborted', 'stop'])
  })

  test('exits 1 when stopping takes longer than it may', async () => {
    const host = new RecordedProcess()
    const clock = new ManualClock()
    await run(host, () => app({ stop: () => new Promise(() => {}) }), clock)
    host.emit('SIGTERM')
    clock.advance(999)
    expect(host.codes).toEqual([])
    clock.advance(1)
    expect(await host.exited).toBe(exitCode.stopFailed)
  })

  test('exits 1 when stopping fails', async () => {
    const host = new RecordedProcess()
    await run(host, () => app({ stop: () => Promise.reject(new Error('not saved')) }))
    host.emit('SIGTERM')
    expect(await host.exited).toBe(exitCode.stopFailed)
  })

  test('exits 1 on a second signal, but not when one signal arrives twice', async () => {
    const host = new RecordedProcess()
    const clock = new ManualClock()
    await run(host, () => app({ stop: () => new Promise(() => {}) }), clock)
    host.emit('SIGINT')
    host.emit('SIGINT')
    expect(host.codes).toEqual([])
    clock.advance(500)
    host.emit('SIGINT')
    expect(await host.exited).toBe(exitCode.stopFailed)
  })

  test("stops with 0 on a parent's message, and on no other", async () => {
    const host = new RecordedProcess()
    await run(host, () => app())
    host.emit('message', { type: 'shutdown' })
    host.emit('message', 'something else')
    await Promise.resolve()
    expect(host.codes).toEqual([])
    host.emit('message', 'shutdown')
    expect(await host.exited).toBe(exitCode.stopped)
  })

  test('stops with 0 when its parent is gone; neither that nor its message is a second demand', async () => {
    const host = new RecordedProcess()
    const clock = new ManualClock()
    let finish = (): void => {}
    const saved = new Promise<void>((resolve) => (finish = resolve))
    await run(host, () => app({ stop: () => saved }), clock)
    host.emit('SIGTERM')
    clock.advance(600)
    host.emit('message', 'shutdown')
    host.emit('disconnect')
    expect(host.codes).toEqual([])
    finish()
    expect(await host.exited).toBe(exitCode.stopped)

    const orphan = new RecordedProcess()
    await run(orphan, () => app())
    orphan.emit('disconnect')
    expect(await orphan.exited).toBe(exitCode.stopped)
  })

  test.each<[string, (host: RecordedProcess) => unknown]>([
    ["its parent's message", (host) => host.emit('message', 'shutdown')],
    ['the end of its parent', (host) => host.emit('disconnect')],
    ['a defect', (host) => host.emit('uncaughtException', new Error('defect'))],
  ])('the first signal after %s is no second demand, the next is', async (_, tell) => {
    const host = new RecordedProcess({ env: { HYDRA_SERVICE_STOP_TIMEOUT_MS: '5000' } })
    const clock = new ManualClock()
    await run(host, () => app({ stop: () => new Promise(() => {}) }), clock)
    tell(host)
    clock.advance(600)
    host.emit('SIGTERM')
    expect(host.codes).toEqual([])
    clock.advance(500)
    host.emit('SIGTERM')
    expect(await host.exited).toBe(exitCode.stopFailed)
  })

  test('makes nothing when its parent was gone before it began', async () => {
    const host = Object.assign(new RecordedProcess(), { send: () => {}, connected: false })
    let created = 0
    await run(host, () => {
      created++
      return app()
    })
    expect(await host.exited).toBe(exitCode.stopped)
    expect(created).toBe(0)
  })

  test.each(['uncaughtException', 'unhandledRejection'])('stops and exits 70 on %s', async (event) => {
    const host = new RecordedProcess()
    let stops = 0
    await run(host, () => app({ stop: async () => void stops++ }))
    host.emit(event, new Error('defect'))
    host.emit(event, new Error('another'))
    expect(await host.exited).toBe(exitCode.software)
    expect([stops, host.codes]).toEqual([1, [exitCode.software]])
  })

  test('exits 70 for a defect that shows while stopping', async () => {
    const host = new RecordedProcess()
    const stop = async () => void host.emit('uncaughtException', new Error('defect'))
    await run(host, () => app({ stop }))
    host.emit('SIGTERM')
    expect(await host.exited).toBe(exitCode.software)
  })
})
