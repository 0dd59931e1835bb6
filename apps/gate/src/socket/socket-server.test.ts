import { silentLogger, type Logger } from '@hydra/runtime'
import { describe, expect, it } from 'vitest'
import { openSocketServer } from './open-socket-server.ts'
import { TcpClient, WsClient } from './socket-client.fixture.ts'
import { describeSocketServer } from './socket-server.contract.ts'
import { openTcpServer } from './tcp-server.ts'
import { openUwsServer } from './uws-server.ts'
import { openWsServer } from './ws-server.ts'

describeSocketServer('uWebSockets.js', openUwsServer, (port) => new WsClient(port))
describeSocketServer('ws', openWsServer, (port) => new WsClient(port))
describeSocketServer('TCP', openTcpServer, (port) => new TcpClient(port))

describe('openSocketServer', () => {
  const options = {
    host: '127.0.0.1',
    port: 0,
    maxMessageBytes: 1024,
    maxBackpressureBytes: 1024,
    accept: () => undefined,
  }

  it('opens what it is asked for', async () => {
    for (const transport of ['uws', 'ws'] as const) {
      const server = await openSocketServer(transport, options, silentLogger)
      expect(server.transport).toBe(transport)
      await server.close()
    }
  })

  it('takes the native transport where it loads, else ws with a warning', async () => {
    const warnings: string[] = []
    const log: Logger = { ...silentLogger, warn: (_fields, message) => void warnings.push(message) }
    const native = await openSocketServer('auto', options, log)
    expect([native.transport, warnings]).toEqual(['uws', []])
    await native.close()

    const cannotLoad = () => Promise.reject(new Error('no binary for this platform'))
    const fallback = await openSocketServer('auto', options, log, { uws: cannotLoad, ws: openWsServer })
    expect([fallback.transport, warnings.length]).toEqual(['ws', 1])
    await fallback.close()
  })

  it('does not hide a port in use behind the fallback', async () => {
    const first = await openSocketServer('auto', options, silentLogger)
    const second = openSocketServer('auto', { ...options, port: first.address.port }, silentLogger)
    await expect(second).rejects.toThrow('in use')
    await first.close()
  })
})
