import { EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createContext, runInContext } from 'node:vm'
import { WebSocket } from 'ws'

/** What Pomelo's own JavaScript client offers a page. */
export interface PomeloJsClient {
  init(params: { host: string; port: number }, onReady: () => void): void
  request(route: string, body: object, onAnswer: (body: unknown) => void): void
  notify(route: string, body: object): void
  on(event: string, listener: (body: unknown) => void): void
  disconnect(): void
}

const { resolve } = createRequire(import.meta.url)

/**
 * Pomelo's JavaScript client (`pomelo-jsclient-websocket` and `pomelo-protocol`), unmodified, in something that looks
 * like a page to it: a global scope of its own with a WebSocket.
 */
export function loadPomeloJsClient(): PomeloJsClient {
  const quiet = { log() {}, error() {} }
  const page: Record<string, unknown> = { WebSocket, EventEmitter, console: quiet, setTimeout, clearTimeout }
  page['window'] = page
  page['module'] = {}
  createContext(page)
  for (const script of ['pomelo-protocol/lib/protocol.js', 'pomelo-jsclient-websocket'])
    runInContext(readFileSync(resolve(script), 'utf8'), page, { filename: script })
  return page['pomelo'] as PomeloJsClient
}
