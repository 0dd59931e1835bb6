import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { freePorts, isPortFree } from './free-ports.ts'

describe('free ports', () => {
  test('are different, free, and outside the range of outgoing connections', async () => {
    const ports = await freePorts(20)
    expect(new Set(ports).size).toBe(20)
    for (const port of ports) {
      expect(port).toBeLessThan(32_768)
      expect(await isPortFree(port)).toBe(true)
    }
  })

  test('a port that is listened on is not free', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    // A TCP server's address is never the string form, which is for pipes.
    const { port } = server.address() as AddressInfo
    expect(await isPortFree(port)).toBe(false)
    server.close()
    await once(server, 'close')
    expect(await isPortFree(port)).toBe(true)
  })
})
