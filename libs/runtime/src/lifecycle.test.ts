import { describe, expect, test } from 'vitest'
import { Lifecycle } from './lifecycle.ts'
import { silentLogger } from './logger.ts'

const recorder = () => {
  const events: string[] = []
  const lifecycle = new Lifecycle(silentLogger)
  const start = (name: string, stop = (): void => {}): Promise<string> =>
    lifecycle.start(
      name,
      () => {
        events.push(`start ${name}`)
        return name
      },
      (part) => {
        events.push(`stop ${part}`)
        stop()
      },
    )
  return { events, lifecycle, start }
}

describe('Lifecycle', () => {
  test('stops in the reverse order of starting, once', async () => {
    const { events, lifecycle, start } = recorder()
    for (const name of ['bus', 'registry', 'socket']) await start(name)
    await Promise.all([lifecycle.stop(), lifecycle.stop()])
    expect(events.slice(3)).toEqual(['stop socket', 'stop registry', 'stop bus'])
  })

  test('stops the rest when one part fails to stop, and then says so', async () => {
    const { events, lifecycle, start } = recorder()
    await start('bus')
    await start('registry', () => {
      throw new Error('lost')
    })
    await expect(lifecycle.stop()).rejects.toThrow(AggregateError)
    expect(events).toContain('stop bus')
  })

  test('stops what was started when a later part fails to start', async () => {
    const { events, lifecycle, start } = recorder()
    await start('bus')
    const failing = lifecycle.start(
      'socket',
      () => Promise.reject(new Error('EADDRINUSE')),
      () => {},
    )
    await expect(failing).rejects.toThrow('EADDRINUSE')
    expect(events).toEqual(['start bus', 'stop bus'])
  })

  test('stops a part that comes up when all is being stopped', async () => {
    const { events, lifecycle } = recorder()
    let comeUp = (): void => {}
    const slow = new Promise<void>((resolve) => (comeUp = resolve))
    const late = lifecycle.start(
      'bus',
      () => slow,
      () => void events.push('stop bus'),
    )
    await lifecycle.stop()
    comeUp()
    await expect(late).rejects.toThrow('"bus" came up too late')
    expect(events).toEqual(['stop bus'])
  })
})
