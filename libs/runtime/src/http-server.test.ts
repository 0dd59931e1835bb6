import { connect } from 'node:net'
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

/** Connects; resolves with what the server has sent when it has closed the connection. */
function dropped(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  socket.on('error', () => {})
  return new Promise((resolve) => socket.once('close', () => resolve(text)))
}

describe('startHttpServer', () => {
  test('lets go who connects and says nothing', async () => {
    const server = await startHttpServer({
      app: slowApp().app,
      host: '127.0.0.1',
      port: 0,
      clock: new ManualClock(),
      requestTimeoutMs: 100,
    })
    expect(await dropped(server.address.port)).toContain('408 Request Timeout')
    await server.close()
  })

  test('drops more connections of one address than it may have, and takes new ones when some have gone', async () => {
    let address = 'a'
    const { app, asked, answer } = slowApp()
    const server = await startHttpServer({
      app,
      host: '127.0.0.1',
      port: 0,
      clock: new ManualClock(),
      connectionsPerAddressMax: 1,
      addressOf: () => (address === '' ? undefined : address),
    })
    const { port } = server.address
    const first = fetch(`http://127.0.0.1:${port}/slow`, { headers: { connection: 'close' } })
    await asked
    expect(await dropped(port)).toBe('')
    for (const other of ['b', '']) {
      address = other
      expect(
        (await fetch(`http://127.0.0.1:${port}/none`, { headers: { connection: 'close' } })).status,
      ).toBe(404)
    }
    answer('done')
    expect(await (await first).text()).toBe('done')
    address = 'a'
    const again = () => fetch(`http://127.0.0.1:${port}/none`).then(({ status }) => status)
    await expect.poll(() => again().catch(() => 'dropped')).toBe(404)
    await server.close()
  })

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
