import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import type * as client from '@hydra/client'
import * as protocol from '@hydra/protocol'
import { build } from 'esbuild'
import { beforeAll, describe, expect, test } from 'vitest'
import { bundleForBrowser, refuseNodeModules, type BrowserBundle } from './bundle-browser.ts'

const root = join(import.meta.dirname, '../../..')
const { bodyCodec, decodeMessage, decodePacket, encodeMessage, encodePacket, packetType } = protocol

/** The WebSocket of the page: the other end is a gate that knows one route. */
class GateInAPage {
  binaryType = 'blob'
  readonly bufferedAmount = 0
  readonly #listeners = new Map<string, (event: object) => void>()

  constructor() {
    queueMicrotask(() => this.#emit('open', {}))
  }

  addEventListener(type: string, listener: (event: object) => void): void {
    this.#listeners.set(type, listener)
  }

  send(bytes: Uint8Array): void {
    const { type, body } = decodePacket(Uint8Array.from(bytes))
    if (type === packetType.handshake) {
      const sys = { heartbeat: 30, serializer: 'msgpack', dict: { ...protocol.routeDictionary } }
      this.#reply(packetType.handshake, bodyCodec('json').encode({ code: 200, sys }))
    }
    if (type !== packetType.data) return
    const message = decodeMessage(body)
    if (message.kind !== 'request') throw new Error(`expected a request, got a ${message.kind}`)
    const received = bodyCodec('msgpack').decode(message.body) as object
    const answer = bodyCodec('msgpack').encode({ ...received, serverTimeMs: 1 })
    this.#reply(packetType.data, encodeMessage({ kind: 'response', id: message.id, body: answer }))
  }

  close(code: number): void {
    queueMicrotask(() => this.#emit('close', { code, reason: '' }))
  }

  #reply(type: protocol.PacketType, body: Uint8Array): void {
    const data = this.binaryType === 'arraybuffer' ? encodePacket(type, body).buffer : 'a Blob'
    queueMicrotask(() => this.#emit('message', { data }))
  }

  #emit(type: string, event: object): void {
    this.#listeners.get(type)?.(event)
  }
}

/** What a page has besides the language itself. */
const webGlobals = {
  AbortController,
  clearTimeout,
  fetch: () => Promise.reject(new TypeError('Failed to fetch')),
  performance,
  queueMicrotask,
  setTimeout,
  TextDecoder,
  TextEncoder,
  URLSearchParams,
  WebSocket: GateInAPage,
}

let bundle: BrowserBundle

beforeAll(async () => {
  bundle = await bundleForBrowser({ root, format: 'iife' })
})

describe('the browser bundle', () => {
  test('asks for no module and nothing of Node', () => {
    expect(bundle.code).not.toMatch(/["'`]node:/)
    expect(bundle.code).not.toMatch(/\brequire\(/)
    expect(bundle.code).not.toMatch(/\bimport\s*[("'{*]/)
    expect(bundle.gzipBytes).toBeLessThan(bundle.bytes)
  })

  test('connects, calls and closes where only the globals of the web exist and eval is forbidden', async () => {
    const page = createContext({ ...webGlobals }, { codeGeneration: { strings: false, wasm: false } })
    const hydra = runInContext(`${bundle.code}; hydra`, page) as typeof client & typeof protocol
    const game = await hydra.connect({ url: 'ws://gate.example' })
    const answer = await game.request(hydra.routes.game.role.ping, { clientTimeMs: 7 })
    expect({ ...answer }).toEqual({ clientTimeMs: 7, serverTimeMs: 1 })
    await game.close()
    expect(game.closed).toMatchObject({ code: 'CLIENT_CLOSED' })
    await expect(hydra.createAccountApi('http://http.example').serverList()).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
    })
  })
})

test.each(['node:fs', 'events'])(
  'a library that imports %s cannot be bundled, and is named',
  async (module) => {
    const bundling = build({
      stdin: { contents: `import '${module}'`, resolveDir: root, sourcefile: 'some-library.ts' },
      bundle: true,
      write: false,
      platform: 'browser',
      logLevel: 'silent',
      plugins: [refuseNodeModules],
    })
    const failure = await bundling.catch((error: unknown) => String(error))
    expect(failure).toContain('some-library.ts:1:7')
    expect(failure).toContain(`"${module}" exists in Node only.`)
  },
)
