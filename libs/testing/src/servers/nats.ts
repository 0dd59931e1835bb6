import { basename } from 'node:path'
import { TestServerError } from '../test-server-error.ts'
import { ask } from './ask.ts'
import { requireBinary } from './find-binary.ts'
import type { ServerDefinition } from './test-server.ts'

/** nats-server, core messaging only: it keeps nothing, so there is nothing to make durable. */
export const nats: ServerDefinition = {
  kind: 'nats',
  ports: 1,
  launch: ({ dir, port }) => {
    const name = `${basename(dir)}-${port}`
    return {
      command: requireBinary('nats-server'),
      args: ['-a', '127.0.0.1', '-p', String(port), '--name', name],
      url: `nats://127.0.0.1:${port}`,
      checkReady: async () => {
        // The server speaks first: `INFO {"server_id":…,"server_name":…}`.
        const answered = await ask({ host: '127.0.0.1', port }, '', (answer) => {
          const text = answer.toString('utf8')
          return text.includes('\r\n') ? (/^INFO .*"server_name":"([^"]*)"/.exec(text)?.[1] ?? '') : undefined
        })
        if (answered !== name) {
          throw new TestServerError('START_FAILED', `Another NATS server answers on port ${port}.`)
        }
      },
    }
  },
}
