import { once } from 'node:events'
import { createServer } from 'node:net'
import { freePorts } from '@hydra/testing'
import { describe, expect, test } from 'vitest'
import { PortBook } from './port-book.ts'

describe('ports', () => {
  test('are those after the first, and nobody gets one that was given out', async () => {
    const [first = 0] = await freePorts(1)
    const book = new PortBook()
    const ports = await Promise.all([book.take(first), book.take(first), book.take(first)])
    expect(new Set(ports).size).toBe(3)
    expect(ports).toContain(first)
    expect(Math.max(...ports)).toBeLessThan(first + 20)
    book.giveBack([first])
    expect(await book.take(first)).toBe(first)
  })

  test('are not those on which somebody listens', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { readonly port: number }
    expect(await new PortBook().take(port)).not.toBe(port)
    server.close()
  })

  test("are the own one where it is free, else others that are nobody's own", async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port: busy } = server.address() as { readonly port: number }
    const [own = 0, next = 0] = await freePorts(2)
    const book = new PortBook()
    expect(await book.takeOwn(own, next)).toBe(own)
    expect(await book.takeOwn(own, next)).toBe(next)
    expect(await book.takeOwn(busy, next)).not.toBe(busy)
    server.close()
  })

  test('are any when all near ones are taken', async () => {
    const book = new PortBook()
    const ports = []
    for (let each = 0; each < 22; each++) ports.push(await book.take(65_530))
    expect(new Set(ports).size).toBe(22)
  })
})
