import { basename, join } from 'node:path'
import { TestServerError } from '../test-server-error.ts'
import { requireBinary } from './find-binary.ts'
import { toFlags } from './flags.ts'
import type { ServerDefinition } from './test-server.ts'

const answerTimeoutMs = 1_000

/** A cluster of one etcd. Durable: with fsync. Short raft intervals bring its start from 900 ms down to 60 ms. */
export const etcd: ServerDefinition = {
  kind: 'etcd',
  ports: 2,
  launch: ({ dir, port, otherPorts: [peerPort = 0], durable }) => {
    const url = `http://127.0.0.1:${port}`
    const peerUrl = `http://127.0.0.1:${peerPort}`
    const name = `${basename(dir)}-${port}`
    return {
      command: requireBinary('etcd'),
      args: toFlags({
        name,
        'data-dir': join(dir, 'data'),
        'listen-client-urls': url,
        'advertise-client-urls': url,
        'listen-peer-urls': peerUrl,
        'initial-advertise-peer-urls': peerUrl,
        'initial-cluster': `${name}=${peerUrl}`,
        'heartbeat-interval': 10,
        'election-timeout': 50,
        logger: 'zap',
        'log-level': 'error',
        ...(durable ? {} : { 'unsafe-no-fsync': true }),
      }),
      // etcd 3.4 starts on arm64 only when told that this is meant.
      ...(process.arch === 'arm64' ? { env: { ETCD_UNSUPPORTED_ARCH: 'arm64' } } : {}),
      url,
      checkReady: async () => {
        const health = await fetchJson(`${url}/health`)
        if (!health.includes('"true"')) throw new Error(health)
        const members = await fetchJson(`${url}/v3/cluster/member/list`, '{}')
        if (!members.includes(`"${name}"`)) {
          throw new TestServerError('START_FAILED', `Another etcd answers on port ${port}.`)
        }
      },
    }
  },
}

const fetchJson = async (url: string, body?: string): Promise<string> => {
  const response = await fetch(url, {
    signal: AbortSignal.timeout(answerTimeoutMs),
    ...(body === undefined ? {} : { method: 'POST', body }),
  })
  return response.text()
}
