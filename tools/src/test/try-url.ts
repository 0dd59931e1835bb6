import { once } from 'node:events'
import { connect } from 'node:net'
import type { ServerKind } from '@hydra/testing'

const defaultPorts: Readonly<Record<ServerKind, number>> = {
  mysql: 3306,
  redis: 6379,
  nats: 4222,
  etcd: 2379,
}
const connectTimeoutMs = 3_000

/**
 * Tries to connect to a server.
 *
 * @returns why that cannot be, in one sentence without a password
 * @example await tryUrl('redis', 'redis://127.0.0.1:6379')
 */
export const tryUrl = async (kind: ServerKind, text: string): Promise<string | undefined> => {
  if (!URL.canParse(text)) return `"${text}" is no url.`
  const url = new URL(text)
  const port = url.port === '' ? defaultPorts[kind] : Number(url.port)
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
