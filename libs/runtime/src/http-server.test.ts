import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { ManualClock } from './manual-clock.ts'
import { startHttpServer } from './http-server.ts'

/** An application with one path that answers when told. */
function slowApp() {
  let onAsked = (): void => {}
  let answer = (_text: string): void => {}
  const asked = new Promise<void>((resolve) => (onAsked = resolve))
  const answered = new Promise<string>((resolve) => (answer = resolve))
  const app = new Hono().get('/slow', async (context) => {
    onAsked()
    return context.text(await answered)
  })
  return { app, asked, answer }
}

describe('startHttpServer', () => {
  test('waits for the answers under way when it closes', async () => {
    const { app, asked, answer } = slowApp()
    const server = await startHttpServer({ app, host: '127.0.0.1', port: 0, clock: new ManualClock() })
    const response = fetch(`http://127.0.0.1:${server.address.port}/slow`)
    await asked
    const closed = server.close()
    answer('done')
    expect((await response).headers.get('connection')).toBe('close')
    expect(await (await response).text()).toBe('done')
    await closed
  })

  test('cuts the answers that take longer than closing may', async () => {
    const { app, asked } = slowApp()
    const clock = new ManualClock()
    const server = await startHttpServer({ app, host: '127.0.0.1', port: 0, clock, closeTimeoutMs: 100 })
    const response = fetch(`http://127.0.0.1:${server.address.port}/slow`).then(
      () => 'answered',
      () => 'cut',
    )
    await asked
    const closed = server.close()
    clock.advance(100)
    await closed
    expect(await response).toBe('cut')
  })
})
