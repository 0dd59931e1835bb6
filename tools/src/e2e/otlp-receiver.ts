import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { readSpans, type ReceivedSpan } from './otlp-spans.ts'

/** A collector of traces that keeps what it is sent. */
export interface OtlpReceiver {
  /** For `[tracing] endpoint`. */
  readonly endpoint: string
  readonly spans: readonly ReceivedSpan[]
  /** Headers of each request, in order. */
  readonly requests: readonly IncomingHttpHeaders[]
  close(): Promise<void>
}

/**
 * Receives OTLP over HTTP (protobuf) on a free port of this machine.
 *
 * @example const receiver = await startOtlpReceiver(); … receiver.spans.filter(({ name }) => name === 'game.role.rename')
 */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const requests: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    void receive(request, response)
  })
  const receive = async (request: IncomingMessage, response: ServerResponse) => {
    spans.push(...readSpans(await bodyOf(request)))
    requests.push(request.headers)
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The receiver listens on no port.')
  return {
    endpoint: `http://127.0.0.1:${address.port}/v1/traces`,
    spans,
    requests,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
}
