import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { TestServerError } from '../test-server-error.ts'

// Below the range from which the kernel takes the local ports of outgoing connections (32768 by default on Linux).
// Inside it a client that tries to reach a killed server may be given that very port and connect to itself.
const lowestPort = 20_000
const highestPort = 32_000
const attemptsMax = 200

/**
 * Ports of 127.0.0.1 on which nothing listens, all different. They are free at the time of the look only: whoever
 * listens on one later must be ready to be refused and try others.
 *
 * @throws TestServerError `START_FAILED` when 200 tries found too few
 * @example const [port] = await freePorts(1)
 */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const held: Server[] = []
  try {
    const ports: number[] = []
    for (let attempt = 0; attempt < attemptsMax && ports.length < count; attempt++) {
      const port = randomInt(lowestPort, highestPort)
      const server = await listen(port)
      if (server === undefined) continue
      held.push(server)
      ports.push(port)
    }
    if (ports.length === count) return ports
    throw new TestServerError(
      'START_FAILED',
      `No free port of 127.0.0.1 between ${lowestPort} and ${highestPort}.`,
    )
  } finally {
    await Promise.all(held.map(async (server) => once(server.close(), 'close')))
  }
}

/** Whether nothing listens on this port of 127.0.0.1. */
export const isPortFree = async (port: number): Promise<boolean> => {
  const server = await listen(port)
  if (server === undefined) return false
  await once(server.close(), 'close')
  return true
}

const listen = (port: number): Promise<Server | undefined> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => resolve(server))
  })
