import { HydraError, packetType, type Serializer } from '@hydra/protocol'
import type { ClientClock } from './client-clock.ts'
import { Connection } from './connection.ts'
import { handshakeBody, readHandshake, type ClientInfo } from './handshake.ts'
import { PacketSocket } from './packet-socket.ts'
import type { OpenWebSocket } from './websocket/web-socket.ts'

/** What {@link openConnection} needs to know. */
export interface ConnectionSettings {
  readonly url: string
  readonly serializer: Serializer
  readonly clientInfo: ClientInfo
  /** From the first byte to the end of the handshake. */
  readonly connectTimeoutMs: number
  /** Data waiting to leave beyond this makes further requests fail instead of growing without bound. */
  readonly maxBufferedBytes: number
  readonly clock: ClientClock
  readonly openWebSocket: OpenWebSocket
}

/**
 * Connects and shakes hands.
 *
 * @throws HydraError `BAD_REQUEST` for an address that is none, `CONNECTION_CLOSED` when nobody answers there,
 * `TIMEOUT`, `PROTOCOL_ERROR` when the server refuses, or the code of a kick such as `BANNED`.
 */
export function openConnection(settings: ConnectionSettings): Promise<Connection> {
  const { url, clock, connectTimeoutMs } = settings
  return new Promise((resolve, reject) => {
    let opened = false
    const socket = openSocket(settings, {
      onOpen() {
        opened = true
        socket.send(packetType.handshake, handshakeBody(settings.clientInfo, settings.serializer))
      },
      onPacket(packet) {
        try {
          const agreement = readHandshake(packet, settings.serializer)
          timer.cancel()
          resolve(new Connection(socket, agreement, clock))
        } catch (error) {
          fail(HydraError.from(error))
        }
      },
      onInvalid: (error) => fail(error),
      onClosed: ({ code, reason, error }) => {
        const detail = `WebSocket code ${code}${reason === '' ? '' : `: ${reason}`}`
        const what = opened ? 'closed the connection before the handshake was done' : 'cannot be reached'
        fail(new HydraError('CONNECTION_CLOSED', `${url} ${what} (${detail}).`, { cause: error }))
      },
    })
    const timer = clock.after(connectTimeoutMs, () =>
      fail(new HydraError('TIMEOUT', `${url} did not finish the handshake within ${connectTimeoutMs} ms.`)),
    )
    const fail = (error: HydraError) => {
      timer.cancel()
      socket.handlers = deaf
      socket.close()
      reject(error)
    }
  })
}

/** After a failure nothing that still arrives matters. */
const deaf: PacketSocket['handlers'] = {
  onOpen: () => {},
  onPacket: () => {},
  onInvalid: () => {},
  onClosed: () => {},
}

function openSocket(settings: ConnectionSettings, handlers: PacketSocket['handlers']): PacketSocket {
  try {
    return new PacketSocket(settings, handlers)
  } catch (cause) {
    throw new HydraError('BAD_REQUEST', `"${settings.url}" is no WebSocket address.`, { cause })
  }
}
