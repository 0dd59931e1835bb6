import { limits, packetHeaderBytes } from '@hydra/protocol'
import { WebSocket } from 'ws'
import type { OpenWebSocket } from './web-socket.ts'

/** The WebSocket of `ws`: Node 20 has none of its own. */
export const openWebSocket: OpenWebSocket = (url) => {
  const socket = new WebSocket(url, {
    maxPayload: limits.packetBodyMaxBytes + packetHeaderBytes,
    perMessageDeflate: false,
    // Half a minute by default: a process would stay alive that long for a server that has died.
    closeTimeout: 2_000,
    // As in browsers: what awaits a response runs before the next message is delivered, so pushes that follow a
    // response are seen after it.
    allowSynchronousEvents: false,
  })
  socket.binaryType = 'arraybuffer'
  return socket
}
