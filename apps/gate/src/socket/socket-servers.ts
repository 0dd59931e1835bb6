import type { SocketServer } from './connection.ts'

/**
 * Several servers as one: their connections hear the same topics.
 *
 * @example const servers = joinServers([webSocket, tcp])
 */
export function joinServers(
  servers: readonly SocketServer[],
): Pick<SocketServer, 'publish' | 'subscribers' | 'stopListening'> {
  const [only, ...others] = servers
  if (only !== undefined && others.length === 0) return only
  return {
    publish(topic, packet) {
      for (const server of servers) if (server.subscribers(topic) > 0) server.publish(topic, packet)
    },
    subscribers: (topic) => servers.reduce((sum, server) => sum + server.subscribers(topic), 0),
    stopListening() {
      for (const server of servers) server.stopListening()
    },
  }
}
