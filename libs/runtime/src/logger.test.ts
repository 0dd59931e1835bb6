import { HydraError } from '@hydra/protocol'
import { describe, expect, test } from 'vitest'
import { createLogger, silentLogger, type LogLevel } from './logger.ts'

const recording = (level: LogLevel) => {
  const lines: string[] = []
  const log = createLogger({ level, fields: { service: 'gate' }, write: (line) => lines.push(line) })
  return { log, entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

describe('createLogger', () => {
  test('writes one JSON line with level name, ISO time, own fields and message', () => {
    const { log, entries } = recording('info')
    log.info({ uid: 'u1' }, 'logged in')
    expect(entries()).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        service: 'gate',
        uid: 'u1',
        msg: 'logged in',
      },
    ])
  })

  test('leaves out what is below its level', () => {
    const { log, entries } = recording('warn')
    log.debug({}, 'a')
    log.info({}, 'b')
    log.warn({}, 'c')
    log.error({}, 'd')
    expect(entries().map(({ msg }) => msg)).toEqual(['c', 'd'])
  })

  test('adds the fields of a child', () => {
    const { log, entries } = recording('debug')
    log.child({ sessionId: 's1' }).debug({}, 'opened')
    expect(entries()[0]).toMatchObject({ service: 'gate', sessionId: 's1' })
  })

  test('writes an error with its code and its causes', () => {
    const { log, entries } = recording('error')
    const err = new HydraError('STORAGE_UNAVAILABLE', 'The database is away.', {
      cause: new Error('ECONNREFUSED'),
    })
    log.error({ err }, 'failed')
    expect(entries()[0]).toMatchObject({
      err: { code: 'STORAGE_UNAVAILABLE', cause: { message: 'ECONNREFUSED' }, stack: expect.any(String) },
    })
  })

  test('never writes tokens and passwords', () => {
    const { log, entries } = recording('info')
    log.info({ token: 'secret-1', body: { password: 'secret-2', token: 'secret-3' } }, 'login')
    expect(JSON.stringify(entries())).not.toContain('secret-')
  })
})

test('silentLogger writes nothing', () => {
  expect(() => silentLogger.error({}, 'unseen')).not.toThrow()
})
