import { once } from 'node:events'
import { createServer } from 'node:http'

/** An endpoint that takes whatever it is sent. */
export interface SpanSink {
  readonly endpoint: string
  /** Received so far. */
  readonly bytes: () => number
  close(): Promise<void>
}

/** Counts what it receives without looking at it, so that it takes little of the machine from what is measured. */
export async function openSpanSink(): Promise<SpanSink> {
  let bytes = 0
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => (bytes += chunk.length))
    request.once('end', () => response.writeHead(200).end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The sink listens on no port.')
  return {
    endpoint: `http://127.0.0.1:${address.port}/v1/traces`,
    bytes: () => bytes,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
