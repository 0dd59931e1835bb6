import { once } from 'node:events'
import { connect } from 'node:net'
import { urlVariables, type Environment, type ServerKind } from '@hydra/testing'

const defaultPorts: Readonly<Record<ServerKind, number>> = {
  mysql: 3306,
  redis: 6379,
  nats: 4222,
  etcd: 2379,
}
const connectTimeoutMs = 3_000

/**
 * Tries the servers that the environment names, so that a wrong url is one sentence at the start and not a hundred
 * failing tests.
 *
 * @returns one sentence for each that cannot be reached
 */
export const unreachable = async (
  given: readonly ServerKind[],
  env: Environment,
): Promise<readonly string[]> => {
  const complaints = await Promise.all(
    given.map(async (kind) => {
      const reason = await tryUrl(env[urlVariables[kind]] ?? '', defaultPorts[kind])
      return reason === undefined ? [] : [`${urlVariables[kind]}: ${reason}`]
    }),
  )
  return complaints.flat()
}

const tryUrl = async (text: string, defaultPort: number): Promise<string | undefined> => {
  if (!URL.canParse(text)) return `"${text}" is no url.`
  const url = new URL(text)
  const port = url.port === '' ? defaultPort : Number(url.port)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const socket = connect({ host, port })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(connectTimeoutMs) })
    return undefined
  } catch (error) {
    // The url may hold a password: name host and port only.
    return `${host}:${port} cannot be reached (${error instanceof Error ? error.message : String(error)}).`
  } finally {
    socket.destroy()
  }
}
