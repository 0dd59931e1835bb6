// The yardstick: uWebSockets.js publishing every message to all connections, and nothing else. Prints its port.
import uws from 'uWebSockets.js'

const app = uws.App().ws('/*', {
  compression: uws.DISABLED,
  idleTimeout: 0,
  sendPingsAutomatically: false,
  open: (socket) => void socket.subscribe('world'),
  message: (_, message) => void app.publish('world', message, true, false),
})
app.listen('127.0.0.1', 0, (socket) => {
  if (socket === false) throw new Error('The server cannot listen.')
  console.log(uws.us_socket_local_port(socket))
})
process.on('SIGTERM', () => process.exit(0))
