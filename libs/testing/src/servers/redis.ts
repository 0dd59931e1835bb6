import { TestServerError } from '../test-server-error.ts'
import { ask } from './ask.ts'
import { requireBinary } from './find-binary.ts'
import type { ServerDefinition } from './test-server.ts'

/** redis-server. Durable: append-only file, synced before each answer or once a second. */
export const redis: ServerDefinition = {
  kind: 'redis',
  ports: 1,
  launch: ({ dir, port, durable, appendFsync }) => ({
    command: requireBinary('redis-server'),
    // Redis takes its values as separate words.
    args: `--port ${port} --bind 127.0.0.1 --appendonly ${durable ? `yes --appendfsync ${appendFsync}` : 'no'}`
      .split(' ')
      .concat('--dir', dir, '--save', ''),
    url: `redis://127.0.0.1:${port}`,
    checkReady: async (pid) => {
      // PING fails while data are loaded; INFO tells whether the one who answers is the process that was started.
      const answered = await ask({ host: '127.0.0.1', port }, 'PING\r\nINFO server\r\n', (answer) => {
        const text = answer.toString('latin1')
        if (text.startsWith('-')) throw new Error(text)
        return /\nprocess_id:(\d+)\r\n/.exec(text)?.[1]
      })
      if (Number(answered) !== pid) throw portTaken(port)
    },
  }),
}

const portTaken = (port: number): TestServerError =>
  new TestServerError('START_FAILED', `Another Redis answers on port ${port}.`)
