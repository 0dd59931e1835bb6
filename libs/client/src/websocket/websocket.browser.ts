import type { OpenWebSocket } from './web-socket.ts'

/** The native WebSocket. */
export const openWebSocket: OpenWebSocket = (url) => {
  const socket = new WebSocket(url)
  socket.binaryType = 'arraybuffer'
  return socket
}
