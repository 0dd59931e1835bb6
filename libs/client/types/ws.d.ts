// The part of ws that the client uses. @types/ws would bring the types of Node into a library that runs in browsers.
declare module 'ws' {
  interface ClientOptions {
    /** Largest message that is accepted. */
    readonly maxPayload: number
    readonly perMessageDeflate: boolean
    /** How long a close waits for the other side before the socket is destroyed. */
    readonly closeTimeout: number
    /** `false`: each message in a task of its own, as in browsers. */
    readonly allowSynchronousEvents: boolean
  }

  export class WebSocket {
    constructor(url: string, options: ClientOptions)
    binaryType: 'arraybuffer'
    readonly bufferedAmount: number
    addEventListener(type: 'open' | 'error', listener: (event: unknown) => void): void
    addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
    addEventListener(
      type: 'close',
      listener: (event: { readonly code: number; readonly reason: string }) => void,
    ): void
    send(data: Uint8Array): void
    close(code?: number, reason?: string): void
  }
}
