import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'

/** An OTLP endpoint that does not look into what it is sent. */
export interface Collector {
  readonly endpoint: string
  readonly requests: readonly { readonly headers: IncomingHttpHeaders; readonly body: Buffer }[]
  close(): Promise<void>
}

/** Listens on a free port. `answer`: the status of each answer; `hang`: there is none. */
export async function startCollector(answer: number | 'hang' = 200): Promise<Collector> {
  const requests: { headers: IncomingHttpHeaders; body: Buffer }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.once('end', () => {
      requests.push({ headers: request.headers, body: Buffer.concat(chunks) })
      if (answer !== 'hang') response.writeHead(answer).end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The collector listens on no port.')
  return {
    endpoint: `http://127.0.0.1:${address.port}/v1/traces`,
    requests,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
