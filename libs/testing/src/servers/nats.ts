import { basename } from 'node:path'
import { TestServerError } from '../test-server-error.ts'
import { ask } from './ask.ts'
import { requireBinary } from './find-binary.ts'
import type { Launch, LaunchOptions, ServerDefinition } from './test-server.ts'

/** nats-server, core messaging only: it keeps nothing, so there is nothing to make durable. */
export const nats: ServerDefinition = natsServer(1, () => [])

/**
 * A nats-server that forms a cluster with those that were launched before it with the same array of addresses, to which
 * it adds its own.
 */
export const natsMember = (routes: string[]): ServerDefinition =>
  natsServer(2, ([clusterPort = 0]) => {
    const own = `nats://127.0.0.1:${clusterPort}`
    const others = routes.filter((route) => route !== own)
    routes.push(own)
    return [`--cluster_name=test`, `--cluster=${own}`, ...(others.length > 0 ? [`--routes=${others}`] : [])]
  })

function natsServer(
  ports: number,
  furtherArgs: (otherPorts: readonly number[]) => readonly string[],
): ServerDefinition {
  return { kind: 'nats', ports, launch: (options) => launch(options, furtherArgs(options.otherPorts)) }
}

function launch({ dir, port }: LaunchOptions, furtherArgs: readonly string[]): Launch {
  const name = `${basename(dir)}-${port}`
  return {
    command: requireBinary('nats-server'),
    args: ['-a', '127.0.0.1', '-p', String(port), '--name', name, ...furtherArgs],
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
}
