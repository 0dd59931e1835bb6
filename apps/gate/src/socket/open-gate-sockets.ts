import type { Lifecycle, ListenAddress, Logger } from '@hydra/runtime'
import type { GateConfig } from '../config.ts'
import type { AcceptConnection, SocketServer } from './connection.ts'
import { openSocketServer } from './open-socket-server.ts'
import { joinServers } from './socket-servers.ts'
import { openTcpServer } from './tcp-server.ts'
import { TrustedProxies } from './trusted-proxies.ts'

/** Everything that a gate listens on. */
export interface GateSockets {
  /** All of them as one. */
  readonly servers: Pick<SocketServer, 'publish' | 'subscribers' | 'stopListening'>
  /** Where WebSockets connect. */
  readonly address: ListenAddress
  /** For the gate's record in the registry. */
  readonly metadata: Readonly<Record<string, string>>
}

/** Opens the sockets that a gate's configuration asks for; `lifecycle` closes them. @throws ListenError. */
export async function openGateSockets(
  { gate, tcp: tcpSection, limits }: Pick<GateConfig, 'gate' | 'tcp' | 'limits'>,
  accept: AcceptConnection,
  { lifecycle, log }: { readonly lifecycle: Lifecycle; readonly log: Logger },
): Promise<GateSockets> {
  const { host, port, transport, tlsCertFile, tlsKeyFile, trustedProxies } = gate
  const options = {
    host,
    accept,
    // Somewhat too long is read and refused with a reason; far too long is not read at all.
    maxMessageBytes: 2 * limits.maxPacketBytes,
    maxBackpressureBytes: limits.maxBackpressureBytes,
    tls:
      tlsCertFile === undefined || tlsKeyFile === undefined
        ? undefined
        : { certFile: tlsCertFile, keyFile: tlsKeyFile },
    trustedProxies: trustedProxies.length === 0 ? undefined : new TrustedProxies(trustedProxies),
  }
  const start = async (name: string, open: () => Promise<SocketServer>): Promise<SocketServer> => {
    const server = await lifecycle.start(name, open, (part) => part.close())
    log.info({ ...server.address, transport: server.transport }, 'listening')
    return server
  }

  const web = await start('socket', () => openSocketServer(transport, { ...options, port }, log))
  const webMetadata = { transport: web.transport }
  const { port: tcpPort, tls, proxyProtocol } = tcpSection
  if (tcpPort === undefined)
    return { servers: joinServers([web]), address: web.address, metadata: webMetadata }

  const tcpOptions = { ...options, port: tcpPort, proxyProtocol, tls: tls ? options.tls : undefined }
  const tcp = await start('tcp', () => openTcpServer(tcpOptions))
  return {
    servers: joinServers([web, tcp]),
    address: web.address,
    metadata: { ...webMetadata, tcpPort: String(tcp.address.port) },
  }
}
