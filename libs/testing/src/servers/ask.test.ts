import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { ask } from './ask.ts'

describe('ask', () => {
  const cleanups: (() => void)[] = []
  afterEach(() => {
    for (const cleanup of cleanups.splice(0)) cleanup()
  })

  const serve = async (onConnection: (socket: Socket) => void): Promise<{ host: string; port: number }> => {
    const server = createServer(onConnection).listen(0, '127.0.0.1')
    cleanups.push(() => server.close())
    await once(server, 'listening')
    return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  }
  const whole = (answer: Buffer): string | undefined =>
    answer.includes('\n') ? answer.toString().trim() : undefined

  test('puts an answer together that comes in pieces', async () => {
    const target = await serve((socket) => {
      socket.once('data', (question) => {
        socket.write(`you said ${question.toString()}`)
        setImmediate(() => socket.write(', yes?\n'))
      })
    })
    expect(await ask(target, 'hello', whole)).toBe('you said hello, yes?')
  })

  test('rejects when the other side hangs up before the answer is whole', async () => {
    const target = await serve((socket) => socket.end('half'))
    await expect(ask(target, '', whole)).rejects.toThrow('ended before the answer')
  })

  test('rejects with what the parser threw', async () => {
    const target = await serve((socket) => socket.write('-ERR\r\n'))
    const parse = (answer: Buffer): never => {
      throw new Error(`refused: ${answer.toString().trim()}`)
    }
    await expect(ask(target, '', parse)).rejects.toThrow('refused: -ERR')
  })

  test('does not collect without end', async () => {
    const target = await serve((socket) => {
      socket.on('error', () => undefined)
      socket.write('x'.repeat(100_000))
    })
    await expect(ask(target, '', whole)).rejects.toThrow('without end')
  })

  test('rejects when nobody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    await expect(ask({ host: '127.0.0.1', port }, '', whole)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})
