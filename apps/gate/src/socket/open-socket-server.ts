import type { Logger } from '@hydra/runtime'
import {
  ListenError,
  type OpenSocketServer,
  type SocketServer,
  type SocketServerOptions,
} from './connection.ts'
import { openUwsServer } from './uws-server.ts'
import { openWsServer } from './ws-server.ts'

/** Which transport to use for WebSocket: `auto` takes the native one where it can load. */
export const transports = ['auto', 'uws', 'ws'] as const
/** One of {@link transports}. */
export type Transport = (typeof transports)[number]

const systemDrivers: Readonly<Record<Exclude<Transport, 'auto'>, OpenSocketServer>> = {
  uws: openUwsServer,
  ws: openWsServer,
}

/**
 * Opens the transport that was asked for.
 *
 * @throws ListenError; with `uws` also an Error when the native binary cannot load.
 */
export async function openSocketServer(
  transport: Transport,
  options: SocketServerOptions,
  log: Logger,
  drivers = systemDrivers,
): Promise<SocketServer> {
  if (transport !== 'auto') return drivers[transport](options)
  try {
    return await drivers.uws(options)
  } catch (err) {
    if (err instanceof ListenError) throw err
    log.warn(
      { err, node: process.version },
      'uWebSockets.js cannot load on this machine; using the slower ws transport',
    )
    return drivers.ws(options)
  }
}
